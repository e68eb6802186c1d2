"""Lines become invocations: a fold over log events that can stop and go on anywhere.

Events come in stream order, streams interleaved at will. An event seen before (same stream and id) changes nothing.
Between two events the assembler holds what is open, and a bounded memory of what was seen.
"""

from __future__ import annotations

from collections import Counter, OrderedDict

from collectors.endings import invocation
from collectors.events import LogEvent
from collectors.folding import Fold
from collectors.lines import Started
from collectors.observations import Init, MetricSaid, Unread
from collectors.recognise import recognise
from collectors.stitching import Block, kind_of
from collectors.streams import Stream
from store.records import Invocation

__all__ = ["Assembler", "Init", "MetricSaid", "Unread"]

MAX_STREAMS = 20_000
"""Streams held at once; the one longest without a START is given up. A fleet of 20,000 live environments."""
MAX_SEEN = 100_000
"""Event ids remembered, twice over: a redelivered batch is at most 10,000 events."""


class Assembler:
    """Folds log events, in stream order, into what they tell. Feed one event at a time; drain when you like."""

    def __init__(self) -> None:
        self._fold = Fold()
        self._streams: OrderedDict[tuple[str, str], Stream] = OrderedDict()
        self._seen: set[tuple[str, str]] = set()
        self._seen_before: set[tuple[str, str]] = set()

    @property
    def ignored(self) -> Counter[str]:
        """Known lines without bearing on any record, counted by what they are."""
        return self._fold.ignored

    def feed(self, event: LogEvent) -> None:
        """Take in one event. Never raises, whatever its message."""
        if event.id and self._again(event):
            return
        stream = self._stream(event)
        if stream.block is not None:
            if stream.block.takes(event.message):
                return
            self._put_down(stream)
        line = recognise(event.message)
        kind = kind_of(line, event.message)
        if kind is not None:
            stream.block = Block(kind, line, event)
            return
        if type(line) is Started:
            self._streams.move_to_end((event.log_group, event.log_stream))
        self._fold.apply(stream, line, event)

    def closed(self, batch_ended: bool = True) -> list[Invocation]:
        """Drain finished invocations. At the end of a batch everything that has its REPORT is finished; in the
        middle of one (`batch_ended=False`) late lines may still come, until the stream's next START.

        An invocation the assembler could not hold any longer comes out with status `open`. One that a late line
        changes after it was drained comes out again, with the same event id."""
        if batch_ended:
            for stream in self._streams.values():
                self._fold.settle(stream)
        drained, self._fold.closed = self._fold.closed, []
        return drained

    def open(self) -> list[Invocation]:
        """What has begun and not ended, as it stands. Nothing is drained."""
        return [
            invocation(draft)
            for stream in self._streams.values()
            for draft in stream.drafts.values()
            if draft.report is None and draft.closes_at is None
        ]

    def inits(self) -> list[Init]:
        """Drain failed inits, and those another init followed without a START between."""
        drained, self._fold.inits = self._fold.inits, []
        return drained

    def metrics(self) -> list[MetricSaid]:
        """Drain embedded metrics."""
        drained, self._fold.metrics = self._fold.metrics, []
        return drained

    def unrecognised(self) -> list[Unread]:
        """Drain what could not be read."""
        drained, self._fold.unread = self._fold.unread, []
        return drained

    def finish(self) -> None:
        """The input is over: held stacks are taken as complete, and inits without a START as such."""
        for stream in self._streams.values():
            if stream.block is not None:
                self._put_down(stream)
            self._fold.unattached(stream)

    def _again(self, event: LogEvent) -> bool:
        key = (event.log_stream, event.id)
        if key in self._seen or key in self._seen_before:
            return True
        if len(self._seen) >= MAX_SEEN:
            self._seen_before, self._seen = self._seen, set()
        self._seen.add(key)
        return False

    def _stream(self, event: LogEvent) -> Stream:
        key = (event.log_group, event.log_stream)
        stream = self._streams.get(key)
        if stream is None:
            if len(self._streams) >= MAX_STREAMS:
                self._give_up(self._streams.popitem(last=False)[1])
            stream = self._streams[key] = Stream(event.log_stream)
        return stream

    def _give_up(self, stream: Stream) -> None:
        if stream.block is not None:
            self._put_down(stream)
        self._fold.settle(stream)
        self._fold.unattached(stream)
        self._fold.closed.extend(invocation(draft) for draft in stream.drafts.values())

    def _put_down(self, stream: Stream) -> None:
        block, stream.block = stream.block, None
        if block is None:
            return
        if len(block.texts) == 1:
            self._fold.apply(stream, block.line, block.event)
            return
        first = block.event
        whole = LogEvent(first.id, first.timestamp, block.text, first.log_group, first.log_stream)
        line = recognise(whole.message)
        self._fold.apply(stream, line, whole)
