"""Which names were met, in eight bytes each: a set of as many strings takes twenty times that."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left


class Seen:
    """A set of strings that knows only their hashes. Two of 100,000 look like one once in four thousand million such
    sets: 100,000² / 2 / 2⁶⁴."""

    def __init__(self) -> None:
        self._hashes = array("Q")
        self._sorted = 0

    def add(self, name: str) -> None:
        self._hashes.append(_hash(name))

    def __contains__(self, name: str) -> bool:
        if self._sorted != len(self._hashes):  # names are added first, then asked for
            self._hashes = array("Q", sorted(self._hashes))
            self._sorted = len(self._hashes)
        wanted = _hash(name)
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())
