"""Deltas: packed sets of closed invocations, the ground truth under every rollup.

A delta is a Put at a key that names its own content, so writing it twice is writing it once. Several deltas may
cover the same invocation (push and pull overlap, windows are read again, a line comes late): readers take the union
by event hash, and of two facts about one invocation the one that rests on more lines.
One delta holds facts of one function over a few minutes; a 1 KB write unit holds about 80 facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from store import fact_pack, keys
from store.clock import HOUR_MS, MINUTE_MS, floor_to
from store.errors import StoreError
from store.fact_pack import VERSION, Fact
from store.items import Item
from store.keys import Key
from store.records import Place
from store.table import Table

KEEP_S = 8 * 86_400
"""Late events reach back a day at most in practice; eight days leave room to fold again after a bug."""
BLOCK_MS = 10 * MINUTE_MS
"""The stretch that is packed together when it is over (`minutes`); no delta reaches over its end."""
SPAN_MINUTES = 3
"""The stretch that one delta may cover: what a run finds fresh. Longer, and reading some minutes reads more beside."""
FACTS_PER_ITEM = 10_000
"""About 100 KB packed, under DynamoDB's 400 KB an item."""


def better(one: Fact, other: Fact | None) -> Fact:
    """Of two facts about one invocation, the one to believe: always the same, whichever is named first."""
    return one if other is None or _rank(one) >= _rank(other) else other


def tells_more(fact: Fact, standing: Fact | None) -> bool:
    """Whether a fact is worth writing beside what stands."""
    return standing is None or fact.evidence > standing.evidence


def _rank(fact: Fact) -> tuple[int, str]:
    return fact.evidence, repr(fact)


class Told(NamedTuple):
    """All that deltas hold: facts by event hash, and what `batches` put beside them, packed."""

    facts: dict[str, Fact]
    cuts: list[bytes]
    samples: list[bytes]


def put(table: Table, place: Place, function: str, facts: Iterable[Fact]) -> int:
    """Write facts as deltas, one or more per few minutes. Returns the number of items written."""
    items = [named(place, function, item) for item in unnamed(facts)]
    table.put_many(items)
    return len(items)


def unnamed(facts: Iterable[Fact]) -> Iterator[Item]:
    """Facts as items, one or more per few minutes, without their keys."""
    by_block: dict[int, dict[str, Fact]] = {}
    for fact in facts:
        found = by_block.setdefault(floor_to(fact.at, BLOCK_MS), {})
        found[fact.event_hash] = better(fact, found.get(fact.event_hash))
    for _, found in sorted(by_block.items()):
        chunk: list[Fact] = []
        for fact in sorted(found.values(), key=lambda fact: (fact.at, fact.event_hash)):
            full = len(chunk) == FACTS_PER_ITEM
            if chunk and (full or fact.at >= _reach(chunk[0])):
                yield _holding(chunk)
                chunk = []
            chunk.append(fact)
        yield _holding(chunk)


def _reach(first: Fact) -> int:
    return floor_to(first.at, MINUTE_MS) + SPAN_MINUTES * MINUTE_MS


def _holding(chunk: list[Fact]) -> Item:
    minute = floor_to(chunk[0].at, MINUTE_MS)
    return empty(minute) | {"facts": fact_pack.pack(chunk, minute)}


def empty(minute: int) -> Item:
    """An item of a minute (its start, epoch ms) that holds no fact."""
    return {"v": VERSION, "minute": minute, "facts": b"", "ttl": minute // 1000 + KEEP_S}


def named(place: Place, function: str, item: Item) -> tuple[Key, Item]:
    """An item under the name of its content: written again it is the same, and no other content replaces it."""
    content = hashlib.blake2b(digest_size=8)
    for part in (item["facts"], item.get("cut", b""), item.get("samples", b"")):
        content.update(len(part).to_bytes(4, "big") + part)
    return keys.delta(place, function, item["minute"], content.hexdigest()), item


def of_hour(table: Table, place: Place, function: str, hour: int) -> dict[str, Fact]:
    """Every fact of one function's hour by event hash: the union of its deltas, read consistently."""
    return of_minutes(table, place, function, hour, hour + HOUR_MS - MINUTE_MS)


def of_minutes(table: Table, place: Place, function: str, first: int, last: int) -> dict[str, Fact]:
    """Every fact of the minutes `first` to `last` (their starts, epoch ms) by event hash."""
    found = told(table, place, function, first, last).facts
    return {name: fact for name, fact in found.items() if first <= fact.at < last + MINUTE_MS}


def told(table: Table, place: Place, function: str, first: int, last: int) -> Told:
    """All that the deltas of the minutes `first` to `last` (their starts, epoch ms) hold, read consistently: with what
    those that reach into `first` hold of the minutes before."""
    found = Told({}, [], [])
    for hour in range(floor_to(first, HOUR_MS), last + 1, HOUR_MS):
        low = keys.delta(place, function, max(first - (SPAN_MINUTES - 1) * MINUTE_MS, hour), "")
        high = keys.delta(place, function, min(last, hour + HOUR_MS - MINUTE_MS), "~")
        for item in table.query(low.pk, between=(low.sk, high.sk)):
            _take(found, item)
    return found


def _take(found: Told, item: Item) -> None:
    for fact in _facts(item):
        found.facts[fact.event_hash] = better(fact, found.facts.get(fact.event_hash))
    found.cuts.extend([item["cut"]] if "cut" in item else [])
    found.samples.extend([item["samples"]] if "samples" in item else [])


def _facts(item: Item) -> Iterable[Fact]:
    if item["v"] > VERSION:
        raise StoreError(f"Counts of layout {item['v']} stand in the table; this Lamplight knows {VERSION}.",
                         "Update Lamplight everywhere it runs before using this table.")
    if item["v"] < VERSION:
        return fact_pack.unpack_rows(item["facts"], item["minute"], item["versions"], item["v"])
    return fact_pack.unpack(item["facts"], item["minute"]) if item["facts"] else ()
