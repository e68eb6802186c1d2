"""CloudWatch's own numbers of functions and queues, and the custom namespaces that are configured.

Whole minutes of the last quarter of an hour are read each time and replace what stands, because CloudWatch
completes its minutes late. Each statistic of each metric is one query and is paid for, so only those are asked for
that say something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.tally import STOP_MS, Tally, TimeLeft
from store import functions, health, metrics, queues
from store.clients import Connection
from store.clock import MINUTE_MS, floor_to, utc
from store.faults import translated
from store.records import CollectorRun, MetricPoint, MetricSeries, Place
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

WINDOW_MS = 15 * MINUTE_MS
QUERIES = 500
"""GetMetricData takes 500 queries a call."""
MAX_CUSTOM = 500
"""Custom metrics read per namespace: a forgotten high-cardinality dimension must not become a bill."""
SUM, COUNT, LOW, HIGH = "Sum", "SampleCount", "Minimum", "Maximum"
ALL = (COUNT, SUM, LOW, HIGH)
LAMBDA = (
    ("Invocations", "Count", (SUM,)),
    ("Errors", "Count", (SUM,)),
    ("Throttles", "Count", (SUM,)),
    ("Duration", "Milliseconds", ALL),
    ("ConcurrentExecutions", "Count", (HIGH,)),
)
SQS = (
    ("ApproximateNumberOfMessagesVisible", "Count", (HIGH,)),
    ("ApproximateAgeOfOldestMessage", "Seconds", (HIGH,)),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A series and the statistics asked of it. With all four, a point is exact; with one, its `total` is that
    statistic and its `count` is 1, and a Maximum stands in `maximum` as well."""

    series: MetricSeries
    statistics: tuple[str, ...]


def collect(connection: Connection, time_left_ms: TimeLeft) -> CollectorRun:
    """Read every known function and queue, then every configured namespace. What fails is a problem of the run.
    Raises StoreError when the table cannot be used."""
    table, place, client = connection.table, connection.place, connection.clients.cloudwatch
    tally = Tally.begin(place, "metrics", connection.clock)
    wanted = list(known(table, place))
    for namespace in connection.settings.namespaces:
        with tally.going_on(namespace):
            wanted += _custom(client, namespace, tally)
    end = floor_to(connection.clock(), MINUTE_MS) + MINUTE_MS
    for some in _shared_out(wanted):
        if time_left_ms() <= STOP_MS:
            tally.problem("No time was left to read every metric; the rest is a run older.")
            break
        with tally.going_on("metrics"):
            _read(client, table, some, (end - WINDOW_MS, end), tally)
    finished = tally.run()
    health.put_run(table, finished)
    return finished


def known(table: Table, place: Place) -> Iterator[Wanted]:
    """What is asked of the functions and queues in the inventory."""
    for info in functions.of_place(table, place):
        for name, unit, statistics in LAMBDA:
            yield Wanted(MetricSeries("AWS/Lambda", name, unit, {"FunctionName": info.name}, "cloudwatch"), statistics)
    for queue in queues.of_place(table, place):
        for name, unit, statistics in SQS:
            yield Wanted(MetricSeries("AWS/SQS", name, unit, {"QueueName": queue.name}, "cloudwatch"), statistics)


def points(statistics: Mapping[str, Mapping[int, float]]) -> list[MetricPoint]:
    """Minutes out of one series' statistics, each epoch ms → value. A minute lacking one that was asked for is left
    out: half a point would be read as a whole one."""
    common = set.intersection(*(set(values) for values in statistics.values())) if statistics else set()
    return [_point(at, {name: values[at] for name, values in statistics.items()}) for at in sorted(common)]


def _point(at: int, said: Mapping[str, float]) -> MetricPoint:
    total = said[SUM] if SUM in said else next(iter(said.values()))
    return MetricPoint(at, round(said.get(COUNT, 1)), total, said.get(LOW), said.get(HIGH))


def _custom(client: CloudWatchClient, namespace: str, tally: Tally) -> list[Wanted]:
    found: list[Wanted] = []
    token: str | None = None
    while True:
        paging: dict[str, Any] = {"NextToken": token} if token else {}
        with translated(f"metrics of {namespace}"):
            page = client.list_metrics(Namespace=namespace, RecentlyActive="PT3H", **paging)
        for wire in page["Metrics"]:
            dimensions = {one["Name"]: one["Value"] for one in wire.get("Dimensions", ())}
            found.append(Wanted(MetricSeries(namespace, wire["MetricName"], "", dimensions, "cloudwatch"), ALL))
        token = page.get("NextToken")
        if not token:
            return found
        if len(found) >= MAX_CUSTOM:
            tally.problem(f"{namespace} has more than {MAX_CUSTOM} metrics; only the first {MAX_CUSTOM} are read.")
            return found[:MAX_CUSTOM]


def _shared_out(wanted: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    """Series in shares that fit one call each."""
    share: list[Wanted] = []
    size = 0
    for one in wanted:
        if size + len(one.statistics) > QUERIES:
            yield share
            share, size = [], 0
        share.append(one)
        size += len(one.statistics)
    if share:
        yield share


def _read(client: CloudWatchClient, table: Table, wanted: Sequence[Wanted], window: tuple[int, int],
          tally: Tally) -> None:
    queries = [(one, statistic) for one in wanted for statistic in one.statistics]
    values: dict[str, dict[int, float]] = {}
    for page in _answers(client, [_query(f"q{number}", *query) for number, query in enumerate(queries)], window):
        for result in page["MetricDataResults"]:
            if result["StatusCode"] not in ("Complete", "PartialData"):
                series = queries[int(result["Id"][1:])][0].series
                tally.problem(f"{series.namespace} {series.name}: CloudWatch answers {result['StatusCode']}.")
            times = (round(at.timestamp() * 1000) for at in result["Timestamps"])
            values.setdefault(result["Id"], {}).update(zip(times, result["Values"], strict=True))
    tally.read += sum(len(found) for found in values.values())
    said: dict[int, dict[str, dict[int, float]]] = {}
    for number, (one, statistic) in enumerate(queries):
        said.setdefault(id(one), {})[statistic] = values.get(f"q{number}", {})
    for one in wanted:
        tally.wrote += metrics.put(table, tally.place, one.series, points(said[id(one)]))


def _answers(client: CloudWatchClient, queries: list[Any], window: tuple[int, int]) -> Iterator[Any]:
    """Pages until there is no token; an answer marked PartialData goes on in the next one."""
    token: str | None = None
    while True:
        paging: dict[str, Any] = {"NextToken": token} if token else {}
        with translated("metrics"):
            page = client.get_metric_data(
                MetricDataQueries=queries, StartTime=utc(window[0]), EndTime=utc(window[1]),
                ScanBy="TimestampAscending", **paging,
            )
        yield page
        token = page.get("NextToken")
        if not token:
            return


def _query(name: str, wanted: Wanted, statistic: str) -> dict[str, Any]:
    series = wanted.series
    dimensions = [{"Name": key, "Value": value} for key, value in sorted(series.dimensions.items())]
    metric = {"Namespace": series.namespace, "MetricName": series.name, "Dimensions": dimensions}
    return {"Id": name, "ReturnData": True, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}}
