"""What the logs say of dead letters: that a redriven message was processed, and why a message died."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from collectors.arns import function_name
from collectors.facts import cause_of, group_of
from store import dead_letters, jobs, outcomes, queues
from store.clock import HOUR_MS
from store.errors import ConditionLost
from store.records import FailedMessage, Invocation, Place, Status
from store.recovery import DeadLetter, JobResult, LetterState, Outcome, Queue
from store.table import Table

MAX_LETTERS = 100
"""Letters asked for per function and run: one read of the table's batch size. The newest failures first."""
LATE_MS = 2 * HOUR_MS
"""How long after a redrive ended its presumed messages are still looked for: logs can be behind the window."""


class Sightings:
    """What to look for in one run. Read from the table once, at its beginning.

    `awaited` are letters on their way, `presumed` the results of those the window has passed for."""

    def __init__(self, awaited: Iterable[DeadLetter] = (), known: Iterable[Queue] = (),
                 presumed: Iterable[JobResult] = (), place: Place | None = None) -> None:
        self._place = place
        self._awaited: dict[str, DeadLetter | str] = {
            result.sent_message_id: result.letter for result in presumed if result.sent_message_id}
        self._awaited |= {letter.sent_message_id: letter for letter in awaited if letter.sent_message_id}
        by_arn = {queue.arn: queue for queue in known}
        self._read_from = _read_from(by_arn)
        self._given_up_to = _given_up_to(by_arn)

    @classmethod
    def load(cls, table: Table, place: Place) -> Sightings:
        """Raises StoreError."""
        return cls(dead_letters.awaiting(table, place), queues.of_place(table, place), _presumed(table, place), place)

    @property
    def awaits(self) -> bool:
        """Whether the outcome of any redrive is looked for."""
        return bool(self._awaited)

    def concerns(self, function: str) -> bool:
        """Whether what this function fails ends in a dead-letter queue that is known."""
        return function in self._read_from or function in self._given_up_to

    def settle(self, table: Table, function: str, closed: Iterable[Invocation]) -> int:
        """Letters sent back and now processed. Returns how many were settled.

        An SQS message is known by its id in the log of an invocation that did not fail it; an asynchronous event
        by the request id it was accepted under."""
        settled = []
        for invocation in closed:
            if invocation.status is Status.OK and self._awaited:
                settled += [letter for name in _processed(invocation)
                            if (letter := self._settled(table, function, invocation, name))]
        outcomes.correct(table, (letter.job_id for letter in settled))
        return len(settled)

    def explain(self, table: Table, place: Place, function: str, closed: Iterable[Invocation]) -> int:
        """Write the cause of death into letters that have none. Returns how many were explained.

        A message that died in the queue the function reads is known by its id; an event Lambda gave up on, by its
        request id."""
        failing = [invocation for invocation in closed if invocation.status.failed or invocation.failed_message_ids]
        by_message = {failed.message_id: (invocation, failed) for invocation in failing
                      for failed in _failed(invocation)}
        by_request = {invocation.request_id: invocation for invocation in failing if invocation.status.failed}
        wanted = list(by_message)[-MAX_LETTERS:]
        explained = 0
        for queue in self._read_from.get(function, ()) if wanted else ():
            for name, letter in dead_letters.get_many(table, place, queue, wanted).items():
                if letter.request_id is None:
                    explained += _explained(table, letter, function, *by_message[name])
        for queue in self._given_up_to.get(function, ()) if by_request else ():
            for letter in dead_letters.dead_in_queue(table, place, queue, MAX_LETTERS):
                cause = by_request.get(letter.request_id or "")
                if cause is not None and letter.fingerprint is None:
                    explained += _explained(table, letter, function, cause)
        return explained

    def _settled(self, table: Table, function: str, invocation: Invocation, name: str) -> DeadLetter | None:
        found = self._awaited.pop(name, None)
        if found is None or invocation.ended_at is None:
            return None
        letter = self._read(table, found) if isinstance(found, str) else found
        if letter is None or letter.sent_message_id != name:
            return None
        evidence = f"processed by {function}, request {invocation.request_id}"
        return outcomes.settle(table, letter, LetterState.SUCCEEDED, evidence, invocation.ended_at)

    def _read(self, table: Table, key: str) -> DeadLetter | None:
        queue, _, message_id = key.partition("/")
        return dead_letters.get(table, self._place, queue, message_id) if self._place else None


def _presumed(table: Table, place: Place) -> Iterable[JobResult]:
    """Messages of redrives that ended lately whose processing nobody saw."""
    since = table.clock() - LATE_MS
    for job in jobs.recent(table, place):
        if job.count(Outcome.PRESUMED) and (job.finished_at or table.clock()) > since:
            yield from (one for one in jobs.results(table, job.id) if one.outcome is Outcome.PRESUMED)


def _read_from(by_arn: Mapping[str, Queue]) -> dict[str, list[str]]:
    """Function → the dead-letter queues of the queues it reads."""
    found: dict[str, list[str]] = {}
    for queue in by_arn.values():
        dead = by_arn.get(queue.dead_letter_arn or "")
        for function in queue.consumers if dead else ():
            found.setdefault(function, []).append(dead.name if dead else "")
    return found


def _given_up_to(by_arn: Mapping[str, Queue]) -> dict[str, list[str]]:
    """Function → the queues its failed asynchronous events go to."""
    found: dict[str, list[str]] = {}
    for queue in by_arn.values():
        for arn in queue.sources:
            if ":function:" in arn:
                found.setdefault(function_name(arn), []).append(queue.name)
    return found


def _processed(invocation: Invocation) -> Iterable[str]:
    failed = set(invocation.failed_message_ids)
    return (*(name for name in invocation.message_ids if name not in failed), invocation.request_id)


def _failed(invocation: Invocation) -> Iterable[FailedMessage]:
    """Messages the invocation failed. What a message's own line says comes before what ended the whole batch."""
    own = {failed.message_id: failed for failed in invocation.failed_messages}
    mentioned = invocation.message_ids if invocation.status.failed else ()
    return [own.get(name) or FailedMessage(name) for name in (*own, *(one for one in mentioned if one not in own))]


def _explained(table: Table, letter: DeadLetter, function: str, invocation: Invocation,
               failed: FailedMessage | None = None) -> bool:
    known = failed if failed and failed.error_type else invocation
    after = replace(
        letter, function=letter.function or function, request_id=invocation.request_id,
        error_type=known.error_type or letter.error_type, error_message=known.error_message or letter.error_message,
        fingerprint=cause_of(function, known) if isinstance(known, FailedMessage) else group_of(function, invocation),
    )
    try:
        dead_letters.save(table, letter, after)
    except ConditionLost:
        return False  # somebody is at work on it; the next run reads it again
    return True
