"""Lines become invocations: a fold over log events that can stop and go on anywhere.

Events come in stream order, streams interleaved at will, one at a time or in batches of one stream: the records are
the same. An event seen before (same stream and id) changes nothing. Between two events the assembler holds what is
open, and a bounded memory of what was seen.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable

from collectors import usual
from collectors.endings import invocation
from collectors.events import Batch, LogEvent, batches
from collectors.folding import Fold
from collectors.observations import Init, MetricSaid, Unread
from collectors.recognise import recognise
from collectors.seen import Seen
from collectors.stitching import Block, kind_of
from collectors.streams import Stream
from store.records import Invocation

__all__ = ["Assembler", "Init", "MetricSaid", "Unread"]

MAX_STREAMS = 20_000
"""Streams held at once; the one longest silent is given up. A fleet of 20,000 live environments."""
MAX_IDLE = 500
"""Streams with nothing open that are held: as many environments as speak within the milliseconds a line may be late."""


class Assembler:
    """Folds log events, in stream order, into what they tell. Feed events or take batches; drain when you like."""

    def __init__(self) -> None:
        self._fold = Fold()
        self._streams: OrderedDict[tuple[str, str], Stream] = OrderedDict()
        self._touched: dict[tuple[str, str], Stream] = {}
        """Streams with events since the end of the last batch: only these can have anything to settle."""
        self._seen = Seen()

    @property
    def ignored(self) -> Counter[str]:
        """Known lines without bearing on any record, counted by what they are."""
        return self._fold.ignored

    def feed(self, event: LogEvent) -> None:
        """Take in one event, the general way. Never raises, whatever its message."""
        if self._seen.again(event.log_stream, event.id):
            return
        stream = self._stream(event.log_group, event.log_stream)
        self._apply_held(stream)
        self._apply(stream, event)

    def take(self, batch: Batch) -> None:
        """Take in events of one stream, the usual way where they allow it: six times as fast. Never raises."""
        batch = self._seen.new_in(batch).by_time()
        if not batch.messages:
            return
        stream = self._stream(batch.log_group, batch.log_stream)
        batch, at = usual.resume(self._fold, stream, batch)
        count = len(batch.messages)
        while at < count:
            self._apply(stream, batch.event(at))
            at += 1
            if at < count:
                at = usual.take(self._fold, stream, batch, at)

    def take_all(self, events: Iterable[LogEvent]) -> None:
        """Take in events of any streams, interleaved as they come."""
        for batch in batches(events):
            self.take(batch)

    def closed(self, batch_ended: bool = True) -> list[Invocation]:
        """Drain finished invocations. At the end of a batch everything that has its REPORT is finished; in the
        middle of one (`batch_ended=False`) late lines may still come, until the stream's next START.

        An invocation the assembler could not hold any longer comes out with status `open`. One that a late line
        changes after it was drained comes out again, with the same event id."""
        if batch_ended:
            for stream in self._touched.values():
                usual.settle(self._fold, stream)
                self._fold.settle(stream)
            self._touched.clear()
        drained, self._fold.closed = self._fold.closed, []
        return drained

    def open(self) -> list[Invocation]:
        """What has begun and not ended, as it stands. Nothing is drained."""
        for stream in self._streams.values():
            if stream.held is not None and stream.held.whole is None:
                self._apply_held(stream)
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
            usual.settle(self._fold, stream)
            self._apply_held(stream)
            if stream.block is not None:
                self._put_down(stream)
            self._fold.unattached(stream)

    def _apply_held(self, stream: Stream) -> None:
        held, stream.held = stream.held, None
        if held is not None:
            stream.environment = held.environment
            for event in held.batch.events():
                self._apply(stream, event)

    def _apply(self, stream: Stream, event: LogEvent) -> None:
        if stream.block is not None:
            if stream.block.takes(event.message):
                return
            self._put_down(stream)
        line = recognise(event.message)
        kind = kind_of(line, event.message)
        if kind is not None:
            stream.block = Block(kind, line, event)
            return
        self._fold.apply(stream, line, event)

    def _stream(self, group: str, name: str) -> Stream:
        key = (group, name)
        stream = self._streams.get(key)
        if stream is None:
            if len(self._streams) >= MAX_IDLE:
                self._make_room()
            stream = self._streams[key] = Stream(name)
        else:
            self._streams.move_to_end(key)
        self._touched[key] = stream
        return stream

    def _make_room(self) -> None:
        """Let go of the stream longest silent, if nothing is open in it or too many are held; else look at it later."""
        key, oldest = self._streams.popitem(last=False)
        if oldest.has_open() and len(self._streams) < MAX_STREAMS:
            self._streams[key] = oldest
            return
        self._touched.pop(key, None)
        self._give_up(oldest)

    def _give_up(self, stream: Stream) -> None:
        usual.settle(self._fold, stream)
        self._apply_held(stream)
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
        self._fold.apply(stream, recognise(whole.message), whole)
        if block.kind == "json":
            owner = stream.owner(None, whole)
            if owner is not None:
                owner.excerpt.said += len(block.texts) - 1
