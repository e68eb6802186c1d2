"""Who keeps the messages while they are sent. Captured: the table, and there is nothing to receive or to delete.
Watched: their queue, which hides them from others meanwhile; what was not selected goes back as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from operations.inbox import VISIBILITY_S, Inbox, Received
from operations.plan import READ_AT_ONCE
from store.clock import SECOND_MS, Clock
from store.errors import LamplightError
from store.recovery import Queue

AT_ONCE = 10
WAIT_S = 1
"""A long poll asks every server of the queue; one second is enough where messages wait."""
EMPTY_POLLS = 3
MAX_PARKED = 10_000
"""Messages hidden while the selected ones are looked for: far under SQS's 120,000 in flight."""
RENEW_MS = VISIBILITY_S * SECOND_MS // 2


class Hold(Protocol):
    """Where letters come from to be sent. Raises StoreError when a queue cannot be asked."""

    @property
    def ahead(self) -> bool:
        """Whether the next chunk may be taken before the last is dealt with."""
        ...

    def chunks(self, wanted: Sequence[str]) -> Iterator[list[str]]:
        """Message ids in hand, a few at a time, in an order that keeps FIFO groups."""
        ...

    def keep(self, ids: Sequence[str]) -> set[str]:
        """Those still in hand, for long enough to send them."""
        ...

    def differs(self, message_id: str, sha256: str) -> bool:
        """Whether what is in hand is another body than the one the table knows."""
        ...

    def forget(self, ids: Sequence[str]) -> list[str]:
        """Let sent messages go for good; those that are gone now."""
        ...

    def release(self) -> None:
        """Give back whatever is still in hand."""
        ...


class StoreHold:
    """Captured letters."""

    ahead = True

    def __init__(self, at_once: int = READ_AT_ONCE) -> None:
        self._at_once = at_once

    def chunks(self, wanted: Sequence[str]) -> Iterator[list[str]]:
        for start in range(0, len(wanted), self._at_once):
            yield list(wanted[start:start + self._at_once])

    def keep(self, ids: Sequence[str]) -> set[str]:
        return set(ids)

    def differs(self, message_id: str, sha256: str) -> bool:
        return False

    def forget(self, ids: Sequence[str]) -> list[str]:
        return []

    def release(self) -> None:
        return


@dataclass(slots=True)
class _InHand:
    """A received message: its newest handle, and until when it is hidden (epoch ms)."""

    handle: str
    sha256: str
    until: int


@dataclass(slots=True)
class QueueHold:
    """Watched letters: one sweep through their queue. `over` says that there is no time left to receive."""

    inbox: Inbox
    queue: Queue
    clock: Clock
    over: Callable[[], bool]
    in_hand: dict[str, _InHand] = field(default_factory=dict)
    parked: dict[str, str] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    absent: bool = False
    """Whether what was not met is proved to be in the queue no more: three long polls found nothing, and the queue
    says that all it holds is in this hand."""
    given_back: int = 0

    @property
    def ahead(self) -> bool:
        """A message in hand locks its FIFO group: nothing more of it comes before it is dealt with."""
        return not self.queue.fifo

    def chunks(self, wanted: Sequence[str]) -> Iterator[list[str]]:
        """Sweep until everything wanted was met, nothing more comes, or time is up."""
        missing, empty = set(wanted), 0
        while missing and empty < EMPTY_POLLS and len(self.parked) < MAX_PARKED and not self.over():
            asked_at = self.clock()
            found = self.inbox.receive(self.queue, WAIT_S)
            empty = 0 if found else empty + 1
            mine = [one for one in found if self._sorted(one, missing, asked_at)]
            missing -= {one.message_id for one in mine}
            if mine:
                yield [one.message_id for one in mine]
        if missing and empty == EMPTY_POLLS:
            self.absent = self._holds_all()

    def keep(self, ids: Sequence[str]) -> set[str]:
        now = self.clock()
        late = [one for one in ids if one in self.in_hand and self.in_hand[one].until - now < RENEW_MS]
        for some in _tens(late):
            still = self.inbox.hide(self.queue, [self.in_hand[one].handle for one in some], VISIBILITY_S)
            for one, ours in zip(some, still, strict=True):
                if ours:
                    self.in_hand[one].until = now + VISIBILITY_S * SECOND_MS
                else:
                    del self.in_hand[one]
        return {one for one in ids if one in self.in_hand}

    def differs(self, message_id: str, sha256: str) -> bool:
        return message_id in self.in_hand and self.in_hand[message_id].sha256 != sha256

    def forget(self, ids: Sequence[str]) -> list[str]:
        gone = []
        for some in _tens([one for one in ids if one in self.in_hand]):
            taken = self.inbox.delete(self.queue, [self.in_hand[one].handle for one in some])
            gone += [one for one, deleted in zip(some, taken, strict=True) if deleted]
        for one in gone:
            del self.in_hand[one]
        self.forgotten.update(gone)
        return gone

    def release(self) -> None:
        """What cannot be given back comes back by itself when it is hidden no more."""
        handles = [*(held.handle for held in self.in_hand.values()), *self.parked.values()]
        self.given_back += len(self.parked)
        self.in_hand.clear()
        self.parked.clear()
        with suppress(LamplightError):
            for some in _tens(handles):
                self.inbox.hide(self.queue, some, 0)

    def _sorted(self, found: Received, missing: set[str], now: int) -> bool:
        """Take a message in hand; True when it is wanted and was not met before."""
        one = found.message_id
        if one in missing or one in self.in_hand:
            digest = hashlib.sha256(found.body.encode("utf-8", "surrogatepass")).hexdigest()
            self.in_hand[one] = _InHand(found.handle, digest, now + VISIBILITY_S * SECOND_MS)
            return one in missing
        if one in self.forgotten:  # standard queues may deliver once more what was deleted
            self.inbox.delete(self.queue, [found.handle])
            return False
        self.parked[one] = found.handle
        return False

    def _holds_all(self) -> bool:
        standing = self.inbox.standing(self.queue)
        held = len(self.in_hand) + len(self.parked)
        return not standing.visible and not standing.delayed and standing.in_flight <= held


def _tens(many: Iterable[str]) -> Iterator[list[str]]:
    listed = list(many)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start:start + AT_ONCE]
