"""What has been told already: 8 bytes for each thing, and no more memory than the newest million or so take."""

from __future__ import annotations

from array import array

FIRST_SLOTS = 1 << 12
MAX_SLOTS = 1 << 20
"""8 MB of slots, twice: the newest 0.7 to 1.4 million things, the invocations of about a gigabyte of logs."""
_MASK = (1 << 64) - 1


class Told:
    """A set of things by their hash: any two of a million share one with a chance below 10⁻⁶. Oldest are forgotten."""

    def __init__(self, most: int = MAX_SLOTS) -> None:
        self._most = most
        self._slots = _empty(FIRST_SLOTS)
        self._count = 0
        self._before: array[int] | None = None
        """The slots that were full, still looked at."""

    def again(self, thing: object) -> bool:
        """Whether this thing was told before; from now on it was."""
        key = hash(thing) & _MASK or 1
        at = _slot(self._slots, key)
        if self._slots[at]:
            return True
        if self._before is not None and self._before[_slot(self._before, key)]:
            return True
        self._slots[at] = key
        self._count += 1
        if self._count * 3 > len(self._slots) * 2:
            self._make_room()
        return False

    def _make_room(self) -> None:
        full = self._slots
        if len(full) >= self._most:
            self._before, self._slots, self._count = full, _empty(len(full)), 0
            return
        self._slots = _empty(2 * len(full))
        for key in full:
            if key:
                self._slots[_slot(self._slots, key)] = key


def _empty(slots: int) -> array[int]:
    return array("Q", bytes(8 * slots))


def _slot(slots: array[int], key: int) -> int:
    """Where a key stands, or would."""
    last = len(slots) - 1
    at = key & last
    while slots[at] and slots[at] != key:
        at = (at + 1) & last
    return at
