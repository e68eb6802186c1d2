"""What a job has left to send: message ids in order. Kept as text of many ids at once, because a string of its own
takes three times the memory, and a job may have 100,000."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain

TOGETHER = 500
BETWEEN = "\0"
"""Stands in no message id."""


class Backlog:
    """A queue of message ids whose front can be taken and put back."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._front: deque[str] = deque()
        self._joined: deque[str] = deque()
        self._count = 0
        some: list[str] = []
        for message_id in chain(ids, (None,)):
            if some and (message_id is None or len(some) == TOGETHER):
                self._joined.append(BETWEEN.join(some))
                self._count += len(some)
                some = []
            if message_id is not None:
                some.append(message_id)

    def __len__(self) -> int:
        return len(self._front) + self._count

    def take(self, most: int | None = None) -> list[str]:
        """The first ids, at most so many; all without a number."""
        return list(self._taken(len(self) if most is None else min(most, len(self))))

    def put_back(self, ids: Iterable[str]) -> None:
        """Before all others, in this order."""
        self._front.extendleft(reversed(list(ids)))

    def _taken(self, count: int) -> Iterator[str]:
        for _ in range(count):
            if not self._front:
                self._front.extend(self._joined.popleft().split(BETWEEN))
                self._count -= len(self._front)
            yield self._front.popleft()
