"""Who holds a letter that is known already and is met again: its row follows the message, its journal stays one.

    met by         row: waiting             row: being sent          row: sent or settled     row: gone
    the capture    captured from now on     left in the queue        its queue forgets it     captured, dead again
    a look         watched from now on      nothing                  nothing                  watched, dead again
    no look at all gone, or kept here       nothing                  nothing                  nothing

"Waiting" is dead, needs operator, discarded and whatever else no worker has in hand. Pure."""

from __future__ import annotations

from dataclasses import replace

from store.clock import iso
from store.errors import LamplightError
from store.recovery import Custody, DeadLetter, LetterState, Queue

WAITING = (LetterState.DEAD, LetterState.NEEDS_OPERATOR, LetterState.QUARANTINED)
SENT = (LetterState.SENT, LetterState.SUCCEEDED, LetterState.PRESUMED, LetterState.RETURNED)


class InHand(LamplightError):
    """A redrive is sending this very message. It stays in its queue, and comes again when the redrive is through."""

    def __init__(self, letter: DeadLetter) -> None:
        super().__init__(f"{letter.key} is being sent by redrive {letter.job_id}.", "It is taken when that is through.")


def captured(letter: DeadLetter, now: int) -> DeadLetter:
    """The letter after the capture met its message; unchanged when nothing is to be written. Raises InHand."""
    if letter.custody is Custody.CAPTURED:
        return letter
    if letter.state is LetterState.CLAIMED:
        raise InHand(letter)
    if letter.state in SENT:
        return replace(letter, deleted_at=letter.deleted_at or now)
    return replace(_back(letter), custody=Custody.CAPTURED, expires_at=None)


def watched(letter: DeadLetter, expires_at: int | None) -> DeadLetter:
    """The letter after a look met its message. A captured one is in the table and in the queue, because the queue
    was not told to forget it: the queue is asked when it is sent, and the table keeps it all the same."""
    if letter.state is LetterState.CLAIMED or letter.state in SENT:
        return letter
    kept = letter.captured_at if letter.custody is Custody.CAPTURED else letter.archived_at
    return replace(_back(letter), custody=Custody.WATCHED, expires_at=expires_at, archived_at=kept)


def missing(letter: DeadLetter, now: int) -> DeadLetter:
    """The letter after a complete look that did not meet its message: ours when it was archived, else gone."""
    if letter.custody is not Custody.WATCHED or letter.state not in WAITING:
        return letter
    why = _why(letter, now)
    if letter.archived_at is None:
        return replace(letter, state=LetterState.GONE, evidence=why, settled_at=now)
    careful = None if expired(letter, now) else f"{why}: it may have been processed; look before it is sent again"
    return replace(letter, custody=Custody.CAPTURED, expires_at=None, evidence=why, problem=careful or letter.problem)


def expired(letter: DeadLetter, now: int) -> bool:
    return letter.expires_at is not None and letter.expires_at <= now


def deadline(sent_at: int | None, queue: Queue) -> int | None:
    """When `queue` forgets a message (epoch ms), by the SentTimestamp it was received with there; None when that or
    the retention is not known.

    A standard queue counts from the first send, wherever that was; a FIFO queue from the arrival here, and says that
    as SentTimestamp. Where a service said the earlier time, the deadline shown is early and never late."""
    return None if sent_at is None or queue.retention_s is None else sent_at + queue.retention_s * 1_000


def _back(letter: DeadLetter) -> DeadLetter:
    if letter.state is not LetterState.GONE:
        return letter
    return replace(letter, state=LetterState.DEAD, evidence=None, settled_at=None)


def _why(letter: DeadLetter, now: int) -> str:
    if letter.expires_at is None:
        return "no longer in its queue; when it would have expired is not known"
    if expired(letter, now):
        return f"expired in its queue at {iso(letter.expires_at)}, unless somebody took it before"
    return f"taken from its queue by somebody else before {iso(now)}; it would have expired at {iso(letter.expires_at)}"
