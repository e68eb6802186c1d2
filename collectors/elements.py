"""JSON in pieces: values written back to back, and documents too long to hold, cut into the elements of their list.

Only strings and brackets are looked at; what is between them is the parser's business, element by element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from collectors.documents import NOTHING, parse

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(")?|[{}\[\]]', re.DOTALL)
"""A string, or a bracket. Without its last quote, the only group, a string does not end here; it is taken to the end
all the same, or each quote in it would be tried. Possessive: a million escapes would else keep a million ways back."""
_QUOTE = ord('"')
_OPENING = b"{["
LISTS = frozenset({"events", "logEvents", "Records", "records", "results"})
"""Members whose list carries events or records."""
MAX_ELEMENT = 8 * 1024 * 1024
"""An event is at most 1 MB, an envelope of base64 at most 6 MB: the largest event a function is invoked with."""
_OVER = -1


def values(raw: bytes) -> Iterator[bytes]:
    """Objects and lists written back to back, one by one; what is behind the last complete one comes last."""
    depth = begins = 0
    for token in _TOKEN.finditer(raw):
        sign = raw[token.start()]
        if sign == _QUOTE:
            if token.group(1) is None:
                break
            continue
        depth += 1 if sign in _OPENING else -1
        if depth == 0:
            yield raw[begins : token.end()].strip()
            begins = token.end()
        elif depth < 0:
            break
    if rest := raw[begins:].strip():
        yield rest


def depth_change(line: bytes) -> int | None:
    """How much deeper a line of a printed document leads; None when a string does not end in it."""
    change = 0
    for token in _TOKEN.finditer(line):
        sign = line[token.start()]
        if sign != _QUOTE:
            change += 1 if sign in _OPENING else -1
        elif token.group(1) is None:
            return None
    return change


class TooLong(ValueError):
    """The document cannot be read in pieces; the message is the sentence shown."""


class Elements:
    """Documents back to back, fed piece by piece, given as documents of the same shape with a part of the list each."""

    def __init__(self) -> None:
        self._held = b""
        self._looked = 0
        """How much of what is held has been looked at."""
        self._begins = 0
        """Where the element being read begins; the document itself, as long as no list is found."""
        self._depth = 0
        self._inside: int | None = None
        """The depth between the elements of the list, once it is found."""
        self._key = (0, 0)
        self._member = ""
        self._head: dict[str, Any] = {}
        self._found: list[object] = []

    @property
    def between(self) -> bool:
        """Whether no document is begun and not ended."""
        return self._depth == 0

    def feed(self, data: bytes) -> Iterator[object]:
        """Documents with the elements that are complete now. Raises TooLong, and then no more may be fed."""
        self._held += data
        for token in _TOKEN.finditer(self._held, self._looked):
            sign = self._held[token.start()]
            if sign == _QUOTE and token.group(1) is None:
                break
            self._looked = token.end()
            if sign == _QUOTE:
                self._string(token)
            elif sign in _OPENING:
                self._open(token.start())
            elif self._depth:
                yield from self._close(token.end())
        yield from self._flush()
        self._let_go()
        if len(self._held) > MAX_ELEMENT:
            raise TooLong(f"a JSON document with more than {MAX_ELEMENT // 1024**2} MB in one piece")

    def _string(self, token: re.Match[bytes]) -> None:
        if self._depth == self._inside:
            self._found.append(_value(token.group()))
        elif self._depth == 1:
            self._key = token.span()

    def _open(self, at: int) -> None:
        if self._depth in (0, self._inside):
            self._begins = at
        if self._inside is None and self._held[at : at + 1] == b"[":
            self._find_list(at)
        self._depth += 1

    def _find_list(self, at: int) -> None:
        begins, ends = self._key
        if self._depth == 0:
            self._inside = 1
        elif self._depth == 1 and self._held[ends:at].strip() == b":":
            member = parse(self._held[begins:ends])
            if member in LISTS:
                head = parse(self._held[self._begins : at] + b"[]}")
                self._head = head if isinstance(head, dict) else {}
                self._member, self._inside = member, 2

    def _close(self, at: int) -> Iterator[object]:
        self._depth -= 1
        if self._inside is not None and self._inside != _OVER:
            if self._depth == self._inside:
                self._found.append(_value(self._held[self._begins : at]))
            elif self._depth < self._inside:
                yield from self._flush()
                self._inside = _OVER
        if self._depth == 0:
            if self._inside is None:
                yield _value(self._held[self._begins : at])
            self._inside, self._member, self._head = None, "", {}

    def _flush(self) -> Iterator[object]:
        if self._found:
            found, self._found = self._found, []
            yield {**self._head, self._member: found} if self._member else found

    def _let_go(self) -> None:
        """Forget what has been given. An element, or a document without a list as yet, stays whole."""
        whole = self._depth > 0 if self._inside is None else self._depth > self._inside != _OVER
        keep = self._begins if whole else self._looked
        self._held = self._held[keep:]
        self._looked -= keep
        self._begins -= keep
        self._key = (self._key[0] - keep, self._key[1] - keep)


def _value(raw: bytes) -> object:
    found = parse(raw)
    return raw.decode("utf-8", "replace") if found is NOTHING else found
