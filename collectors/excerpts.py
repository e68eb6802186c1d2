"""The log lines kept with a failed invocation: the first few, and as many of the last as fit."""

from __future__ import annotations

from collections import deque

HEAD_LINES, TAIL_LINES = 50, 150
HEAD_CHARS, TAIL_CHARS = 16_000, 48_000
LINE_CHARS = 8_000
MAX_BYTES = 64 * 1024
"""200 lines and 64 KB: beginnings say what it was about, ends say why it failed; an item holds 400 KB."""


def lines_of(text: str) -> int:
    """How many lines a text counts for: a stack the same whether it came as one event or line by line. A JSON object is
    one: most lines are, and none of them need be looked through. `Assembler` makes up for one that came in lines."""
    return 1 if text[:1] == "{" else 1 + text.count("\n", 0, -1)


class Excerpt:
    """Lines in order, the middle left out when there are too many."""

    __slots__ = ("_head", "_room", "_tail", "_tail_chars", "said")

    def __init__(self) -> None:
        self.said = 0
        """Lines of text seen, kept or not. A stack counts the same whether it came as one event or line by line."""
        self._head: list[str] = []
        self._room = HEAD_CHARS
        self._tail: deque[str] | None = None
        self._tail_chars = 0

    def add(self, text: str) -> None:
        """Keep one line, at most `LINE_CHARS` of it."""
        self.said += lines_of(text)
        if len(text) > LINE_CHARS:
            text = text[:LINE_CHARS] + "…"
        if self._tail is None and len(self._head) < HEAD_LINES and len(text) <= self._room:
            self._room -= len(text)
            self._head.append(text)
            return
        if self._tail is None:
            self._tail = deque()
        self._tail.append(text)
        self._tail_chars += len(text)
        while len(self._tail) > TAIL_LINES or self._tail_chars > TAIL_CHARS:
            self._tail_chars -= len(self._tail.popleft())

    def extend(self, lines: tuple[str, ...]) -> None:
        """Keep several lines."""
        for line in lines:
            self.add(line)

    def lines(self) -> tuple[str, ...]:
        """What was kept, within `MAX_BYTES` of UTF-8, ends before beginnings."""
        room, kept = MAX_BYTES, []
        for line in [*reversed(self._tail or ()), *reversed(self._head)]:
            room -= len(line.encode("utf-8", "replace"))
            if room < 0:
                break
            kept.append(line.rstrip("\r\n"))
        return tuple(reversed(kept))
