"""Deltas: packed sets of closed invocations, the ground truth under every rollup.

A delta is a Put at a key that names its own content, so writing it twice is writing it once. Several deltas may
cover the same invocation (push and pull overlap, windows are read again, a line comes late): readers take the union
by event hash, and of two facts about one invocation the one that rests on more lines.
One fact is 24 bytes, 26 when cold, 32 when failed; a 1 KB write unit holds about 42."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from store import keys
from store.clock import HOUR_MS, MINUTE_MS, floor_to
from store.errors import StoreError
from store.items import Item
from store.keys import Key
from store.records import Place, Status
from store.table import Table

KEEP_S = 8 * 86_400
"""Late events reach back a day at most in practice; eight days leave room to fold again after a bug."""
FACTS_PER_ITEM = 10_000
"""About 300 KB packed, under DynamoDB's 400 KB an item."""

VERSION = 2
"""Version 1 had no evidence; its facts are read as resting on none, so that whatever is read again replaces them."""
_FACTS = {1: struct.Struct(">8sHBhIHHB"), 2: struct.Struct(">8sHBhIHHBH")}
_NONE = -32_768
_STATUSES = (Status.OK, Status.ERROR, Status.TIMEOUT, Status.OOM, Status.CRASH)
_COLD, _RESTORED, _INIT, _GROUP = 0x10, 0x20, 0x40, 0x80


@dataclass(frozen=True, slots=True)
class Fact:
    """What counting needs of one closed invocation. `at` is its end, epoch ms; buckets are histogram buckets."""

    event_hash: str
    at: int
    status: Status
    cold: bool = False
    restored: bool = False
    duration_bucket: int | None = None
    init_bucket: int | None = None
    billed_ms: int = 0
    memory_mb: int | None = None
    max_memory_mb: int | None = None
    fingerprint: str | None = None
    version: str | None = None
    evidence: int = 0
    """Lines it rests on: an invocation cut by a batch, or read before its last line came, rests on fewer."""


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
    """Write facts as deltas, one or more per minute. Returns the number of items written."""
    items = [named(place, function, item) for item in unnamed(facts)]
    table.put_many(items)
    return len(items)


def unnamed(facts: Iterable[Fact]) -> Iterator[Item]:
    """Facts as items, one or more per minute, without their keys."""
    by_minute: dict[int, dict[str, Fact]] = {}
    for fact in facts:
        found = by_minute.setdefault(floor_to(fact.at, MINUTE_MS), {})
        found[fact.event_hash] = better(fact, found.get(fact.event_hash))
    for minute, found in sorted(by_minute.items()):
        ordered = [found[name] for name in sorted(found)]
        for start in range(0, len(ordered), FACTS_PER_ITEM):
            chunk = ordered[start:start + FACTS_PER_ITEM]
            versions = sorted({fact.version for fact in chunk if fact.version is not None})
            yield empty(minute) | {"versions": versions,
                                   "facts": b"".join(_packed(fact, minute, versions) for fact in chunk)}


def empty(minute: int) -> Item:
    """An item of a minute (its start, epoch ms) that holds no fact."""
    return {"v": VERSION, "minute": minute, "versions": [], "facts": b"", "ttl": minute // 1000 + KEEP_S}


def named(place: Place, function: str, item: Item) -> tuple[Key, Item]:
    """An item under the name of its content: written again it is the same, and no other content replaces it."""
    content = hashlib.blake2b(digest_size=8)
    for part in (item["facts"], "\0".join(item["versions"]).encode("utf-8", "surrogatepass"),
                 item.get("cut", b""), item.get("samples", b"")):
        content.update(len(part).to_bytes(4, "big") + part)
    return keys.delta(place, function, item["minute"], content.hexdigest()), item


def of_hour(table: Table, place: Place, function: str, hour: int) -> dict[str, Fact]:
    """Every fact of one function's hour by event hash: the union of its deltas, read consistently."""
    return of_minutes(table, place, function, hour, hour + HOUR_MS - MINUTE_MS)


def of_minutes(table: Table, place: Place, function: str, first: int, last: int) -> dict[str, Fact]:
    """Every fact of the minutes `first` to `last` (their starts, epoch ms) by event hash."""
    return told(table, place, function, first, last).facts


def told(table: Table, place: Place, function: str, first: int, last: int) -> Told:
    """All that the deltas of the minutes `first` to `last` (their starts, epoch ms) hold, read consistently."""
    found = Told({}, [], [])
    for hour in range(floor_to(first, HOUR_MS), last + 1, HOUR_MS):
        low = keys.delta(place, function, max(first, hour), "")
        high = keys.delta(place, function, min(last, hour + HOUR_MS - MINUTE_MS), "~")
        for item in table.query(low.pk, between=(low.sk, high.sk)):
            _take(found, item)
    return found


def _take(found: Told, item: Item) -> None:
    if item["v"] not in _FACTS:
        raise StoreError(f"Counts of layout {item['v']} stand in the table; this Lamplight knows {VERSION}.",
                         "Update Lamplight everywhere it runs before using this table.")
    for fact in _unpacked(item["facts"], item["minute"], item["versions"], _FACTS[item["v"]]):
        found.facts[fact.event_hash] = better(fact, found.facts.get(fact.event_hash))
    found.cuts.extend([item["cut"]] if "cut" in item else [])
    found.samples.extend([item["samples"]] if "samples" in item else [])


def _packed(fact: Fact, minute: int, versions: list[str]) -> bytes:
    flags = _STATUSES.index(fact.status)
    flags |= (_COLD if fact.cold else 0) | (_RESTORED if fact.restored else 0)
    tail = b""
    if fact.init_bucket is not None:
        flags |= _INIT
        tail += struct.pack(">h", fact.init_bucket)
    if fact.fingerprint is not None:
        flags |= _GROUP
        tail += bytes.fromhex(fact.fingerprint)
    head = _FACTS[VERSION].pack(
        bytes.fromhex(fact.event_hash), fact.at - minute, flags,
        _NONE if fact.duration_bucket is None else fact.duration_bucket,
        min(fact.billed_ms, 0xFFFFFFFF), min(fact.memory_mb or 0, 0xFFFF), min(fact.max_memory_mb or 0, 0xFFFF),
        0 if fact.version is None else 1 + versions.index(fact.version), min(fact.evidence, 0xFFFF),
    )
    return head + tail


def _unpacked(packed: bytes, minute: int, versions: list[str], layout: struct.Struct) -> Iterator[Fact]:
    position = 0
    while position < len(packed):
        name, offset, flags, duration, billed, memory, peak, version, *told = layout.unpack_from(packed, position)
        position += layout.size
        init = group = None
        if flags & _INIT:
            (init,) = struct.unpack_from(">h", packed, position)
            position += 2
        if flags & _GROUP:
            group = packed[position:position + 8].hex()
            position += 8
        yield Fact(
            event_hash=name.hex(), at=minute + offset, status=_STATUSES[flags & 0x0F],
            cold=bool(flags & _COLD), restored=bool(flags & _RESTORED),
            duration_bucket=None if duration == _NONE else duration, init_bucket=init, billed_ms=billed,
            memory_mb=memory or None, max_memory_mb=peak or None, fingerprint=group,
            version=versions[version - 1] if version else None, evidence=told[0] if told else 0,
        )
