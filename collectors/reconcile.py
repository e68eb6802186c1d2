"""Reconciliation: what was counted from logs against what CloudWatch itself counted, hour by hour.

CloudWatch counts an invocation in the minute it began, the rollups in the minute it ended; so an hour is compared by
when its invocations began, which each fact tells (its end less its duration). An hour that lacks invocations is read
again from the logs, up to three times; what is still missing then is shown with the likeliest reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from collectors.tally import STOP_MS, Tally, TimeLeft
from store import deltas, drift, functions, health, metrics, readings
from store.clock import HOUR_MS, MINUTE_MS, floor_to
from store.drift import Drift, DriftState
from store.fact_pack import Fact
from store.histogram import value_of
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
    """Compare every hour that has settled since the last time, and those that still lacked something. Raises
    StoreError when the table cannot be used."""
    now = tally.clock()
    settled = floor_to(min(now - SETTLED_MS, _metrics_reach(table, place, now)), HOUR_MS)
    seen = health.checkpoint(table, place, SOURCE)
    first = max(settled - BACK_MS, settled - HOUR_MS if seen is None else seen)
    if first >= settled:
        return
    open_ = {(one.function, one.hour): one for one in drift.of_place(table, place, settled - BACK_MS, settled)
             if one.state is DriftState.MISSING}
    inventory = list(functions.of_place(table, place))
    wanted = [(info, hour) for info in inventory for hour in range(first, settled, HOUR_MS)]
    wanted += [(info, hour) for info in inventory for (name, hour) in open_ if name == info.name and hour < first]
    for info, hour in wanted:
        if time_left_ms() <= STOP_MS:
            tally.problem("No time was left to compare every hour with CloudWatch's metrics; the next run does.")
            return
        with tally.going_on(f"{info.name}, compared with CloudWatch"):
            _hour(table, info, hour, open_.get((info.name, hour)), reread, now)
    health.advance(table, place, SOURCE, seen, settled)


def _metrics_reach(table: Table, place: Place, now: int) -> int:
    """Up to when (epoch ms) CloudWatch's metrics are whole here: they are read seldom, and half an hour would look like
    too few. Now, when how far they are read is not known."""
    reached = [one.reached_at for one in readings.of_collector(table, place, "metrics") if one.source == "AWS/Lambda"]
    return reached[0] - COMPLETE_MS if reached and reached[0] is not None else now


def _hour(table: Table, info: FunctionInfo, hour: int, before: Drift | None, reread: Reread, now: int) -> None:
    said = cloudwatch_hour(table, info, hour)
    if said is None:
        return
    found = compared(info, hour, said, _facts(table, info, hour), now)
    if found is not None and found.state is DriftState.MISSING:
        reread(info.log_group, hour - LONGEST_MS, hour + HOUR_MS + LONGEST_MS)
        again = compared(info, hour, said, _facts(table, info, hour), now)
        readings = (before.readings if before else 0) + 1
        found = replace(again or found, readings=readings, state=again.state if again else DriftState.HEALED,
                        counted=again.counted if again else said.invocations)
        if found.state is DriftState.MISSING and readings >= READINGS:
            found = replace(found, state=DriftState.EXPLAINED, why=_why(info))
    elif found is None and before is not None:
        found = replace(before, state=DriftState.HEALED, counted=said.invocations, looked_at=now)
    if found is not None:
        drift.put(table, found)


def compared(info: FunctionInfo, hour: int, said: Hour, facts: Iterable[Fact], now: int) -> Drift | None:
    """The drift of one hour; None when both say the same, give or take what began within seconds of its edges."""
    inside = edge = failures = 0
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
    if abs(said.invocations - inside) <= edge:
        return None
    state = DriftState.MISSING if said.invocations > inside else DriftState.MORE
    why = "" if state is DriftState.MISSING else (
        "CloudWatch counted fewer: its metrics came late or were not collected all hour, or another function writes "
        "to the same log group.")
    return Drift(info.place, info.name, hour, state, said.invocations, inside, said.errors, failures, said.throttles,
                 said.mean_ms, total / inside if inside else None, why=why, looked_at=now)


def cloudwatch_hour(table: Table, info: FunctionInfo, hour: int) -> Hour | None:
    """What the metric collector keeps of one function's hour; None when that is not the whole of it."""
    invocations = list(_points(table, info, "Invocations", "Count", hour))
    if not invocations:
        return None
    errors = list(_points(table, info, "Errors", "Count", hour))
    throttles = list(_points(table, info, "Throttles", "Count", hour))
    durations = list(_points(table, info, "Duration", "Milliseconds", hour))
    runs = sum(point.count for point in durations)
    return Hour(round(sum(point.total for point in invocations)), _sum(errors), _sum(throttles),
                sum(point.total for point in durations) / runs if runs else None)


def _points(table: Table, info: FunctionInfo, name: str, unit: str, hour: int) -> Iterator[MetricPoint]:
    series = MetricSeries("AWS/Lambda", name, unit, {"FunctionName": info.name}, "cloudwatch")
    return metrics.points(table, info.place, series, hour, hour + HOUR_MS)


def _sum(points: list[MetricPoint]) -> int | None:
    return round(sum(point.total for point in points)) if points else None


def _facts(table: Table, info: FunctionInfo, hour: int) -> Iterable[Fact]:
    """Facts of all that can have begun in the hour."""
    return deltas.of_minutes(table, info.place, info.name, hour, hour + HOUR_MS + LONGEST_MS - MINUTE_MS).values()


def _why(info: FunctionInfo) -> str:
    if info.log_format == "JSON":
        return ("Read three times, still missing. With JSON logs and system log level WARN a success leaves no line; "
                "set the function's system log level to INFO to have it counted.")
    return ("Read three times, still missing. The lines are not in the log group: it was deleted, its retention is "
            "over, the role may not write to it, or it logs to another group.")
