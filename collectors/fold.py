"""Facts become rollups: each minute from the union of its facts, the hour from its minutes, the day from its hours.

Nothing is added up twice because nothing is added to what stands: every rollup is made anew from all the facts it
covers and replaces a lighter one. Killed between any two writes, the next call for the same minutes finds what is
missing by comparing weights, and writes it.

What changes every minute is not written every minute: a block of ten minutes is packed when it is over, an hour and
its day when they are; until then the deltas and one item with all live hours say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from store import deltas, minutes, rollups
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to
from store.deltas import BLOCK_MS
from store.fact_pack import Fact
from store.live import LiveHour
from store.minutes import Packed
from store.records import Place
from store.rollups import Rollup, Span
from store.table import Table

SETTLE_MS = 2 * MINUTE_MS
"""How long after its end a block or an hour is written: most log lines are there by then. What comes later is counted
all the same, for a few writes more."""
HOT = 2_000
"""So many invocations in a block are packed at once: reading them as facts would take longer than an operator waits."""


@dataclass
class Folded:
    """What a fold did: items written, hours that are not over, and the weight of those that are."""

    wrote: int = 0
    live: list[LiveHour] = field(default_factory=list)
    settled: dict[int, int] = field(default_factory=dict)


def known(table: Table, place: Place, function: str, touched: Iterable[int]) -> dict[str, Fact]:
    """What the table holds of these minutes (their starts, epoch ms) and of those between them, by event hash. One
    query an hour touched."""
    found: dict[str, Fact] = {}
    for _, members in groupby(sorted(touched), key=lambda minute: floor_to(minute, HOUR_MS)):
        of_hour = list(members)
        found |= deltas.of_minutes(table, place, function, of_hour[0], of_hour[-1])
    return found


def bring_up(table: Table, place: Place, function: str, touched: Iterable[int],
             facts: Mapping[str, Fact] | None = None) -> Folded:
    """Bring every rollup over these minutes (their starts, epoch ms) up to what the deltas say. `facts` are all of
    these minutes, when they are at hand and those the caller has just written belong to minutes that will be looked at
    again: what another collector is writing meanwhile is seen then."""
    by_day: dict[int, dict[int, set[int]]] = {}
    for minute in touched:
        by_day.setdefault(floor_to(minute, DAY_MS), {}).setdefault(floor_to(minute, HOUR_MS), set()).add(minute)
    folded = Folded()
    at_hand = None if facts is None else rollups.of_facts(place, function, facts.values())
    fold = _Fold(table, place, function, table.clock(), at_hand, folded)
    for day in sorted(by_day):
        whole = [fold.hour(hour, minutes_) for hour, minutes_ in sorted(by_day[day].items())]
        fold.settle(day, [one for one in whole if one is not None])
    return folded


@dataclass(frozen=True)
class _Fold:
    table: Table
    place: Place
    function: str
    now: int
    at_hand: Mapping[int, Rollup] | None
    folded: Folded

    def hour(self, hour: int, touched: set[int]) -> Rollup | None:
        """Bring an hour's minutes up to date. Returns the hour if it is over."""
        stands = minutes.packed(self.table, self.place, self.function, hour, hour + HOUR_MS)
        loose = {block for block in range(hour, hour + HOUR_MS, BLOCK_MS) if block not in stands.blocks}
        # Read after the deltas were written: what another collector wrote meanwhile counts too.
        made = rollups.of_facts(self.place, self.function, self._facts(loose).values())
        packed = {minute for minute in touched if floor_to(minute, BLOCK_MS) not in loose}
        made |= self._touched(packed) if packed else {}
        newer = {minute: one for minute, one in made.items() if _heavier(one, stands.minutes.get(minute))}
        every = {**stands.minutes, **newer}
        over = self._over(hour + HOUR_MS)
        unpacked = self._pack(hour, over, stands, newer, every)
        whole = rollups.total(self.place, self.function, hour, Span.HOUR, (every[at] for at in sorted(every)))
        if over:
            return whole
        if whole.weight:
            self.folded.live.append(LiveHour(self.function, hour, whole.weight, rollups.item(whole), unpacked))
        return None

    def _touched(self, packed: set[int]) -> dict[int, Rollup]:
        """Touched minutes of blocks that are packed: the others there stand as they are."""
        if self.at_hand is not None:
            return {minute: self.at_hand[minute] for minute in packed if minute in self.at_hand}
        found = known(self.table, self.place, self.function, packed)
        made = rollups.of_facts(self.place, self.function, found.values())
        return {minute: one for minute, one in made.items() if minute in packed}

    def _facts(self, blocks: set[int]) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        for low, high in minutes.stretches(blocks):
            last = high + BLOCK_MS - MINUTE_MS
            found |= deltas.of_minutes(self.table, self.place, self.function, low, last)
        return found

    def settle(self, day: int, whole: list[Rollup]) -> None:
        """Write hours that are over. The day first: an hour that stands says that the rest does."""
        moved = [one for one in whole
                 if one.weight and _heavier(one, rollups.hour(self.table, self.place, self.function, one.start))]
        if moved:
            end = day + DAY_MS
            hours = {one.start: one for one in rollups.written(self.table, self.place, self.function, day, end)}
            hours |= {one.start: one for one in moved}
            parts = (hours[at] for at in sorted(hours))
            self.folded.wrote += rollups.put(self.table, rollups.total(
                self.place, self.function, day, Span.DAY, parts))
            self.folded.wrote += sum(2 * rollups.put(self.table, one) for one in moved)
        self.folded.settled |= {one.start: one.weight for one in whole}

    def _pack(self, hour: int, over: bool, stands: Packed, newer: Mapping[int, Rollup],
              every: Mapping[int, Rollup]) -> int | None:
        """Pack the blocks that are over, hot, or packed and moved. Returns the first that is left."""
        due: dict[int, list[Rollup]] = {}
        left: list[int] = []
        for block in sorted({floor_to(minute, BLOCK_MS) for minute in newer}):
            parts = [every[at] for at in range(block, block + BLOCK_MS, MINUTE_MS) if at in every]
            hot = sum(one.invocations for one in parts) >= HOT
            if block in stands.blocks or hot or self._over(block + BLOCK_MS):
                due[block] = parts
            else:
                left.append(block)
        if over and not stands.blocks and len(due) > 1:
            self.folded.wrote += minutes.put_hour(self.table, hour, (one for parts in due.values() for one in parts))
        else:
            self.folded.wrote += sum(minutes.put_block(self.table, block, parts) for block, parts in due.items())
        return min(left, default=None)

    def _over(self, end: int) -> bool:
        return end + SETTLE_MS <= self.now


def _heavier(rollup: Rollup, standing: Rollup | None) -> bool:
    return standing is None or rollup.weight > standing.weight
