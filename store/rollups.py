"""Counts of one function over one minute, hour or day, and how they are read back.

A rollup is a pure function of the facts it covers. Its `weight` is its version: facts are only ever added, or replaced
by ones that rest on more log events, so a write of the same or a smaller weight never wins.

Hours and days are written when they are over. What has not come to that is read from where it stands meanwhile:
minutes from the deltas of their block, hours from the live ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby

from store import keys, live
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to, utc
from store.errors import StoreError
from store.fact_pack import Fact
from store.histogram import SCHEME, Histogram
from store.items import SCHEMA_VERSION, Item
from store.live import Live
from store.records import Place
from store.table import Table

KEEP_HOURS_S = 400 * 86_400
MB_PER_GB = 1024


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


def of_minute(place: Place, function: str, minute: int, facts: Iterable[Fact]) -> Rollup:
    """The rollup of one minute (its start, epoch ms): a pure function of the set of facts, whatever their order."""
    found = sorted(facts, key=lambda fact: fact.event_hash)
    return Rollup(
        place, function, minute, Span.MINUTE,
        invocations=len(found),
        by_status=Counter(str(fact.status) for fact in found),
        cold_starts=sum(fact.cold for fact in found),
        restores=sum(fact.restored for fact in found),
        billed_ms=float(sum(fact.billed_ms for fact in found)),
        gb_ms=sum(fact.billed_ms * (fact.memory_mb or 0) for fact in found) / MB_PER_GB,
        memory_mb=max((fact.memory_mb for fact in found if fact.memory_mb), default=None),
        max_memory_mb=max((fact.max_memory_mb for fact in found if fact.max_memory_mb), default=None),
        duration=_histogram(fact.duration_bucket for fact in found),
        init=_histogram(fact.init_bucket for fact in found),
        groups=Counter(fact.fingerprint for fact in found if fact.fingerprint),
        versions=Counter(fact.version for fact in found if fact.version),
        weight=sum(1 + fact.evidence for fact in found),
    )


def of_facts(place: Place, function: str, facts: Iterable[Fact]) -> dict[int, Rollup]:
    """The rollup of every minute that these facts fall into, by its start."""
    by_minute = groupby(sorted(facts, key=_minute), key=_minute)
    return {minute: of_minute(place, function, minute, members) for minute, members in by_minute}


def put(table: Table, rollup: Rollup) -> bool:
    """Write an hour or a day unless as much or more is known there. Hours are written to the fleet as well, and
    there first: whoever finds an hour finds it in the fleet."""
    made = item(rollup)
    if rollup.span is Span.DAY:
        return table.put_if_newer(keys.day_rollup(rollup.place, rollup.function, rollup.start), made, "weight")
    table.put_if_newer(keys.fleet_hour(rollup.place, rollup.function, rollup.start), made, "weight")
    return table.put_if_newer(keys.hour_rollup(rollup.place, rollup.function, rollup.start), made, "weight")


def hour(table: Table, place: Place, function: str, start: int) -> Rollup | None:
    """The hour as it was written when it was over; None before."""
    found = table.get(keys.hour_rollup(place, function, start))
    return rollup_of(found) if found else None


def written(table: Table, place: Place, function: str, start: int, end: int) -> Iterator[Rollup]:
    """Hours with start ≤ hour < end that are over, oldest first."""
    for first, last in _stretches(start, end, "%Y%m"):
        yield from _read(table, keys.hour_rollup(place, function, first).pk, "h#%d%H", first, last)


def hours(table: Table, place: Place, function: str, start: int, end: int, now: Live | None = None) -> Iterator[Rollup]:
    """Hour rollups with start ≤ hour < end, oldest first. `now` is what `live.of_place` said, when that is known."""
    found = {one.start: one for one in written(table, place, function, start, end)}
    for one in _living(table, place, start, end, now):
        if one.function == function:
            found[one.start] = heavier(one, found.get(one.start))
    yield from (found[start] for start in sorted(found))


def days(table: Table, place: Place, function: str, start: int, end: int, now: Live | None = None) -> Iterator[Rollup]:
    """Day rollups with start ≤ day < end, oldest first. A day with an hour that is not over is the sum of its hours."""
    found = {one.start: one for first, last in _stretches(start, end, "%Y")
             for one in _read(table, keys.day_rollup(place, function, first).pk, "d#%m%d", first, last)}
    now = now or live.of_place(table, place)
    first, last = floor_to(start, DAY_MS), floor_to(end - 1, DAY_MS) + DAY_MS
    unfinished = {floor_to(one.start, DAY_MS) for one in _living(table, place, first, last, now)
                  if one.function == function}
    for day in unfinished:
        parts = hours(table, place, function, day, day + DAY_MS, now)
        found[day] = heavier(total(place, function, day, Span.DAY, parts), found.get(day))
    yield from (found[day] for day in sorted(found))


def fleet(table: Table, place: Place, start: int, end: int) -> Iterator[Rollup]:
    """Hour rollups of every function with start ≤ hour < end."""
    running = {(one.function, one.start): one for one in _living(table, place, start, end, None)}
    for hour in range(floor_to(start, HOUR_MS), end, HOUR_MS):
        for found in table.query(keys.fleet_hour(place, "", hour).pk):
            one = rollup_of(found)
            yield heavier(one, running.pop((one.function, one.start), None))
    yield from running.values()


def heavier(one: Rollup, other: Rollup | None) -> Rollup:
    """Of two rollups of the same window, the one that rests on more."""
    return one if other is None or one.weight >= other.weight else other


def _living(table: Table, place: Place, start: int, end: int, now: Live | None) -> Iterator[Rollup]:
    for one in (now or live.of_place(table, place)).hours.values():
        if floor_to(start, HOUR_MS) <= one.hour < end:
            yield rollup_of({**header(place, one.function, Span.HOUR), **one.rollup})


def _read(table: Table, pk: str, form: str, first: int, last: int) -> Iterator[Rollup]:
    between = (utc(first).strftime(form), utc(last).strftime(form))
    return (rollup_of(found) for found in table.query(pk, between=between))


def _stretches(start: int, end: int, form: str) -> Iterator[tuple[int, int]]:
    """[start, end) cut where the partition (`form` of the day) changes: (first, last) ms of each piece."""
    first = start
    for day in range(floor_to(start, DAY_MS), end, DAY_MS):
        if day > first and utc(day).strftime(form) != utc(first).strftime(form):
            yield first, day - 1
            first = day
    if first < end:
        yield first, end - 1


def header(place: Place, function: str, span: Span) -> Item:
    """What the rows of `rollup_rows` leave out."""
    return {"v": SCHEMA_VERSION, "scheme": SCHEME, "account": place.account, "region": place.region,
            "function": function, "span": str(span)}


def item(rollup: Rollup) -> Item:
    """A rollup as its item says it."""
    keep = KEEP_HOURS_S if rollup.span is Span.HOUR else None
    return {
        **header(rollup.place, rollup.function, rollup.span),
        "start": rollup.start,
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


def known(item: Item) -> None:
    """Raises StoreError when a newer Lamplight wrote these counts."""
    if item["scheme"] != SCHEME or item["v"] > SCHEMA_VERSION:
        raise StoreError(f"A rollup of scheme {item['scheme']} v{item['v']} stands in the table.",
                         "Update Lamplight everywhere it runs before using this table.")


def rollup_of(item: Item) -> Rollup:
    """The rollup an item says. Raises StoreError when a newer Lamplight wrote it."""
    known(item)
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


def _histogram(buckets: Iterable[int | None]) -> Histogram:
    return Histogram(Counter(bucket for bucket in buckets if bucket is not None))


def _minute(fact: Fact) -> int:
    return floor_to(fact.at, MINUTE_MS)
