"""Minutes of one function: ten to an item once their block is over, and from its deltas before that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from store import deltas, keys, rollup_rows
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to, utc
from store.deltas import BLOCK_MS
from store.histogram import SCHEME
from store.items import SCHEMA_VERSION, Item
from store.keys import Key
from store.records import Place
from store.rollups import Rollup, Span, header, heavier, item, known, of_facts, rollup_of
from store.table import Table

_Naming = Callable[[Place, str, int], Key]

KEEP_S = 15 * 86_400
RECENT_MS = HOUR_MS + BLOCK_MS
"""A block is packed within minutes of its end. One that is not, this long after, held nothing, or its collector has
stood still since; then its hour says what was counted."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What stands of some minutes: their rollups by start, and the blocks that are packed."""

    minutes: Mapping[int, Rollup] = field(default_factory=dict)
    blocks: frozenset[int] = frozenset()


def between(table: Table, place: Place, function: str, start: int, end: int) -> Iterator[Rollup]:
    """Minute rollups with start ≤ minute < end, oldest first. Idle minutes have none."""
    stands = packed(table, place, function, start, end)
    found = dict(stands.minutes)
    newest = table.clock() - RECENT_MS
    first = max(floor_to(start, BLOCK_MS), floor_to(newest, BLOCK_MS))
    loose = [block for block in range(first, end, BLOCK_MS) if block not in stands.blocks]
    for low, high in stretches(loose):
        facts = deltas.of_minutes(table, place, function, low, high + BLOCK_MS - MINUTE_MS)
        for minute, one in of_facts(place, function, facts.values()).items():
            found[minute] = heavier(one, found.get(minute))
    yield from (found[minute] for minute in sorted(found) if start <= minute < end)


def packed(table: Table, place: Place, function: str, start: int, end: int) -> Packed:
    """What is packed of the minutes with start ≤ minute < end, and of the rest of their blocks. A minute may stand in
    its block and in its hour; the heavier one is the newer."""
    found: dict[int, Rollup] = {}
    blocks: set[int] = set()
    for day in range(floor_to(start, DAY_MS), end, DAY_MS):
        first, last = max(floor_to(start, BLOCK_MS), day), min(end, day + DAY_MS) - 1
        pk = keys.minute_block(place, function, day).pk
        low, high = utc(first).strftime("M#%H"), utc(last).strftime("M#%H~")
        for pack in table.query(pk, between=(low, high)):
            blocks |= set(range(pack["start"], pack["end"], BLOCK_MS)) if "rows" in pack else set()
            for one in _rollups(place, function, pack):
                found[one.start] = heavier(one, found.get(one.start))
        low, high = utc(first).strftime("m#%H%M"), utc(last).strftime("m#%H%M")
        for single in table.query(pk, between=(low, high)):  # of 0.1: they stand for fifteen days
            one = rollup_of(single)
            found[one.start] = heavier(one, found.get(one.start))
    return Packed(found, frozenset(blocks))


def put_block(table: Table, block: int, parts: Iterable[Rollup]) -> bool:
    """Write all minutes of one function's block as one item, unless as much or more is known there."""
    return _put(table, keys.minute_block, block, block + BLOCK_MS, parts)


def put_hour(table: Table, hour: int, parts: Iterable[Rollup]) -> bool:
    """The same for all minutes of an hour: what a first read of old logs finds."""
    return _put(table, keys.minutes_of_hour, hour, hour + HOUR_MS, parts)


def stretches(blocks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of neighbouring blocks."""
    run: list[int] = []
    for block in sorted(blocks):
        if run and block != run[-1] + BLOCK_MS:
            yield run[0], run[-1]
            run = []
        run.append(block)
    if run:
        yield run[0], run[-1]


def _put(table: Table, key: _Naming, start: int, end: int, parts: Iterable[Rollup]) -> bool:
    found = sorted(parts, key=lambda part: part.start)
    pack: Item = {
        "v": SCHEMA_VERSION, "scheme": SCHEME, "start": start, "end": end, "weight": sum(one.weight for one in found),
        "rows": rollup_rows.pack([item(one) for one in found]), "ttl": start // 1000 + KEEP_S,
    }
    return table.put_if_newer(key(found[0].place, found[0].function, start), pack, "weight")


def _rollups(place: Place, function: str, pack: Item) -> Iterator[Rollup]:
    if "rows" not in pack:
        yield from (rollup_of(found) for found in rollup_rows.unpack_first(pack["minutes"]))
        return
    known(pack)
    said = header(place, function, Span.MINUTE)
    yield from (rollup_of({**said, **found}) for found in rollup_rows.unpack(pack["rows"]))
