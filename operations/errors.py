"""Why an operator's request does not run. Nothing was changed by a request that raised one of these.

    OperationRefused            (store.errors)
    ├── NotAllowed              the role may not, or writes are off; names the role it takes
    ├── ReasonRequired          no reason worth reading in the audit
    ├── NothingSelected         an empty selection, or none of it can run
    ├── TooMany                 over a named cap
    ├── BadRate                 a rate no queue can be held to
    ├── BadRamp                 canary stages that cannot be
    ├── BadSchedule             a time too far away
    ├── BadDestination          another place that letters must not be sent to
    ├── UnknownDeadLetters      message ids the table does not hold
    ├── AlreadyRedriving        another open job holds some of these letters
    ├── BeingMoved              a move task takes everything out of their queue
    ├── JobNotFound
    ├── JobFinished             too late to cancel
    ├── OtherPlace              the account or region is not this worker's
    ├── CommandNotPossible      what a command asks for cannot be done there, and why
    ├── BadPlan                 a plan file that cannot be read
    ├── BadPatch                a JSON Patch that cannot be read, or does not fit; names the operation
    ├── EditMoved               what an edit would do is not what was shown any more
    ├── BadImport               an export that does not verify; names the line
    ├── RecordMoved             the idempotency record is not what was shown any more
    ├── RecordNotFound
    ├── NotReleasable           the record is no lock, or its invocation may still be running
    └── UnknownKeySchema        an idempotency table or payload that does not fit the question
"""

from __future__ import annotations

from collections.abc import Sequence

from store.errors import OperationRefused
from store.records import Place

NAMED = 3
"""Ids spelled out in a sentence; the rest is a number."""


class NotAllowed(OperationRefused):
    """The actor may not do this; `needed` is the lowest role that may (empty when writes are off)."""

    def __init__(self, message: str, advice: str, needed: str = "") -> None:
        super().__init__(message, advice)
        self.needed = needed


class OtherPlace(OperationRefused):
    """What is asked for concerns another account or region than the one this worker acts in."""

    def __init__(self, asked: Place, here: Place) -> None:
        super().__init__(
            f"It concerns account {asked.account} in {asked.region}; the worker here acts in account {here.account} "
            f"in {here.region} only. Ask for it in a Lamplight that is deployed there: the role that is taken on to "
            "collect may only read.")


class ReasonRequired(OperationRefused):
    """The reason is missing or too short to tell anybody anything."""

    def __init__(self, least: int) -> None:
        super().__init__(f"A reason of at least {least} letters is required.",
                         "Say in a few words what was fixed; it is kept in the audit.")


class NothingSelected(OperationRefused):
    """Nothing to act on. `why` counts the verdicts when letters were selected but none can run."""

    def __init__(self, why: str = "") -> None:
        super().__init__(f"None of the selected dead letters can be sent: {why}." if why
                         else "No dead letter is selected.", "Select at least one that can be sent.")


class TooMany(OperationRefused):
    """More than one request may hold."""

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"{count:,} dead letters are selected; one redrive takes at most {limit:,}.",
                         "Select fewer and repeat.")
        self.count = count
        self.limit = limit


class BadRate(OperationRefused):
    """A rate outside what is offered, messages per second."""

    def __init__(self, rate: int, limit: int) -> None:
        super().__init__(f"A rate of {rate} messages per second is not possible.",
                         f"Choose 1 to {limit}, or no rate.")


