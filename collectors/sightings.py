"""What the logs say of dead letters: that a redriven message was processed, and why a message died."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from collectors.arns import function_name
from collectors.facts import cause_of, group_of
from store import dead_letters, outcomes, queues
from store.errors import ConditionLost
from store.records import FailedMessage, Invocation, Place, Status
from store.recovery import DeadLetter, LetterState, Queue
from store.table import Table

MAX_LETTERS = 100
"""Letters asked for per function and run: one read of the table's batch size. The newest failures first."""


class Sightings:
    """What to look for in one run. Read from the table once, at its beginning."""

    def __init__(self, awaited: Iterable[DeadLetter] = (), known: Iterable[Queue] = ()) -> None:
        self._awaited = {letter.sent_message_id: letter for letter in awaited if letter.sent_message_id}
        by_arn = {queue.arn: queue for queue in known}
        self._read_from = _read_from(by_arn)
        self._given_up_to = _given_up_to(by_arn)

    @classmethod
    def load(cls, table: Table, place: Place) -> Sightings:
        """Raises StoreError."""
        return cls(dead_letters.awaiting(table, place), queues.of_place(table, place))

    def settle(self, table: Table, function: str, closed: Iterable[Invocation]) -> int:
        """Letters sent back and now processed. Returns how many were settled.

        An SQS message is known by its id in the log of an invocation that did not fail it; an asynchronous event
        by the request id it was accepted under."""
        settled = 0
        for invocation in closed:
            if invocation.status is Status.OK and self._awaited:
                settled += sum(self._settled(table, function, invocation, name) for name in _processed(invocation))
        return settled

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

    def _settled(self, table: Table, function: str, invocation: Invocation, name: str) -> bool:
        letter = self._awaited.pop(name, None)
        if letter is None or invocation.ended_at is None:
            return False
        evidence = f"processed by {function}, request {invocation.request_id}"
        return outcomes.settle(table, letter, LetterState.SUCCEEDED, evidence, invocation.ended_at) is not None


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
