"""Facts become rollups: each minute from the union of its facts, the hour from its minutes, the day from its hours.

Nothing is added up twice because nothing is added to what stands: every rollup is made anew from all the facts it
covers and replaces a lighter one. Killed between any two writes, the next call for the same minutes finds what is
missing by comparing weights, and writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby

from store import deltas, rollups
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to
from store.deltas import Fact
from store.histogram import Histogram
from store.records import Place
from store.rollups import Rollup, Span
from store.table import Table

MB_PER_GB = 1024

AT_ONCE = 12
"""From twelve minutes of one hour up, one item of about 6 KB costs less than an item each: a first read of old logs."""


def minute_rollup(place: Place, function: str, minute: int, facts: Iterable[Fact]) -> Rollup:
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


def known(table: Table, place: Place, function: str, minutes: Iterable[int]) -> dict[str, Fact]:
    """What the table holds of these minutes, by event hash. One query an hour touched."""
    found: dict[str, Fact] = {}
    for first, last in _stretches(minutes):
        found |= deltas.of_minutes(table, place, function, first, last)
    return found


def write(table: Table, place: Place, function: str, facts: Iterable[Fact], standing: Mapping[str, Fact]) -> int:
    """Keep the facts that do not stand yet, or stand on less, then bring every rollup of their minutes up to date.

    `standing` is what `known` said of these minutes. Returns the number of items written."""
    arriving: dict[str, Fact] = {}
    for fact in facts:
        arriving[fact.event_hash] = deltas.better(fact, arriving.get(fact.event_hash))
    fresh = [fact for name, fact in arriving.items() if deltas.tells_more(fact, standing.get(name))]
    wrote = deltas.put(table, place, function, fresh)
    return wrote + bring_up(table, place, function, {_minute(fact) for fact in arriving.values()})


def bring_up(table: Table, place: Place, function: str, minutes: Iterable[int]) -> int:
    """Bring every rollup over these minutes (their starts, epoch ms) up to what the deltas say. Returns the number of
    items written."""
    touched: dict[int, dict[int, set[int]]] = {}
    for minute in minutes:
        touched.setdefault(floor_to(minute, DAY_MS), {}).setdefault(floor_to(minute, HOUR_MS), set()).add(minute)
    return sum(_bring_up(table, place, function, day, touched[day]) for day in sorted(touched))


def _bring_up(table: Table, place: Place, function: str, day: int, touched: Mapping[int, set[int]]) -> int:
    """Minutes first, then the day, then the hours: an hour that stands says that the rest does."""
    hours = {one.start: one for one in rollups.hours(table, place, function, day, day + DAY_MS)}
    wrote, moved = 0, []
    for hour in sorted(touched):
        minutes, written = _bring_up_minutes(table, place, function, hour, touched[hour], first=hour not in hours)
        whole = rollups.total(place, function, hour, Span.HOUR, minutes.values())
        wrote += written
        if _heavier(whole, hours.get(hour)):
            hours[hour] = whole
            moved.append(whole)
    days = {one.start: one for one in rollups.days(table, place, function, day, day + DAY_MS)}
    daily = rollups.total(place, function, day, Span.DAY, hours.values())
    if _heavier(daily, days.get(day)):
        wrote += rollups.put(table, daily)
    return wrote + sum(rollups.put(table, whole) for whole in moved)


def _bring_up_minutes(table: Table, place: Place, function: str, hour: int, touched: set[int],
                      first: bool) -> tuple[dict[int, Rollup], int]:
    """The hour's minutes as they now stand, and how many items that took. While no rollup of the hour stands
    (`first`), its deltas are all there is to read; later only the touched minutes are folded again."""
    standing = {} if first else {
        one.start: one for one in rollups.minutes(table, place, function, hour, hour + HOUR_MS)}
    # Read after the deltas were written: what another collector wrote meanwhile counts too.
    facts = deltas.of_hour(table, place, function, hour) if first else known(table, place, function, touched)
    made = (minute_rollup(place, function, minute, members)
            for minute, members in groupby(sorted(facts.values(), key=_minute), key=_minute)
            if first or minute in touched)
    moved = [rollup for rollup in made if _heavier(rollup, standing.get(rollup.start))]
    standing |= {rollup.start: rollup for rollup in moved}
    if len(moved) >= AT_ONCE:
        return standing, int(rollups.put_minutes(table, hour, standing.values()))
    return standing, sum(rollups.put(table, rollup) for rollup in moved)


def _heavier(rollup: Rollup, standing: Rollup | None) -> bool:
    return standing is None or rollup.weight > standing.weight


def _minute(fact: Fact) -> int:
    return floor_to(fact.at, MINUTE_MS)


def _histogram(buckets: Iterable[int | None]) -> Histogram:
    return Histogram(Counter(bucket for bucket in buckets if bucket is not None))


def _stretches(minutes: Iterable[int]) -> Iterable[tuple[int, int]]:
    """First and last of the minutes of each hour."""
    for _, members in groupby(sorted(minutes), key=lambda minute: floor_to(minute, HOUR_MS)):
        found = list(members)
        yield found[0], found[-1]
