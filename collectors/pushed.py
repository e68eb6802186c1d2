"""Push: one subscription payload, counted as it comes, in about one write.

A payload is a slice of one stream, cut wherever CloudWatch cut it. What closes in it is a fact at once, on the
evidence that the slice holds; what it has only a part of is kept beside the facts, and `joined` puts the parts
together. Redelivered, it writes the same items again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from collectors import custom_metrics, facts, failed_inits, noticing
from collectors.events import LogEvent, function_of
from collectors.facts import Counted
from collectors.invocations import Assembler
from collectors.lines import Started
from collectors.recognise import recognise
from store import batches, functions, health, invocations, late, pushing
from store.batches import Cut
from store.clock import MINUTE_MS, Clock
from store.records import ErrorGroup, FunctionInfo, Invocation, Place, Unrecognised
from store.table import Table

LATE_MS = 3 * MINUTE_MS
"""Older than this, a minute is no longer looked at by itself: it is put on the list of late ones."""
HEARD_EVERY_MS = 3 * MINUTE_MS
"""Well within the five minutes after which a group counts as silent."""
FAILING_EVERY_MS = 10 * MINUTE_MS
"""Dead letters are explained by failures of the last half hour."""
MAX_KNOWN = 10_000
HEAD_CHARS = 4_000
"""Of a batch's first invocation, when it is whole: compressed it must not cost a second write unit."""


@dataclass
class Push:
    """Takes in the log events of pushed payloads. One for a process: it remembers what it has already entered."""

    table: Table
    clock: Clock
    known: dict[tuple[Place, str], int | None] = field(default_factory=dict)
    """Timeout in seconds of the functions that are in the inventory."""
    told: dict[tuple[Place, str], int] = field(default_factory=dict)
    """The minute in which each error group was last told of."""
    heard: dict[tuple[Place, str, bool], int] = field(default_factory=dict)
    """The time up to which each group was last told to be heard of, and to fail (True)."""
    counted: dict[tuple[Place, str], Counted] = field(default_factory=dict)

    def take(self, place: Place, events: Iterable[LogEvent]) -> int:
        """Count the events of one payload. Returns the number of items written. Raises StoreError; then nothing is
        lost when the payload comes again."""
        wrote = 0
        for _, slice_ in groupby(events, key=lambda event: (event.log_group, event.log_stream)):
            wrote += self._slice(place, list(slice_))
        return wrote

    def _slice(self, place: Place, events: Sequence[LogEvent]) -> int:
        function = function_of(events[0].log_group, events[0].log_stream)
        assembler = Assembler()
        assembler.take_all(events)
        open_before = assembler.open()
        assembler.finish()
        closed = [one for one in assembler.closed() if facts.countable(one)]
        lost = assembler.unrecognised()
        timeout_s = self._timeout(place, function, events[0].log_group)
        counted = self._counted(place, function)
        kept = invocations.put_many(self.table, facts.worth_keeping(place, function, closed, timeout_s, counted))
        inits = failed_inits.failed(assembler.inits())
        told = self._tell_groups(place, _sightings(place, function, closed))
        told += self._tell_groups(place, failed_inits.sightings(place, inits, closed))
        for unread in lost[:1]:
            health.put_unrecognised(self.table, Unrecognised(
                place, events[0].log_group, unread.reason, unread.sample, unread.event.timestamp, unread.event.id))
        samples = list(custom_metrics.samples([*assembler.metrics(), *failed_inits.counts(inits)]))
        minutes = batches.put(self.table, place, function, (facts.fact(function, one) for one in closed),
                              cut_of(events, closed, open_before), samples)
        horizon = self.clock() - LATE_MS
        for minute in minutes:
            if minute < horizon:
                late.put(self.table, place, function, minute)
        return kept + told + len(minutes) + len(lost[:1]) + self._hear(place, events, closed)

    def _hear(self, place: Place, events: Sequence[LogEvent], closed: Iterable[Invocation]) -> int:
        """Say now and then that a group is heard of, and that it fails. Said last: what is told to have come has."""
        group, now, said = events[0].log_group, self.clock(), 0
        failing = (one.ended_at or 0 for one in closed if one.status.failed or one.failed_message_ids)
        told_until = {False: max(event.timestamp for event in events), True: max(failing, default=0)}
        for fails, say, every in ((False, pushing.hear, HEARD_EVERY_MS),
                                  (True, pushing.hear_failing, FAILING_EVERY_MS)):
            at = min(told_until[fails], now)
            if at - self.heard.get((place, group, fails), 0) >= every:
                say(self.table, place, group, at)
                if len(self.heard) >= MAX_KNOWN:
                    self.heard.clear()
                self.heard[place, group, fails] = at
                said += 1
        return said

    def _timeout(self, place: Place, function: str, group: str) -> int | None:
        """The function's timeout; one known by its logs alone is entered as such."""
        if (place, function) not in self.known:
            info = functions.get(self.table, place, function)
            if info is None:
                info = FunctionInfo(place, function, group)
                functions.put(self.table, info)
            if len(self.known) >= MAX_KNOWN:
                self.known.clear()
            self.known[place, function] = info.timeout_s
        return self.known[place, function]

    def _counted(self, place: Place, function: str) -> Counted:
        """Each process counts what it saw: of several at once, each keeps the first of a kind."""
        if len(self.counted) >= MAX_KNOWN:
            self.counted.clear()
        return self.counted.setdefault((place, function), Counted())

    def _tell_groups(self, place: Place, sightings: Iterable[ErrorGroup]) -> int:
        """Tell of each group once a minute: `joined` brings its last sighting up to date from the facts."""
        count = 0
        for seen in sightings:
            minute = seen.last_seen // 60_000
            if self.told.get((place, seen.fingerprint)) != minute:
                count += noticing.see(self.table, seen)
                if len(self.told) >= MAX_KNOWN:
                    self.told.clear()
                self.told[place, seen.fingerprint] = minute
        return count


