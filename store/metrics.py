"""Metric series and their minutes: CloudWatch's own and the functions' custom ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from store import keys
from store.clock import DAY_MS, floor_to, utc
from store.items import from_item, to_item
from store.records import MetricPoint, MetricSeries, Place
from store.table import Table

KEEP_S = 15 * 86_400


def series_id(series: MetricSeries) -> str:
    """16 hex characters from everything that tells two series apart."""
    dimensions = ",".join(f"{name}={value}" for name, value in sorted(series.dimensions.items()))
    text = "\n".join((series.source, series.namespace, series.name, series.unit, dimensions))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def put(table: Table, place: Place, series: MetricSeries, points: Iterable[MetricPoint], entered: bool = False) -> int:
    """Replace the points' minutes: a minute is always written whole, so writing again changes nothing. `entered` says
    that points of the series stand already, and with them the series. Returns the number of points."""
    name = series_id(series)
    items = [
        (keys.metric_point(place, name, point.at), {**to_item(point), "ttl": point.at // 1000 + KEEP_S})
        for point in points
    ]
    if items:
        if not entered:
            table.put(keys.metric_series(place, name), to_item(series))
        table.put_many(items)
    return len(items)


def put_news(table: Table, place: Place, series: MetricSeries, found: list[MetricPoint]) -> int:
    """Replace those minutes (oldest first) that stand otherwise or not at all: reading is cheaper than writing. Returns
    the number of points written."""
    if not found:
        return 0
    standing = {point.at: point for point in points(table, place, series, found[0].at, found[-1].at + 1)}
    news = [point for point in found if standing.get(point.at) != point]
    return put(table, place, series, news, entered=bool(standing))


def series_of_place(table: Table, place: Place) -> Iterator[MetricSeries]:
    for item in table.query(keys.metric_series(place, "").pk):
        yield from_item(MetricSeries, item)


def points(table: Table, place: Place, series: MetricSeries, start: int, end: int) -> Iterator[MetricPoint]:
    """Points with start ≤ at < end, oldest first."""
    name = series_id(series)
    for day in range(floor_to(start, DAY_MS), end, DAY_MS):
        first, last = max(start, day), min(end, day + DAY_MS) - 1
        between = (f"{utc(first):%H%M}", f"{utc(last):%H%M}")
        for item in table.query(keys.metric_point(place, name, day).pk, between=between):
            yield from_item(MetricPoint, item)
