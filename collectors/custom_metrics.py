"""Embedded metrics become minutes of series, once each however often a window is read.

A minute is never added to: it is summed from every event of the window that speaks of it, and replaces what stands.
So only minutes that lie whole in the window are written. An event speaks of the minute in its own timestamp; if that
is further than `SPREAD_MS` from when it was logged, of the minute it was logged in. Therefore all that is said of a
minute is logged within `SPREAD_MS` of it."""

from __future__ import annotations

from collectors.invocations import MetricSaid
from store import metrics
from store.clock import MINUTE_MS, floor_to
from store.records import MetricPoint, MetricSeries, Place
from store.table import Table

SPREAD_MS = 2 * MINUTE_MS
"""Metric loggers stamp a metric when it is put or flushed, within the invocation that logs it."""


class Sums:
    """What one window says, per series and minute."""

    def __init__(self) -> None:
        self._series: dict[str, MetricSeries] = {}
        self._points: dict[tuple[str, int], MetricPoint] = {}

    def add(self, said: MetricSaid) -> None:
        """Take in one embedded metric. The caller gives each log event once."""
        metric = said.metric
        if not metric.values:
            return
        series = MetricSeries(metric.namespace, metric.name, metric.unit, dict(metric.dimensions))
        name = metrics.series_id(series)
        self._series[name] = series
        minute = floor_to(_time(metric.timestamp, said.event.timestamp), MINUTE_MS)
        point = MetricPoint(minute, len(metric.values), sum(metric.values), min(metric.values), max(metric.values))
        standing = self._points.get((name, minute))
        self._points[name, minute] = _both(standing, point) if standing else point

    def write(self, table: Table, place: Place, start: int, end: int | None) -> int:
        """Replace the minutes that lie whole in the window [start, end); `end` None is the present, whose last
        minutes are replaced again by the next run. Returns the number of points written."""
        whole = [
            (name, point) for (name, minute), point in sorted(self._points.items())
            if minute - SPREAD_MS >= start and (end is None or minute + MINUTE_MS + SPREAD_MS <= end)
        ]
        by_series: dict[str, list[MetricPoint]] = {}
        for name, point in whole:
            by_series.setdefault(name, []).append(point)
        return sum(_replace(table, place, self._series[name], points) for name, points in by_series.items())


def _replace(table: Table, place: Place, series: MetricSeries, points: list[MetricPoint]) -> int:
    """Write what differs: most minutes of a window stand as the run before wrote them, and reading is cheaper."""
    first, last = points[0].at, points[-1].at
    standing = set(metrics.points(table, place, series, first, last + 1))
    return metrics.put(table, place, series, [point for point in points if point not in standing])


def _time(said: int, logged: int) -> int:
    return said if abs(said - logged) <= SPREAD_MS else logged


def _both(one: MetricPoint, other: MetricPoint) -> MetricPoint:
    lows = [low for low in (one.minimum, other.minimum) if low is not None]
    highs = [high for high in (one.maximum, other.maximum) if high is not None]
    return MetricPoint(one.at, one.count + other.count, one.total + other.total,
                       min(lows, default=None), max(highs, default=None))
