"""Whether one letter may go back, and where to. Pure; asked by the plan, and again by the worker as it sends."""

from __future__ import annotations

from enum import StrEnum

from operations import payloads
from store.recovery import Custody, DeadLetter, LetterState, Queue, Way

FUNCTION_ARN_PARTS = 7
"""arn:partition:lambda:region:account:function:name; an eighth is the version or alias."""


class Verdict(StrEnum):
    """What would happen to one letter."""

    WILL_RUN = "will run"
    HELD = "held by another job"
    REDRIVEN = "already redriven"
    CLOSED = "closed"
    QUARANTINED = "under quarantine"
    NO_WAY = "no way back"
    NOT_ALLOWED = "destination not allowed"
    NOT_SENDABLE = "not sendable"
    UNKNOWN = "unknown"


_STATES = {
    LetterState.CLAIMED: Verdict.HELD,
    LetterState.SENT: Verdict.REDRIVEN,
    LetterState.SUCCEEDED: Verdict.REDRIVEN,
    LetterState.PRESUMED: Verdict.REDRIVEN,
    LetterState.RETURNED: Verdict.REDRIVEN,
    LetterState.DISCARDED: Verdict.CLOSED,
    LetterState.GONE: Verdict.CLOSED,
    LetterState.QUARANTINED: Verdict.QUARANTINED,
}


def judge(letter: DeadLetter | None, queue: Queue | None, granted: str = "") -> tuple[Verdict, str]:
    """The verdict and its reason in words. `queue` is the dead-letter queue as the registry knows it, `granted` a
    destination that somebody who may has chosen beside those it is known to serve."""
    if letter is None:
        return Verdict.UNKNOWN, "no dead letter of this queue has that id"
    if letter.state in _STATES:
        return _STATES[letter.state], _history(letter)
    if letter.destination.way is Way.NONE:
        return Verdict.NO_WAY, letter.destination.why_not or "nothing says where it came from"
    refusal = _not_allowed(letter, queue, granted)
    if refusal:
        return Verdict.NOT_ALLOWED, refusal
    problem = payloads.problem(letter)
    if problem:
        return Verdict.NOT_SENDABLE, problem
    return Verdict.WILL_RUN, f"goes back to {name_of(letter.destination.arn)}"


def name_of(arn: str) -> str:
    """The last part of a queue's ARN; `name` or `name:alias` of a function's."""
    return ":".join(arn.split(":")[FUNCTION_ARN_PARTS - 1:]) or arn.rsplit(":", 1)[-1]


def unqualified(arn: str) -> str:
    """A function's ARN without version or alias; any other ARN as it is."""
    return ":".join(arn.split(":")[:FUNCTION_ARN_PARTS]) if ":function:" in arn else arn


def _not_allowed(letter: DeadLetter, queue: Queue | None, granted: str) -> str:
    arn = letter.destination.arn
    if queue is None:
        return f"{letter.queue} has not been looked at yet, so nobody is known to send its failures there"
    if arn == queue.arn:
        return "a dead letter never goes back to its own dead-letter queue"
    if letter.custody is Custody.WATCHED and queue.dead_letter_arn:
        return f"{queue.name} has a redrive policy of its own: receiving from it could move messages on"
    allowed = {unqualified(source) for source in queue.sources} | {granted}
    if unqualified(arn) not in allowed:
        return f"{name_of(arn)} is not known to send its failures to {queue.name}"
    return ""


def _history(letter: DeadLetter) -> str:
    job = f" by redrive {letter.job_id}" if letter.job_id else ""
    if letter.state is LetterState.CLAIMED:
        return f"is being sent{job}"
    if letter.state is LetterState.DISCARDED:
        return "was discarded"
    if letter.state is LetterState.QUARANTINED:
        return letter.problem or "its lineage came back too often"
    if letter.state is LetterState.GONE:
        return letter.evidence or "is no longer in its queue"
    if letter.state is LetterState.RETURNED:
        then = f"; it came back as {letter.next}" if letter.next else " and came back"
        return f"was sent{job}{then}"
    return f"was sent{job}: {letter.evidence or letter.state}"
