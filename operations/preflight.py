"""What speaks against sending letters now, as far as the table knows: their groups, the code that would run, the
destination, their deadlines. Warnings are counted and named; none of them stops a redrive, and what is not known is
not warned of. Only reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from operations.verdicts import name_of, unqualified
from store import dead_letters, error_groups, functions, jobs, queues
from store.clock import DAY_MS, HOUR_MS, iso
from store.records import FunctionInfo, Place
from store.recovery import DeadLetter, Job, Outcome, Queue, Way
from store.table import Table

SAMPLED = 200
"""Earlier lives read for one group, and letters of its last redrive: enough to tell whether it came back whole."""
SOON_MS = DAY_MS
STALE_MS = 3 * HOUR_MS
"""Queues are looked at every minute, functions at least hourly: what was not seen for so long is not there."""
LATEST = "$LATEST"
_SENT = (Outcome.SENT, Outcome.SUCCEEDED, Outcome.PRESUMED)


class WarningKind(StrEnum):
    CAME_BACK = "group came back whole"
    SAME_VERSION = "same version that failed"
    DESTINATION_GONE = "destination gone"
    PAUSED = "destination paused"
    THROTTLED = "destination throttled"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    MAY_HAVE_ARRIVED = "may have arrived before"
    EDITED = "edited"
    STORED_RESULT = "returns the stored result"
    LOCKED = "locked"
    STUCK = "stuck"
    UNPROTECTED = "unprotected"


@dataclass(frozen=True, slots=True)
class Warning:
    """One thing to know before the button: of which kind, for how many letters, in a sentence, and which they are."""

    kind: WarningKind
    count: int
    sentence: str
    letters: tuple[str, ...]


def bare(letter: DeadLetter) -> DeadLetter:
    """The letter without what makes it large, so that a whole selection fits into memory."""
    edit = replace(letter.edit, text="", patch=None) if letter.edit else None
    return replace(letter, body="", attributes={}, system={}, edit=edit, notes=())


def warnings(table: Table, place: Place, letters: Sequence[DeadLetter], now: int) -> tuple[Warning, ...]:
    """What is known against sending these letters at `now` (epoch ms), the gravest first. Raises StoreError."""
    if not letters:
        return ()
    known = {queue.arn: queue for queue in queues.of_place(table, place)}
    told = {info.name: info for info in functions.of_place(table, place)}
    return (
        *_came_back(table, place, letters),
        *_same_version(table, place, letters, told),
        *_destinations(place, letters, known, told),
        *_deadlines(letters, now),
        *_each(WarningKind.MAY_HAVE_ARRIVED, [one for one in letters if one.ambiguous],
               "had a send without an answer: it may have arrived, and this one be a duplicate"),
        *_each(WarningKind.EDITED, [one for one in letters if one.edit], "would be sent as edited"),
    )


def counted(kind: WarningKind, letters: Sequence[DeadLetter], sentence: str) -> Warning:
    return Warning(kind, len(letters), sentence, tuple(letter.message_id for letter in letters))


def _each(kind: WarningKind, letters: Sequence[DeadLetter], what: str) -> Iterator[Warning]:
    if letters:
        yield counted(kind, letters, f"{_plural(len(letters))} {what}.")


def _plural(count: int) -> str:
    return "1 letter" if count == 1 else f"{count:,} letters"


def _came_back(table: Table, place: Place, letters: Sequence[DeadLetter]) -> Iterator[Warning]:
    groups: dict[str, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        if letter.fingerprint:
            groups[letter.fingerprint].append(letter)
    for fingerprint, group in groups.items():
        last = _last_redrive(table, place, group)
        back = _back_whole(table, last, fingerprint) if last else 0
        if last and back:
            yield counted(WarningKind.CAME_BACK, group, (
                f"{_plural(len(group))} of {_named(group[0])}: the last redrive of this group, {last.id} of "
                f"{iso(last.asked_at)}, came back whole. Look at what changed since before the next try."))


def _last_redrive(table: Table, place: Place, group: Sequence[DeadLetter]) -> Job | None:
    """The newest job that sent an earlier life of the group and is not sending any more."""
    by_queue: dict[str, list[str]] = defaultdict(list)
    for key in [one.previous for one in group if one.previous][:SAMPLED]:
        queue, _, message_id = key.rpartition("/")
        by_queue[queue].append(message_id)
    ids = {letter.job_id for queue, wanted in by_queue.items()
           for letter in dead_letters.get_many(table, place, queue, wanted).values() if letter.job_id}
    found = [job for job_id in ids if (job := jobs.get(table, job_id))]
    return max(found, key=lambda job: job.asked_at, default=None)


def _back_whole(table: Table, job: Job, fingerprint: str) -> int:
    """How many came back, if none of the group's letters in the job did anything else; 0 when one did, or when there
    are too many others to tell."""
    results = jobs.results(table, job.id)
    back = [one for one in results if one.outcome is Outcome.RETURNED]
    others = [one.letter.removeprefix(f"{job.queue}/") for one in results if one.outcome in _SENT]
    if len(others) > SAMPLED:
        return 0
    found = dead_letters.get_many(table, job.place, job.queue, others).values()
    return 0 if any(letter.fingerprint == fingerprint for letter in found) else len(back)


def _same_version(table: Table, place: Place, letters: Sequence[DeadLetter],
                  told: dict[str, FunctionInfo]) -> Iterator[Warning]:
    groups: dict[tuple[str, str | None], list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        if letter.function in told:
            groups[letter.function or "", letter.fingerprint].append(letter)
    for (name, fingerprint), group in groups.items():
        failing = error_groups.get(table, place, fingerprint) if fingerprint else None
        if failing and failing.last_version not in (None, LATEST, told[name].version):
            continue  # a published version failed, and which one runs now is an alias's business
        changed = told[name].last_modified
        seen = failing.last_seen if failing else 0
        same = [one for one in group if changed is not None and (one.sent_at or 0) >= changed]
        same = group if changed is not None and seen >= changed else same
        if same:
            yield counted(WarningKind.SAME_VERSION, same, (
                f"{_plural(len(same))} of {_named(group[0])}: {name} still runs the code that failed; it was last "
                f"changed at {iso(changed or 0)}."))


def _named(letter: DeadLetter) -> str:
    return f"{letter.error_type or 'an unnamed error'} in {letter.function or 'an unknown function'}"


def _destinations(place: Place, letters: Sequence[DeadLetter], known: dict[str, Queue],
                  told: dict[str, FunctionInfo]) -> Iterator[Warning]:
    looked = {Way.SEND: max((queue.seen_at for queue in known.values()), default=0),
              Way.INVOKE: max((info.seen_at for info in told.values()), default=0)}
    going: dict[tuple[Way, str], list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        going[letter.destination.way, letter.destination.arn].append(letter)
    for (way, arn), group in going.items():
        here = f":{place.region}:{place.account}:" in arn and looked[way] > 0
        queue = known.get(arn)
        readers = queue.consumers if queue else (unqualified(arn).rsplit(":", 1)[-1],) if way is Way.INVOKE else ()
        seen = [queue.seen_at] if queue else [told[name].seen_at for name in readers if name in told]
        if here and (not seen or max(seen) < looked[way] - STALE_MS):
            yield counted(WarningKind.DESTINATION_GONE, group,
                          f"{_plural(len(group))}: {name_of(arn)} was not there when this account was last looked at.")
        elif queue and queue.resting and set(queue.consumers) <= set(queue.resting):
            yield counted(WarningKind.PAUSED, group, (
                f"{_plural(len(group))}: nothing reads {name_of(arn)} now; the event source mapping of "
                f"{', '.join(queue.resting)} is switched off."))
        shut = [name for name in readers if name in told and told[name].reserved_concurrency == 0]
        if shut:
            yield counted(WarningKind.THROTTLED, group, (
                f"{_plural(len(group))}: {', '.join(shut)} has a reserved concurrency of 0, so every invocation is "
                "throttled."))


def _deadlines(letters: Iterable[DeadLetter], now: int) -> Iterator[Warning]:
    dated = [(letter, letter.expires_at) for letter in letters if letter.expires_at is not None]
    yield from _each(WarningKind.EXPIRED, [letter for letter, at in dated if at <= now],
                     "should have expired in its queue by now; what is not found there is not sent")
    soon = [(letter, at) for letter, at in dated if now < at <= now + SOON_MS]
    if soon:
        first = min(at for _, at in soon)
        yield from _each(WarningKind.EXPIRING, [letter for letter, _ in soon],
                         f"will expire within a day, the first at {iso(first)}")
