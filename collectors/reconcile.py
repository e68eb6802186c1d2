"""Reconciliation: what was counted from logs against what CloudWatch itself counted, hour by hour.

CloudWatch counts an invocation in the minute it began, the rollups in the minute it ended; so an hour is compared by
when its invocations began, which each fact tells (its end less its duration): how many there were, how many failed,
and how long they took on average. An hour that lacks something is read again from the logs, up to three times; what is
still missing then is shown with the likeliest reason. An hour with more than CloudWatch counted is compared again for a
day, because metrics come late.

No difference: throttled requests and asynchronous events that were dropped are no invocations, and leave no line; a
timeout is an error by both; each try of an asynchronous event is an invocation by both; an environment made ahead of
need logs an init, and is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from collectors import drift_reasons
from collectors.tally import STOP_MS, Tally, TimeLeft
from store import deltas, drift, functions, health, metrics, readings
from store.clock import HOUR_MS, MINUTE_MS, floor_to
from store.drift import Drift, DriftState
from store.errors import PermissionDenied, TableMissing
from store.fact_pack import Fact
from store.histogram import value_of
from store.readings import SourceReading
from store.records import FunctionInfo, MetricPoint, MetricSeries, Place
from store.table import Table

SOURCE = "reconciled"
SETTLED_MS = 25 * MINUTE_MS
"""How long after its end an hour is compared: invocations that began in it may run 15 minutes more, and both logs and
metrics come late by minutes."""
COMPLETE_MS = 5 * MINUTE_MS
"""CloudWatch's minutes are complete after a few more."""
LONGEST_MS = 15 * MINUTE_MS
BACK_MS = 24 * HOUR_MS
"""Hours looked back at: after a long pause, and for those that still lack something."""
READINGS = 3
EDGE_MS = 2_000
"""Clocks of the metric and of the log line differ by little; the histogram knows a duration within 2 %."""
SAME_MEAN, SAME_MS = 0.05, 1.0
"""Means that differ by less are the same: buckets are within 2 % of a duration, and CloudWatch rounds."""
Reread = Callable[[str, int, int], None]
"""Reads a log group again from one time to another (epoch ms)."""


@dataclass(frozen=True, slots=True)
class Hour:
    """CloudWatch's word on one function's hour; None where it has none."""

    invocations: int
    errors: int | None
    throttles: int | None
    mean_ms: float | None


def reconcile(table: Table, place: Place, tally: Tally, time_left_ms: TimeLeft, reread: Reread) -> None:
    """Compare every hour that has settled since the last time, and those that still differed. Raises StoreError when
    the table cannot be used."""
    now = tally.clock()
    settled = floor_to(min(now - SETTLED_MS, _metrics_reach(table, place, now)), HOUR_MS)
    seen = health.checkpoint(table, place, SOURCE)
    first = max(settled - BACK_MS, settled - HOUR_MS if seen is None else seen)
    if first >= settled:
        return
    open_ = {(one.function, one.hour): one for one in drift.of_place(table, place, settled - BACK_MS, settled)
             if one.state in (DriftState.MISSING, DriftState.MORE)}
    inventory = list(functions.of_place(table, place))
    wanted = [(info, hour) for info in inventory for hour in range(first, settled, HOUR_MS)]
    wanted += [(info, hour) for info in inventory for (name, hour) in open_ if name == info.name and hour < first]
    how_read = {one.source: one for one in readings.of_collector(table, place, "logs")}
    for info, hour in wanted:
        if time_left_ms() <= STOP_MS:
            tally.problem("No time was left to compare every hour with CloudWatch's metrics; the next run does.")
            return
        with tally.going_on(f"{info.name}, compared with CloudWatch"):
            _Look(table, info, hour, how_read.get(info.log_group), reread, now).compare(open_.get((info.name, hour)))
    health.advance(table, place, SOURCE, seen, settled)


def _metrics_reach(table: Table, place: Place, now: int) -> int:
    """Up to when (epoch ms) CloudWatch's metrics are whole here: they are read seldom, and half an hour would look like
    too few. Now, when how far they are read is not known."""
    reached = [one.reached_at for one in readings.of_collector(table, place, "metrics") if one.source == "AWS/Lambda"]
    return reached[0] - COMPLETE_MS if reached and reached[0] is not None else now


