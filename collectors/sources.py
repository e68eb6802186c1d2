"""Files and pipes of any of the shapes → log events, in constant memory.

A line is a JSON document that carries events, base64 of one, or a raw log message. A document printed over several
lines (as the AWS CLI does) begins with `{` or `[` and ends with `}` or `]` at the start of a line.
"""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Iterator
from io import BufferedReader

from collectors.documents import NOTHING, parse
from collectors.events import LogEvent
from collectors.inflation import GZIP, MAX_BYTES
from collectors.lines import unrecognised
from collectors.payloads import UNKNOWN_STREAM, Item, decoded, events_in

BASE64_GZIP = b"H4sI"
"""What base64 of gzip begins with."""


class Source:
    """One input: the items in it, in order. `name` stands in the ids and groups of raw lines."""

    def __init__(self, stream: BufferedReader, name: str) -> None:
        self._stream, self.name = stream, name
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[Item]:
        held: list[bytes] = []
        size = 0
        for line in self._lines():
            if not isinstance(line, bytes):
                yield line
                continue
            if not held and not _begins_document(line):
                yield from self._line(line)
                continue
            held.append(line)
            size += len(line)
            if size > MAX_BYTES or (len(held) > 1 and line[:1] in (b"}", b"]")):
                yield from self._document(held)
                held, size = [], 0
        yield from self._document(held)

    def _lines(self) -> Iterator[bytes | Item]:
        """Lines of at most `MAX_BYTES`, gunzipped if need be; a longer one is refused and passed over."""
        reader: BufferedReader | gzip.GzipFile = self._stream
        if self._stream.peek(2)[:2] == GZIP:
            reader = gzip.GzipFile(fileobj=self._stream)
        try:
            while line := reader.readline(MAX_BYTES):
                if len(line) == MAX_BYTES and not line.endswith(b"\n"):
                    yield unrecognised(f"a line longer than {MAX_BYTES // 1024**2} MB", _decode(line[:400]))
                    while len(line) == MAX_BYTES and not line.endswith(b"\n"):
                        line = reader.readline(MAX_BYTES)  # noqa: PLW2901
                    continue
                yield line
        except (EOFError, zlib.error, gzip.BadGzipFile) as damaged:
            yield unrecognised(f"gzip data that is cut short or damaged ({damaged})", self.name)

    def _document(self, lines: list[bytes]) -> Iterator[Item]:
        whole = parse(b"".join(lines)) if lines else NOTHING
        items = events_in(whole) if whole is not NOTHING else None
        if items is not None:
            yield from items
            return
        for line in lines:
            yield from self._line(line)

    def _line(self, line: bytes) -> Iterator[Item]:
        first = line.lstrip()[:1]
        if first in (b"{", b"["):
            document = parse(line)
            items = events_in(document) if document is not NOTHING else None
            if items is not None:
                return items
        if line.startswith(BASE64_GZIP) and b" " not in line:
            return decoded(line.strip())
        text = _decode(line).rstrip("\n").removesuffix("\r")
        if not text:
            return iter(())
        return iter([LogEvent(f"{self.name}:{next(self._numbers)}", 0, text, self.name, UNKNOWN_STREAM)])


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8-sig", "replace")


def _begins_document(line: bytes) -> bool:
    stripped = line.strip()
    if stripped in (b"{", b"["):
        return True
    return stripped[:1] in (b"{", b"[") and stripped[-1:] in (b"{", b"[", b",") and parse(line) is NOTHING