class BadRamp(OperationRefused):
    """Canary stages that cannot be, or that would never know how they came out."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"This canary is not possible: {problem}.", "Choose 1, 10 and the rest, or no canary.")


class BadSchedule(OperationRefused):
    """A time too far away to be meant, days ahead at most."""

    def __init__(self, days: int) -> None:
        super().__init__(f"A redrive can wait {days} days at most.", "Choose an earlier time, in epoch milliseconds.")


class BadDestination(OperationRefused):
    """An ARN that letters must not be sent to."""

    def __init__(self, arn: str, problem: str) -> None:
        super().__init__(f"{arn} {problem}.", "Name a queue or function of this account that Lamplight has looked at.")
        self.arn = arn


class UnknownDeadLetters(OperationRefused):
    """Ids that are no dead letters of that queue; all of them in `message_ids`."""

    def __init__(self, queue: str, message_ids: Sequence[str]) -> None:
        super().__init__(f"{queue} holds no dead letter {_some(message_ids)}.", "Look at the list again, then select.")
        self.message_ids = tuple(message_ids)


class AlreadyRedriving(OperationRefused):
    """Some of these letters belong to an open job already."""

    def __init__(self, job_id: str, message_ids: Sequence[str]) -> None:
        super().__init__(f"Redrive {job_id} already holds {_some(message_ids)}.",
                         "Follow or cancel that one, or select others.")
        self.job_id = job_id
        self.message_ids = tuple(message_ids)


class BeingMoved(OperationRefused):
    """A move task takes everything out of the queue these letters are in."""

    def __init__(self, queue: str) -> None:
        super().__init__(f"A task moves everything in {queue} back to where it came from.",
                         "Wait until it is over, or stop it; then select what is left.")


class JobNotFound(OperationRefused):
    """There is no redrive with this id."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no redrive {job_id}.", "`dead-letters status` lists the newest ones.")
        self.job_id = job_id


class JobFinished(OperationRefused):
    """The redrive has nothing left to stop."""

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(f"Redrive {job_id} is {state}: every message has left or been put aside.",
                         "What was sent cannot be called back.")
        self.job_id = job_id
        self.state = state


class CommandNotPossible(OperationRefused):
    """What a command asks for cannot be done to that queue; the sentence says why."""


class BadPlan(OperationRefused):
    """A plan file that is not one of ours."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"This is not a plan: {problem}.", "Make one with `dead-letters plan QUEUE --out FILE`.")


class BadPatch(OperationRefused):
    """A JSON Patch that is none, or that does not fit the document. `number` is the operation, from 1; 0 is all."""

    def __init__(self, problem: str, number: int = 0) -> None:
        super().__init__(f"Operation {number}: {problem}." if number else f"This is not a JSON Patch: {problem}.",
                         "RFC 6902: a list of operations such as "
                         '{"op": "replace", "path": "/order_id", "value": "88123"}.')
        self.number = number


class EditMoved(OperationRefused):
    """A letter changed between the preview and the edit; nothing was edited."""

    def __init__(self) -> None:
        super().__init__("What this edit would do is not what was shown any more.", "Look at the preview again.")


class BadImport(OperationRefused):
    """A file that is no export of ours, or not as it was written. `line` counts from 1; nothing was imported."""

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(f"Line {line}: {problem}." if line else f"This is not a whole export: {problem}.",
                         "Export again, and carry the file over unchanged.")
        self.line = line


class GroupNotFound(OperationRefused):
    """No error group has this fingerprint."""

    def __init__(self, fingerprint: str) -> None:
        super().__init__(f"No error group {fingerprint} is known here.", "Open it from the list of errors.")


class BadTriage(OperationRefused):
    """A decision about an error group that says too little, or what cannot be."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Nothing was decided: {problem}.", "Correct it and decide again.")


class TriageChanged(OperationRefused):
    """Somebody decided about the group after it was shown; nothing was written."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} decided about this error meanwhile.", "Look at it again, then decide.")


class RecordNotFound(OperationRefused):
    """No idempotency record stands under this key."""

    def __init__(self, table: str, key: str) -> None:
        super().__init__(f"{table} holds no record {key}.", "A failed invocation leaves none: it can run again.")


class RecordMoved(OperationRefused):
    """The record changed after it was shown; nothing was deleted."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Record {key} is not what was shown any more.", "Look again, then decide.")


class NotReleasable(OperationRefused):
    """Releasing would do nothing, or could run a side effect twice."""


class UnknownKeySchema(OperationRefused):
    """The table is keyed, or the payload written, in a way this question cannot be answered for."""


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more