@dataclass(frozen=True, slots=True)
class _Look:
    """At one hour of one function."""

    table: Table
    info: FunctionInfo
    hour: int
    reading: SourceReading | None
    reread: Reread
    now: int

    def compare(self, before: Drift | None) -> None:
        """Compare, read again what is missing, and keep what came of it. `before` is what the last look kept."""
        said = cloudwatch_hour(self.table, self.info, self.hour)
        if said is None:
            return
        found = replace(self._compared(said), readings=before.readings if before else 0)
        if found.state is DriftState.MISSING:
            found = self._read_again(said, found)
        elif found.state is DriftState.HEALED and before is None:
            return
        elif found.state is DriftState.HEALED and before and before.state is DriftState.MORE:
            found = replace(found, why="CloudWatch's metrics came late; both say the same now.")
        if before is None or replace(found, looked_at=before.looked_at) != before:
            drift.put(self.table, found)

    def _read_again(self, said: Hour, found: Drift) -> Drift:
        refused = ""
        try:
            self.reread(self.info.log_group, self.hour - LONGEST_MS, self.hour + HOUR_MS + LONGEST_MS)
        except (PermissionDenied, TableMissing) as error:  # it will not get better by itself
            refused = str(error)
        again = replace(self._compared(said), readings=found.readings + 1)
        if again.state is not DriftState.MISSING or again.readings < READINGS:
            return again
        why = drift_reasons.missing(self.info, again, self.reading, refused)
        return replace(again, state=DriftState.EXPLAINED, why=why)

    def _compared(self, said: Hour) -> Drift:
        return compared(self.info, self.hour, said, _facts(self.table, self.info, self.hour), self.now)


def compared(info: FunctionInfo, hour: int, said: Hour, facts: Iterable[Fact], now: int) -> Drift:
    """One hour by both. HEALED when they say the same, give or take what began within seconds of its edges."""
    inside = edge = failures = failed_at_edge = 0
    total = 0.0
    for fact in facts:
        duration = 0.0 if fact.duration_bucket is None else value_of(fact.duration_bucket)
        began, slack = fact.at - duration, EDGE_MS + 0.02 * duration
        near = min(abs(began - hour), abs(began - hour - HOUR_MS)) <= slack
        if hour <= began < hour + HOUR_MS:
            inside += 1
            failures += fact.status.failed
            total += duration
        edge += near
        failed_at_edge += near and fact.status.failed
    found = Drift(info.place, info.name, hour, DriftState.HEALED, said.invocations, inside, said.errors, failures,
                  said.throttles, said.mean_ms, total / inside if inside else None, looked_at=now)
    lacks = found.missing
    if abs(lacks) <= edge:  # as many; are they the same ones?
        lacks = _otherwise(found, edge, failed_at_edge)
    if lacks < 0:
        return replace(found, state=DriftState.MORE, why=drift_reasons.more(found))
    return replace(found, state=DriftState.MISSING) if lacks else found


def _otherwise(found: Drift, edge: int, failed_at_edge: int) -> int:
    """Of an hour with as many invocations by both: how many failures the logs lack, or have too many (negative); 1 when
    it is the durations that differ."""
    lacks = 0 if found.errors is None else found.errors - found.failures
    if abs(lacks) > failed_at_edge:
        return lacks
    if edge or found.mean_ms is None or found.counted_mean_ms is None:
        return 0
    return int(abs(found.mean_ms - found.counted_mean_ms) > SAME_MEAN * found.mean_ms + SAME_MS)


def cloudwatch_hour(table: Table, info: FunctionInfo, hour: int) -> Hour | None:
    """What the metric collector keeps of one function's hour; None when that is not the whole of it."""
    invocations = list(_points(table, info, "Invocations", "Count", hour))
    if not invocations:
        return None
    errors = list(_points(table, info, "Errors", "Count", hour))
    throttles = list(_points(table, info, "Throttles", "Count", hour))
    durations = list(_points(table, info, "Duration", "Milliseconds", hour))
    runs, begun = sum(point.count for point in durations), round(sum(point.total for point in invocations))
    return Hour(begun, _sum(errors), _sum(throttles),
                sum(point.total for point in durations) / runs if runs and runs == begun else None)


def _points(table: Table, info: FunctionInfo, name: str, unit: str, hour: int) -> Iterator[MetricPoint]:
    series = MetricSeries("AWS/Lambda", name, unit, {"FunctionName": info.name}, "cloudwatch")
    return metrics.points(table, info.place, series, hour, hour + HOUR_MS)


def _sum(points: list[MetricPoint]) -> int | None:
    return round(sum(point.total for point in points)) if points else None


def _facts(table: Table, info: FunctionInfo, hour: int) -> Iterable[Fact]:
    """Facts of all that can have begun in the hour."""
    return deltas.of_minutes(table, info.place, info.name, hour, hour + HOUR_MS + LONGEST_MS - MINUTE_MS).values()
