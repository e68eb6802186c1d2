"""The port through which watched messages are received again, and let go. Nothing else receives from a queue here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from store.recovery import Queue

VISIBILITY_S = 120
"""How long a received message stays hidden: more than ten batches, and the longest a worker lives."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message in hand. Only the handle of its latest receive deletes it."""

    message_id: str
    handle: str
    body: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How many messages a queue says it holds; SQS calls each approximate."""

    visible: int
    in_flight: int
    delayed: int


class Inbox(Protocol):
    """A watched queue. Raises StoreError when the queue cannot be asked; an empty receive proves nothing."""

    def receive(self, queue: Queue, wait_s: int) -> list[Received]:
        """Up to ten messages, hidden from others for VISIBILITY_S, after waiting up to `wait_s` for one."""
        ...

    def delete(self, queue: Queue, handles: Sequence[str]) -> list[bool]:
        """Forget up to ten messages; which of them the queue took note of, in order."""
        ...

    def hide(self, queue: Queue, handles: Sequence[str], seconds: int) -> list[bool]:
        """Hide up to ten messages for so long from now, 0 to give them back; which are still ours, in order."""
        ...

    def standing(self, queue: Queue) -> Standing: ...
