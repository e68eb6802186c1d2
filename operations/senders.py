"""The port through which messages leave: what a sender is told, and the four things it can say about a letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from store.recovery import DeadLetter, Way


class Answer(StrEnum):
    """What is known about one letter after a send."""

    OK = "ok"
    REFUSED = "refused"
    """It did not arrive, and asking again would not help."""
    LATER = "later"
    """It did not arrive; asking again may help."""
    AMBIGUOUS = "ambiguous"
    """It may have arrived: sending again may make a duplicate."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The answer for one letter: the destination's id when ok, else the reason in words."""

    answer: Answer
    message_id: str | None = None
    reason: str = ""


def ok(message_id: str) -> SendResult:
    return SendResult(Answer.OK, message_id)


def refused(reason: str) -> SendResult:
    return SendResult(Answer.REFUSED, reason=reason)


def later(reason: str) -> SendResult:
    return SendResult(Answer.LATER, reason=reason)


def ambiguous(reason: str) -> SendResult:
    return SendResult(Answer.AMBIGUOUS, reason=reason)


class Sender(Protocol):
    """One way back. Its client makes one try a call; any repetition is its own and is never a duplicate."""

    def pack(self, letters: Iterable[DeadLetter]) -> list[list[DeadLetter]]:
        """Cut letters of one destination into batches that `send` takes, in order."""
        ...

    def send(self, batch: Sequence[DeadLetter]) -> list[SendResult]:
        """Send one batch; one result per letter, in order. Never raises for what the service answers."""
        ...


Senders = Mapping[Way, Sender]
Backoff = Callable[[int], None]
"""Waits before try n (2, 3, …)."""
MAX_TRIES = 3
"""Calls for one batch while the service says it took nothing: three keep a batch under half a lease."""
