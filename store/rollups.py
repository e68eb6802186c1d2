"""Counts of one function over one minute, hour or day, and how they are read back.

A rollup is a pure function of the facts it covers. Its `weight` is its version: facts are only ever added, or replaced
by ones that rest on more log events, so a write of the same or a smaller weight never wins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from store import keys, minute_pack
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to, utc
from store.errors import StoreError
from store.histogram import SCHEME, Histogram
from store.items import SCHEMA_VERSION, Item
from store.keys import Key
from store.records import Place
from store.table import Table

DAY_S = 86_400
KEEP_MINUTES_S = 15 * DAY_S
KEEP_HOURS_S = 400 * DAY_S


class Span(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def ms(self) -> int:
        return {Span.MINUTE: MINUTE_MS, Span.HOUR: HOUR_MS, Span.DAY: DAY_MS}[self]


@dataclass(frozen=True, slots=True)
class Rollup:
    """What happened to one function from `start` (epoch ms) over `span`. Durations ms, memory MB.

    `by_status` counts ok, error, timeout, oom, crash; `groups` failures per error fingerprint; `versions`
    invocations per function version. `restores` are the SnapStart starts among `cold_starts`."""

    place: Place
    function: str
    start: int
    span: Span
    invocations: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)
    cold_starts: int = 0
    restores: int = 0
    billed_ms: float = 0.0
    gb_ms: float = 0.0
    """Billed ms × configured GB: what compute costs are made of."""
    memory_mb: int | None = None
    max_memory_mb: int | None = None
    duration: Histogram = field(default_factory=Histogram)
    init: Histogram = field(default_factory=Histogram)
    groups: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    weight: int = 0
    """One for each invocation, and one for each log event that is known of it."""

    @property
    def failures(self) -> int:
        return sum(count for status, count in self.by_status.items() if status != "ok")

    @property
    def failure_rate(self) -> float | None:
        return self.failures / self.invocations if self.invocations else None

    def plus(self, other: Rollup) -> Rollup:
        """This window and another, disjoint one of the same or another function, as one."""
        return replace(
            self,
            invocations=self.invocations + other.invocations,
            by_status=_added(self.by_status, other.by_status),
            cold_starts=self.cold_starts + other.cold_starts,
            restores=self.restores + other.restores,
            billed_ms=self.billed_ms + other.billed_ms,
            gb_ms=self.gb_ms + other.gb_ms,
            memory_mb=_larger(self.memory_mb, other.memory_mb),
            max_memory_mb=_larger(self.max_memory_mb, other.max_memory_mb),
            duration=self.duration.merge(other.duration),
            init=self.init.merge(other.init),
            groups=_added(self.groups, other.groups),
            versions=_added(self.versions, other.versions),
            weight=self.weight + other.weight,
        )


def total(place: Place, function: str, start: int, span: Span, parts: Iterable[Rollup]) -> Rollup:
    """Disjoint parts as one rollup that begins at `start`; an empty one when there are none."""
    whole = Rollup(place, function, start, span)
    for part in parts:
        whole = whole.plus(part)
    return whole


def put(table: Table, rollup: Rollup) -> bool:
    """Write unless as much or more is known there. Hours are written to the fleet as well, and
    there first: whoever finds an hour finds it in the fleet."""
    item = _item(rollup)
    if rollup.span is Span.HOUR:
        fleet = keys.fleet_hour(rollup.place, rollup.function, rollup.start)
        table.put_if_newer(fleet, item, "weight")
    return table.put_if_newer(_key(rollup), item, "weight")


def put_minutes(table: Table, hour: int, parts: Iterable[Rollup]) -> bool:
    """Write all minutes of one function's hour as one item: what a first read of old logs finds, in one write
    instead of sixty. Refused, like any rollup, when as much or more is known there."""
    found = sorted(parts, key=lambda part: part.start)
    item: Item = {
        "v": SCHEMA_VERSION, "weight": sum(part.weight for part in found),
        "minutes": minute_pack.pack([_item(part) for part in found]), "ttl": hour // 1000 + KEEP_MINUTES_S,
    }
    return table.put_if_newer(keys.minutes_of_hour(found[0].place, found[0].function, hour), item, "weight")


def minutes(table: Table, place: Place, function: str, start: int, end: int) -> Iterator[Rollup]:
    """Minute rollups with start ≤ minute < end, oldest first. Idle minutes have none.

    A minute may stand by itself and within its hour; the heavier one is the newer."""
    for day in range(floor_to(start, DAY_MS), end, DAY_MS):
        pk = keys.minute_rollup(place, function, day).pk
        first, last = max(start, day), min(end, day + DAY_MS) - 1
        found: dict[int, Rollup] = {}
        for part in (*_packed_minutes(table, pk, first, last), *_read(table, pk, "m#%H%M", first, last)):
            standing = found.get(part.start)
            if standing is None or part.weight > standing.weight:
                found[part.start] = part
        yield from (found[minute] for minute in sorted(found))


def _packed_minutes(table: Table, pk: str, first: int, last: int) -> Iterator[Rollup]:
    for item in table.query(pk, between=(utc(first).strftime("M#%H"), utc(last).strftime("M#%H"))):
        for minute in minute_pack.unpack(item["minutes"]):
            if first <= minute["start"] <= last:
                yield _rollup(minute)


def hours(table: Table, place: Place, function: str, start: int, end: int) -> Iterator[Rollup]:
    """Hour rollups with start ≤ hour < end, oldest first."""
    for first, last in _stretches(start, end, "%Y%m"):
        yield from _read(table, keys.hour_rollup(place, function, first).pk, "h#%d%H", first, last)


def days(table: Table, place: Place, function: str, start: int, end: int) -> Iterator[Rollup]:
    """Day rollups with start ≤ day < end, oldest first."""
    for first, last in _stretches(start, end, "%Y"):
        yield from _read(table, keys.day_rollup(place, function, first).pk, "d#%m%d", first, last)


def fleet(table: Table, place: Place, start: int, end: int) -> Iterator[Rollup]:
    """Hour rollups of every function with start ≤ hour < end."""
    for hour in range(floor_to(start, HOUR_MS), end, HOUR_MS):
        for item in table.query(keys.fleet_hour(place, "", hour).pk):
            yield _rollup(item)


def _key(rollup: Rollup) -> Key:
    makers = {Span.MINUTE: keys.minute_rollup, Span.HOUR: keys.hour_rollup, Span.DAY: keys.day_rollup}
    return makers[rollup.span](rollup.place, rollup.function, rollup.start)


def _read(table: Table, pk: str, form: str, first: int, last: int) -> Iterator[Rollup]:
    between = (utc(first).strftime(form), utc(last).strftime(form))
    return (_rollup(item) for item in table.query(pk, between=between))


def _stretches(start: int, end: int, form: str) -> Iterator[tuple[int, int]]:
    """[start, end) cut where the partition (`form` of the day) changes: (first, last) ms of each piece."""
    first = start
    for day in range(floor_to(start, DAY_MS), end, DAY_MS):
        if day > first and utc(day).strftime(form) != utc(first).strftime(form):
            yield first, day - 1
            first = day
    if first < end:
        yield first, end - 1


def _item(rollup: Rollup) -> Item:
    keep = {Span.MINUTE: KEEP_MINUTES_S, Span.HOUR: KEEP_HOURS_S}.get(rollup.span)
    return {
        "v": SCHEMA_VERSION,
        "scheme": SCHEME,
        "account": rollup.place.account,
        "region": rollup.place.region,
        "function": rollup.function,
        "start": rollup.start,
        "span": str(rollup.span),
        "invocations": rollup.invocations,
        "by_status": dict(rollup.by_status),
        "cold_starts": rollup.cold_starts,
        "restores": rollup.restores,
        "billed_ms": rollup.billed_ms,
        "gb_ms": rollup.gb_ms,
        "memory_mb": rollup.memory_mb,
        "max_memory_mb": rollup.max_memory_mb,
        "duration": rollup.duration.pack(),
        "init": rollup.init.pack(),
        "groups": dict(rollup.groups),
        "versions": dict(rollup.versions),
        "weight": rollup.weight,
        "ttl": rollup.start // 1000 + keep if keep else None,
    }


def _rollup(item: Item) -> Rollup:
    if item["scheme"] != SCHEME or item["v"] > SCHEMA_VERSION:
        raise StoreError(f"A rollup of scheme {item['scheme']} v{item['v']} stands in the table.",
                         "Update Lamplight everywhere it runs before using this table.")
    return Rollup(
        place=Place(item["account"], item["region"]),
        function=item["function"],
        start=item["start"],
        span=Span(item["span"]),
        invocations=item["invocations"],
        by_status=item["by_status"],
        cold_starts=item["cold_starts"],
        restores=item["restores"],
        billed_ms=float(item["billed_ms"]),
        gb_ms=float(item["gb_ms"]),
        memory_mb=item.get("memory_mb"),
        max_memory_mb=item.get("max_memory_mb"),
        duration=Histogram.unpack(item["duration"]),
        init=Histogram.unpack(item["init"]),
        groups=item["groups"],
        versions=item["versions"],
        weight=item["weight"] if "weight" in item else item["invocations"],  # before facts had evidence
    )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(one) + Counter(other))


def _larger(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None
