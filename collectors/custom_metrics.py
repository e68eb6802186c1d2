"""Embedded metrics become minutes of series, once each however often a window is read.

A minute is never added to: it is summed from every event of the window that speaks of it, and replaces what stands.
So only minutes that lie whole in the window are written. An event speaks of the minute in its own timestamp; if that
is further than `SPREAD_MS` from when it was logged, of the minute it was logged in. Therefore all that is said of a
minute is logged within `SPREAD_MS` of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from collectors.invocations import MetricSaid
from store import metrics
from store.batches import Sample
from store.clock import MINUTE_MS, floor_to
from store.keys import event_hash
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
        if said.metric.values:
            self.take(_series(said), _point(said))

    def take(self, series: MetricSeries, point: MetricPoint) -> None:
        """Take in what one log event says of a minute of a series."""
        name = metrics.series_id(series)
        self._series[name] = series
        standing = self._points.get((name, point.at))
        self._points[name, point.at] = _both(standing, point) if standing else point

    def write(self, table: Table, place: Place, start: int, end: int | None) -> int:
        """Replace the minutes that lie whole in the window [start, end); `end` None is the present, whose last
        minutes are replaced again by the next run. Returns the number of points written."""
        whole = [
            (name, point) for (name, minute), point in sorted(self._points.items())
            if minute - SPREAD_MS >= start and (end is None or minute + MINUTE_MS + SPREAD_MS <= end)
        ]
        return self._replace(table, place, whole)

    def bring_up(self, table: Table, place: Place) -> int:
        """Replace every minute, whatever the window: what is known of them is all here."""
        return self._replace(table, place, [(name, point) for (name, _), point in sorted(self._points.items())])

    def _replace(self, table: Table, place: Place, whole: list[tuple[str, MetricPoint]]) -> int:
        by_series: dict[str, list[MetricPoint]] = {}
        for name, point in whole:
            by_series.setdefault(name, []).append(point)
        return sum(_replace(table, place, self._series[name], points) for name, points in by_series.items())


def samples(told: Iterable[MetricSaid]) -> Iterator[Sample]:
    """Embedded metrics as samples of the minutes they speak of. An event may speak of a series more than once."""
    times: Counter[str] = Counter()
    for said in told:
        if said.metric.values:
            series = _series(said)
            said_by = f"{said.event.log_stream}/{said.event.id}/{metrics.series_id(series)}"
            times[said_by] += 1
            yield Sample(event_hash(f"{said_by}/{times[said_by]}"), series, _point(said))


def _series(said: MetricSaid) -> MetricSeries:
    metric = said.metric
    return MetricSeries(metric.namespace, metric.name, metric.unit, dict(metric.dimensions))


def _point(said: MetricSaid) -> MetricPoint:
    values = said.metric.values
    minute = floor_to(_time(said.metric.timestamp, said.event.timestamp), MINUTE_MS)
    return MetricPoint(minute, len(values), sum(values), min(values), max(values))


def bring_up(table: Table, place: Place, told: Iterable[Sample]) -> int:
    """Bring the minutes these samples speak of up to date; they are all that is known of them. Returns the number of
    points written."""
    sums = Sums()
    for one in told:
        sums.take(one.series, one.point)
    return sums.bring_up(table, place)


def _replace(table: Table, place: Place, series: MetricSeries, points: list[MetricPoint]) -> int:
    """Write what rests on more samples than what stands: most minutes stand as the run before wrote them, and reading
    is cheaper. Samples of a minute are only ever added, so more of them is newer, pushed or pulled."""
    first, last = points[0].at, points[-1].at
    standing = {point.at: point.count for point in metrics.points(table, place, series, first, last + 1)}
    return metrics.put(table, place, series, [point for point in points if point.count > standing.get(point.at, 0)],
                       entered=bool(standing))


def _time(said: int, logged: int) -> int:
    return said if abs(said - logged) <= SPREAD_MS else logged


def _both(one: MetricPoint, other: MetricPoint) -> MetricPoint:
    lows = [low for low in (one.minimum, other.minimum) if low is not None]
    highs = [high for high in (one.maximum, other.maximum) if high is not None]
    return MetricPoint(one.at, one.count + other.count, one.total + other.total,
                       min(lows, default=None), max(highs, default=None))
