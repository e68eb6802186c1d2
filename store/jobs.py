"""Redrive jobs: the command a page writes, the lease a worker holds, the results both read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from store import keys
from store.errors import ConditionLost
from store.items import Item, from_item, to_item
from store.records import Place
from store.recovery import Job, JobResult, JobState, Outcome
from store.seen import Seen
from store.table import ABSENT, Condition, Table, Write

IDS_PER_PART = 2_000
"""Message ids in one selection item: 36 characters each, about 80 KB."""


def create(table: Table, job: Job, message_ids: Sequence[str]) -> bool:
    """Freeze the selection, then write the job. True when it is new: the same id twice is one job.

    The job row is written last, so a worker never sees a job without its whole selection."""
    if table.get(keys.job(job.id)):
        return False
    for start in range(0, len(message_ids), IDS_PER_PART):
        part = list(message_ids[start:start + IDS_PER_PART])
        if not _frozen(table, keys.job_selection(job.id, start // IDS_PER_PART), part):
            return False
    if not table.put_if_absent(keys.job(job.id), _item(job)):
        return False
    table.put(keys.job_history(job.place, job.asked_at, job.id), {"v": 1, "job": job.id})
    return True


def _frozen(table: Table, key: keys.Key, part: list[str]) -> bool:
    """True when this part of the selection stands, be it from a first try that was cut off; False when another
    selection was frozen under the same id."""
    if table.put_if_absent(key, {"v": 1, "message_ids": part}):
        return True
    standing = table.get(key)
    return standing is not None and standing["message_ids"] == part


def get(table: Table, job_id: str) -> Job | None:
    item = table.get(keys.job(job_id))
    return from_item(Job, item) if item else None


def selection(table: Table, job_id: str) -> list[str]:
    """The message ids as frozen when the job was asked for, in that order."""
    return list(each_selected(table, job_id))


def each_selected(table: Table, job_id: str) -> Iterator[str]:
    """The same, one part of the selection in memory at a time."""
    for part in table.query(keys.job(job_id).pk, "S#"):
        yield from part["message_ids"]


def open_jobs(table: Table) -> Iterator[Job]:
    """Jobs that are not finished, oldest first."""
    for item in table.query_open(keys.open_jobs()):
        yield from_item(Job, item)


def recent(table: Table, place: Place, limit: int = 50) -> list[Job]:
    """The newest jobs of a place, finished ones included."""
    rows = table.query(keys.job_history(place, 0, "").pk, newest_first=True, limit=limit)
    items = table.get_many(keys.job(row["job"]) for row in rows)
    return sorted((from_item(Job, item) for item in items), key=lambda job: job.asked_at, reverse=True)


def lease(table: Table, job: Job, owner: str, now: int, until: int) -> Job | None:
    """Take the job for this worker until `until` (epoch ms), or None while another holds it.

    The fence grows, so that a worker that stalled past its lease can write the job no more."""
    free = Condition(
        "#fence = :fence AND (#lease_until < :now OR #lease_owner = :owner)",
        {"fence": job.fence, "now": now, "owner": owner}, ("fence", "lease_until", "lease_owner"),
    )
    changes = {"lease_owner": owner, "lease_until": until, "fence": job.fence + 1}
    try:
        return from_item(Job, table.update(keys.job(job.id), changes, free))
    except ConditionLost:
        return None


def save(table: Table, job: Job) -> Job:
    """Write what the leasing worker knows and return the job as it stands, a cancel asked meanwhile included.

    Raises ConditionLost when another worker has taken the lease."""
    item = _item(job)
    changes = {name: item.get(name) for name in (
        "state", "started_at", "sent_at", "finished_at", "counts", "lease_owner", "lease_until", "problem",
        "stage", "tolerated", "paused_consumer", "given_back", "deleting", "open", "open_at",
    )}
    condition = Condition("#fence = :mine", {"mine": job.fence}, ("fence",))
    return from_item(Job, table.update(keys.job(job.id), {**changes, "lease_until": job.lease_until}, condition))


def beat(job: Job) -> Write:
    """A renewed lease and the counts, to be written together with a batch's journal: refused when another worker
    has the lease, or when a person asked for something this worker has not heard of."""
    condition = Condition(
        "#fence = :fence AND #cancel_asked = :cancel AND "
        "(#pause_asked = :pause OR attribute_not_exists(#pause_asked))",
        {"fence": job.fence, "cancel": job.cancel_asked, "pause": job.pause_asked},
        ("fence", "cancel_asked", "pause_asked"),
    )
    changes = {"lease_until": job.lease_until, "counts": dict(job.counts), "deleting": list(job.deleting)}
    return Write(keys.job(job.id), changes, condition)


def pause_itself(table: Table, job: Job) -> Job:
    """Write a job down as paused by its own doing. Raises ConditionLost when another worker has taken the lease."""
    changes = {"state": JobState.PAUSED.value, "pause_asked": True, "problem": job.problem, "tolerated": job.tolerated,
               "counts": dict(job.counts), "lease_owner": None, "lease_until": 0}
    condition = Condition("#fence = :mine", {"mine": job.fence}, ("fence",))
    return from_item(Job, table.update(keys.job(job.id), changes, condition))


def ask_pause(table: Table, job: Job, wanted: bool) -> Job:
    """Leave the wish to stand still, or to go on, for the worker."""
    return from_item(Job, table.update(keys.job(job.id), {"pause_asked": wanted}, Condition("attribute_exists(pk)")))


def ask_cancel(table: Table, job: Job) -> Job:
    """Leave a note for the worker; it stops after the batch in its hands."""
    return from_item(Job, table.update(keys.job(job.id), {"cancel_asked": True}, Condition("attribute_exists(pk)")))


def put_first_result(table: Table, job_id: str, result: JobResult) -> bool:
    """Write a result unless the message has one already, so that a worker never writes over what happened since."""
    return table.put_if_absent(keys.job_result(job_id, result.letter), to_item(result))


def sent_together(job: Job, number: int, sent: Sequence[JobResult]) -> Write:
    """One item for what one batch sent, to be written with the letters. Whatever else becomes known of one of its
    messages is an item of its own, and counts instead."""
    rows = [[one.letter, one.at, one.sent_message_id, one.ambiguous, *filter(None, [one.edit])] for one in sent]
    return Write(keys.job_results(job.id, job.fence, number), {"v": 1, "sent": rows}, whole=True)


def first_result(job_id: str, result: JobResult) -> Write:
    """What `put_first_result` would write, to be written together with others."""
    return Write(keys.job_result(job_id, result.letter), to_item(result), ABSENT, whole=True)


def put_results(table: Table, job_id: str, results: Iterable[JobResult]) -> None:
    table.put_many((keys.job_result(job_id, result.letter), to_item(result)) for result in results)


def results(table: Table, job_id: str) -> list[JobResult]:
    return list(each_result(table, job_id))


def each_result(table: Table, job_id: str) -> Iterator[JobResult]:
    """Every message's result, once, and little of them in memory. Results of their own come first, then those that
    stand for a whole batch, where a message can stand only once: it is sent once by a job."""
    told = Seen()
    for item in table.query(keys.job(job_id).pk, keys.JOB_RESULTS):
        if "sent" in item:
            yield from (result for result in _sent(item) if result.letter not in told)
        else:
            result = from_item(JobResult, item)
            told.add(result.letter)
            yield result


def _sent(item: Item) -> list[JobResult]:
    return [JobResult(letter, Outcome.SENT, at, "", sent_message_id, ambiguous, *edit)
            for letter, at, sent_message_id, ambiguous, *edit in item["sent"]]


def recount(table: Table, job: Job) -> Job:
    """The job with its counts taken from its results."""
    return replace(job, counts=dict(Counter(str(result.outcome) for result in each_result(table, job.id))))


def _item(job: Job) -> Item:
    item = to_item(job)
    if job.state.open:
        item |= {"open": keys.open_jobs(), "open_at": job.asked_at}
    return item
