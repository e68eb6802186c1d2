"""Files and pipes of any of the shapes → log events, in constant memory.

Blocks are gunzipped, brought to UTF-8 and cut into lines. A line is a JSON document that carries events, base64 of
one, a line of a transcript, or a raw log message. A document printed over several lines (as the AWS CLI does) is put
together first; one too long for that is read element by element.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator
from io import BufferedReader

from collectors import elements, insights
from collectors.documents import NOTHING, parse, shown
from collectors.encodings import in_utf8
from collectors.events import LogEvent, Names
from collectors.inflation import Undecodable, layered
from collectors.lines import unrecognised
from collectors.payloads import BASE64_GZIP, UNKNOWN_STREAM, Item, decoded, events_in, row_event
from collectors.transcripts import Transcript

READ_BYTES = 64 * 1024
FED_BYTES = 1024 * 1024
MAX_LINE = elements.MAX_ELEMENT
"""Bytes of a line or a printed document that are held. Longer documents are read in pieces, longer lines refused."""
MAX_PASSED = 1024 * MAX_LINE // 8
"""1 GB: who is still in the same line then reads a bomb, or no log."""
_BASE64 = BASE64_GZIP.encode()
_WRAPPED = (64, 76)
"""Where tools break lines of base64: PEM at 64 characters, MIME and the base64 command at 76."""
_IN_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_IN_A_DOCUMENT = re.compile(rb'\s*(?:$|["{}\[\]]|(?:-?\d[\d.eE+-]{0,40}|true|false|null)\s*,?\s*$)')
"""A line of a printed JSON document: it begins with a string or a bracket, or is a number, true, false or null."""
_TELEMETRY = re.compile(rb'"type": ?"platform\.')
_MEGABYTE = 1024**2


class _End(Exception):
    """Nothing more can be read from this input."""


class Source:
    """One input: the items in it, in order. `name` stands in the ids and groups of raw lines."""

    def __init__(self, stream: BufferedReader, name: str) -> None:
        self._stream, self.name = stream, name
        self.stream_name = UNKNOWN_STREAM + name
        """Stands for the log stream of lines that name none: two inputs are never one stream."""
        self._numbers = itertools.count(1)
        self._names = Names()
        self._transcript = Transcript(name, self.stream_name)
        self._refused: str | None = None
        self._again: list[tuple[bytes, bool]] = []
        """Pieces that were looked at and belong to what comes next."""

    def __iter__(self) -> Iterator[Item]:
        for item in self._items():
            if isinstance(item, LogEvent) and not item.id:
                yield item._replace(id=self._id(item))
            else:
                yield item

    def _id(self, event: LogEvent) -> str:
        """An id for an event that came without: what says its time and stream has the same one in another copy."""
        if event.timestamp and event.log_stream != self.stream_name:
            return self._names.of(event.timestamp, event.log_stream, event.message)
        return f"{self.name}:{next(self._numbers)}"

    def _items(self) -> Iterator[Item]:
        pieces = self._with_returned(self._pieces())
        first = next(pieces, None)
        if first is None:
            yield from self._refusal()
            return
        self._again.append(first)
        if insights.is_header(_decode(first[0][:1_000])):
            yield from self._csv(pieces)
        else:
            yield from self._read(pieces)
        yield from self._transcript.finish()
        yield from self._refusal()

    def _with_returned(self, pieces: Iterator[tuple[bytes, bool]]) -> Iterator[tuple[bytes, bool]]:
        for piece in pieces:
            yield piece
            while self._again:
                yield self._again.pop()

    def _refusal(self) -> Iterator[Item]:
        if self._refused is not None:
            yield unrecognised(self._refused, self.name)

    def _blocks(self) -> Iterator[bytes]:
        while block := self._stream.read1(READ_BYTES):
            yield block

    def _pieces(self) -> Iterator[tuple[bytes, bool]]:
        """Lines without their ends, and whether the line goes on: one longer than `MAX_LINE` comes in several pieces.

        Ends early where the data is damaged; `_refused` says so then."""
        held: list[bytes] = []
        size = 0
        try:
            for block in in_utf8(layered(self._blocks())):
                first, *lines = block.split(b"\n")
                held.append(first)
                size += len(first)
                if lines:
                    yield b"".join(held), False
                    for line in lines[:-1]:
                        yield line, False
                    held, size = [lines[-1]], len(lines[-1])
                elif size > MAX_LINE:
                    yield b"".join(held), True
                    held, size = [], 0
        except Undecodable as reason:
            self._refused = str(reason)
        if held != [b""] and held:
            yield b"".join(held), False

    def _read(self, pieces: Iterator[tuple[bytes, bool]]) -> Iterator[Item]:
        try:
            for line, goes_on in pieces:
                if goes_on:
                    yield from self._long(line, pieces)
                elif _begins_document(line):
                    yield from self._printed(line, pieces)
                elif line.startswith(_BASE64) and len(line.rstrip()) in _WRAPPED:
                    yield from decoded(self._unwrapped(line, pieces))
                else:
                    yield from self._line(line)
        except _End as reason:
            self._refused = str(reason)

    def _unwrapped(self, line: bytes, pieces: Iterator[tuple[bytes, bool]]) -> bytes:
        """base64 whose lines were broken, as one; only its last line is shorter."""
        held = [line.rstrip()]
        width = len(held[0])
        for piece, goes_on in pieces:
            words = piece.rstrip()
            if goes_on or len(words) > width or words.startswith(_BASE64) or not _IN_BASE64.fullmatch(words):
                self._again.append((piece, goes_on))
                break
            held.append(words)
            if len(words) < width or len(held) * width > MAX_LINE:
                break
        return b"".join(held)

    def _long(self, line: bytes, pieces: Iterator[tuple[bytes, bool]]) -> Iterator[Item]:
        """A line longer than is held: a document is read in pieces, anything else is passed over."""
        if line.lstrip()[:1] in (b"{", b"["):
            yield from self._in_pieces(line, pieces)
            return
        yield unrecognised(f"a line longer than {MAX_LINE // _MEGABYTE} MB", _decode(line[:400]))
        passed = len(line)
        for piece, goes_on in pieces:
            passed += len(piece)
            if passed > MAX_PASSED:
                raise _End(f"a line longer than {MAX_PASSED // _MEGABYTE} MB: the rest of the input was not read")
            if not goes_on:
                return

    def _printed(self, line: bytes, pieces: Iterator[tuple[bytes, bool]]) -> Iterator[Item]:
        """A document over several lines, or lines that only look like the beginning of one."""
        held, size, depth = [line], len(line), elements.depth_change(line) or 0
        for following, goes_on in pieces:
            size += len(following) + 1
            if goes_on or size > MAX_LINE:
                self._again.append((following, goes_on))
                yield from self._in_pieces(b"\n".join(held) + b"\n", pieces)
                return
            change = elements.depth_change(following) if _IN_A_DOCUMENT.match(following) else None
            if change is None:
                self._again.append((following, goes_on))
                break
            held.append(following)
            depth += change
            if depth <= 0:
                break
        yield from self._document(held)

    def _document(self, lines: list[bytes]) -> Iterator[Item]:
        whole = parse(b"\n".join(lines))
        items: Iterator[Item] | None = None
        if isinstance(whole, list) and whole and all(isinstance(words, str) for words in whole):
            items = (item for words in whole for item in self._raw(words))  # --query 'events[].message'
        elif whole is not NOTHING:
            items = events_in(whole)
        if items is not None:
            yield from items
            return
        for line in lines:
            yield from self._line(line)

    def _in_pieces(self, begun: bytes, pieces: Iterator[tuple[bytes, bool]]) -> Iterator[Item]:
        """A document too long to be held, or several in one line."""
        document = elements.Elements()
        held, size = [begun], len(begun)
        try:
            for piece, goes_on in pieces:
                held.append(piece if goes_on else piece + b"\n")
                size += len(piece) + 1
                # Fed line by line, every line would copy what is held of an element.
                if size >= FED_BYTES or goes_on or piece[:1] in (b"}", b"]"):
                    yield from self._parts(document, b"".join(held))
                    held, size = [], 0
                    if document.between and not goes_on:
                        return
            yield from self._parts(document, b"".join(held))
        except elements.TooLong as reason:
            raise _End(f"{reason}: the rest of the input was not read") from reason
        if not document.between:
            yield unrecognised("a JSON document that is cut short", self.name)

    def _parts(self, document: elements.Elements, data: bytes) -> Iterator[Item]:
        for at in range(0, len(data), FED_BYTES):
            for part in document.feed(data[at : at + FED_BYTES]):
                items = events_in(part)
                if items is None:
                    yield unrecognised("a part of a long JSON document that carries no events", shown(part))
                else:
                    yield from items

    def _line(self, line: bytes) -> Iterator[Item]:
        if line[:1] in (b"{", b"[", b" "):
            items = _events_of(line)
            if items is not None:
                return items
        if line[:2] == b"[{" and _TELEMETRY.search(line[:1_000]):
            return iter([unrecognised("a list of telemetry events that is not whole", _decode(line[:400]))])
        if line[:5].lstrip(b'"').startswith(_BASE64) and b" " not in line:
            return decoded(line.strip().strip(b'"'))
        return self._raw(_decode(line))

    def _raw(self, text: str) -> Iterator[Item]:
        text = text.rstrip("\r\n")
        told = self._transcript.take(text)
        if told is not None:
            return iter(told)
        if not text:
            return iter(())
        return iter([LogEvent(f"{self.name}:{next(self._numbers)}", 0, text, self.name, self.stream_name)])

    def _csv(self, pieces: Iterable[tuple[bytes, bool]]) -> Iterator[Item]:
        lines = (_decode(line) + ("" if goes_on else "\n") for line, goes_on in pieces)
        try:
            for row in insights.in_order(insights.csv_rows(lines)):
                yield row_event(row)
        except csv.Error as wrong:
            yield unrecognised(f"CSV that cannot be read any further ({wrong})", self.name)


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _events_of(line: bytes) -> Iterator[Item] | None:
    """The events in a line of JSON: one document, or several back to back."""
    stripped = line.strip()
    if stripped[:1] not in (b"{", b"["):
        return None
    document = parse(stripped)
    if document is not NOTHING:
        return events_in(document)
    if b"}{" not in stripped and b"} {" not in stripped:
        return None
    return events_in([parse(part) for part in elements.values(stripped)])


def _begins_document(line: bytes) -> bool:
    """Whether a line can only be the beginning of a JSON document printed over several lines."""
    if line[:1] not in (b"{", b"[", b" "):
        return False
    stripped = line.strip()
    if stripped in (b"{", b"["):
        return True
    return stripped[:1] in (b"{", b"[") and stripped[-1:] in (b"{", b"[", b",") and parse(stripped) is NOTHING