def _sightings(place: Place, function: str, closed: Iterable[Invocation]) -> Iterator[ErrorGroup]:
    for invocation in closed:
        whole = facts.sighting(place, function, invocation)
        if whole is not None:
            yield whole
        yield from facts.message_sightings(place, function, invocation)


def cut_of(events: Sequence[LogEvent], closed: Sequence[Invocation], open_: Sequence[Invocation]) -> Cut | None:
    """The edges of a slice: through the end of its first invocation, of which something may have come before (its
    START, or the init it followed), and from the end of its last, after which another may have begun."""
    where = {event.id: number for number, event in enumerate(events)}
    ends = {where[one.event_id]: one for one in closed if one.event_id in where}
    first, last = min(ends, default=len(events) - 1), max(ends, default=len(events) - 1)
    pieces = [events[:first + 1]]
    if ends:
        if ends[first].started_at is not None:
            pieces = [_shortened(events[:first + 1])]
        pieces.append(events[_tail(events, last, open_):])
    told = tuple(tuple((one.id, one.timestamp, one.message) for one in piece) for piece in pieces if piece)
    return Cut(events[0].log_group, events[0].log_stream, told)


def _shortened(events: Sequence[LogEvent]) -> Sequence[LogEvent]:
    """A whole invocation is kept for what came before it: if it says much, only how it began."""
    if sum(len(event.message) for event in events) <= HEAD_CHARS:
        return events
    return events[:next((number for number, event in enumerate(events) if type(recognise(event.message)) is Started),
                        0) + 1]


def _tail(events: Sequence[LogEvent], last: int, open_: Sequence[Invocation]) -> int:
    """Where the last piece begins: behind the last end, or, where invocations interleave, with the oldest open one."""
    began = min((one.started_at for one in open_ if one.started_at is not None), default=None)
    if began is None:
        return last + 1
    return next((number for number, event in enumerate(events[:last + 1]) if event.timestamp >= began), last + 1)
