"""CloudWatch's own numbers of functions and queues, and the custom namespaces that are configured.

GetMetricData bills every metric that is asked for ($0.01 a thousand), whatever the span, so few are asked for, seldom,
and only of what was active in the last three hours, which ListMetrics tells 500 a call. Each run reads from half an
hour before what the last one reached, because CloudWatch completes its minutes, and its list, late; a minute is
written only when it is news. Metrics of a second's resolution are read as minutes too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from collectors.tally import STOP_MS, Tally, TimeLeft
from store import functions, health, metrics, queues, readings
from store.clients import Connection
from store.clock import HOUR_MS, MINUTE_MS, floor_to, utc
from store.errors import PermissionDenied
from store.faults import translated
from store.readings import SourceReading
from store.records import CollectorRun, MetricPoint, MetricSeries
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

COLLECTOR = "metrics"
OVERLAP_MS = 30 * MINUTE_MS
"""A minute is complete after a few minutes; a metric may be listed a quarter of an hour after its first value."""
BACK_MS = 3 * HOUR_MS
"""Read back at most: as far as ListMetrics' `RecentlyActive` reaches."""
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
    ("Duration", "Milliseconds", (COUNT, SUM)),  # its extremes are known from logs, for nothing
    ("ConcurrentExecutions", "Count", (HIGH,)),
)
SQS = (
    ("ApproximateNumberOfMessagesVisible", "Count", (HIGH,)),
    ("ApproximateAgeOfOldestMessage", "Seconds", (HIGH,)),
)
ACTIVE = {"AWS/Lambda": ("Invocations", "Throttles"), "AWS/SQS": ("ApproximateNumberOfMessagesVisible",)}
"""Metrics that every active function or queue has; one that is only throttled has no invocations."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A series and the statistics asked of it. With SampleCount and Sum a point is exact; with one statistic, its
    `total` is that statistic and its `count` is 1, and a Maximum stands in `maximum` as well."""

    series: MetricSeries
    statistics: tuple[str, ...]


def collect(connection: Connection, time_left_ms: TimeLeft) -> CollectorRun:
    """Read every active function and queue, then every configured namespace. What fails is a problem of the run, and
    is read from where it was left by the next. Raises StoreError when the table cannot be used."""
    table, place = connection.table, connection.place
    run = _Run(connection.clients.cloudwatch, table, Tally.begin(place, COLLECTOR, connection.clock), time_left_ms)
    reached = {one.source: one.reached_at for one in readings.of_collector(table, place, COLLECTOR)}
    sources: list[tuple[str, Callable[[], list[Wanted]]]] = [
        ("AWS/Lambda", run.functions), ("AWS/SQS", run.queues),
        *((name, partial(run.custom, name)) for name in connection.settings.namespaces)]
    told = [run.read(name, wanted, reached.get(name)) for name, wanted in sources]
    readings.put(table, place, COLLECTOR, told, {})
    finished = run.tally.run()
    health.put_run(table, finished)
    return finished


@dataclass
class _Run:
    client: CloudWatchClient
    table: Table
    tally: Tally
    time_left_ms: TimeLeft

    def read(self, name: str, wanted: Callable[[], list[Wanted]], reached: int | None) -> SourceReading:
        """Read one source from before what was reached to now. Returns how far it is read now."""
        now, wrote = self.tally.clock(), self.tally.wrote
        end = floor_to(now, MINUTE_MS) + MINUTE_MS
        start = end - BACK_MS if reached is None else max(end - BACK_MS, floor_to(reached, MINUTE_MS) - OVERLAP_MS)
        whole = False
        with self.tally.going_on(name) as going:
            whole = all([self._share(name, some, (start, end)) for some in _shared_out(wanted())])
        return SourceReading(name, end - MINUTE_MS if whole else reached, now, self.tally.wrote - wrote, going.told)

    def functions(self) -> list[Wanted]:
        known = {info.name for info in functions.of_place(self.table, self.tally.place) if info.deleted_at is None}
        return list(_of_each(known & self._active("AWS/Lambda", "FunctionName", known), "FunctionName", "AWS/Lambda",
                             LAMBDA))

    def queues(self) -> list[Wanted]:
        known = {queue.name for queue in queues.of_place(self.table, self.tally.place)}
        return list(_of_each(known & self._active("AWS/SQS", "QueueName", known), "QueueName", "AWS/SQS", SQS))

    def custom(self, namespace: str) -> list[Wanted]:
        """Every active metric of a namespace, with each of its sets of dimensions, as many as may be."""
        found = []
        for wire in self._listed(namespace, {}):
            dimensions = {one["Name"]: one["Value"] for one in wire.get("Dimensions", ())}
            found.append(Wanted(MetricSeries(namespace, wire["MetricName"], "", dimensions, "cloudwatch", ALL), ALL))
            if len(found) > MAX_CUSTOM:
                self.tally.problem(f"{namespace} has more than {MAX_CUSTOM} metrics; only the first {MAX_CUSTOM} are "
                                   "read.")
                return found[:MAX_CUSTOM]
        return found

    def _active(self, namespace: str, dimension: str, known: set[str]) -> set[str]:
        """Names that had a value in the last three hours; all of them when ListMetrics may not be asked."""
        found = set()
        try:
            for metric in ACTIVE[namespace] if known else ():
                asked = {"MetricName": metric, "Dimensions": [{"Name": dimension}]}
                found |= {wire["Dimensions"][0]["Value"] for wire in self._listed(namespace, asked)
                          if len(wire["Dimensions"]) == 1}
        except PermissionDenied as error:
            self.tally.problem(f"{error.sentence} Until then every one is paid for, active or not.")
            return known
        return found

    def _listed(self, namespace: str, asked: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        token: str | None = None
        while True:
            paging: dict[str, Any] = {"NextToken": token} if token else {}
            self.tally.calls += 1
            with translated(f"metrics of {namespace}"):
                page = self.client.list_metrics(Namespace=namespace, RecentlyActive="PT3H", **asked, **paging)
            yield from page["Metrics"]
            token = page.get("NextToken")
            if not token:
                return

    def _share(self, name: str, wanted: Sequence[Wanted], window: tuple[int, int]) -> bool:
        """Read some series. False when they are not all read to the end."""
        if self.time_left_ms() <= STOP_MS:
            self.tally.problem("No time was left to read every metric; the next run reads on from where this one was.")
            return False
        with self.tally.going_on(name) as going:
            answer = _Answer(wanted)
            for page in self._answers(answer.queries, window):
                answer.take(page)
            for one in wanted:
                self.tally.wrote += metrics.put_news(self.table, self.tally.place, one.series, points(answer.of(one)))
            self.tally.read += answer.values
            for problem in answer.problems:
                self.tally.problem(problem)
            return not answer.problems
        return going.told is None

    def _answers(self, queries: list[Any], window: tuple[int, int]) -> Iterator[Mapping[str, Any]]:
        """Pages until there is no token; an answer marked PartialData goes on in the next one."""
        self.tally.paid_metrics += len(queries)
        token: str | None = None
        while True:
            paging: dict[str, Any] = {"NextToken": token} if token else {}
            self.tally.calls += 1
            with translated("metrics"):
                page = self.client.get_metric_data(
                    MetricDataQueries=queries, StartTime=utc(window[0]), EndTime=utc(window[1]),
                    ScanBy="TimestampAscending", **paging,
                )
            yield page
            token = page.get("NextToken")
            if not token:
                return


class _Answer:
    """What GetMetricData says of some series, put together from its pages."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self._asked = [(one, statistic) for one in wanted for statistic in one.statistics]
        self._values: dict[tuple[int, str], dict[int, float]] = {}
        self._states: dict[int, str] = {}
        self._said: list[str] = []
        self.queries = [_query(f"q{number}", *asked) for number, asked in enumerate(self._asked)]

    def take(self, page: Mapping[str, Any]) -> None:
        self._said += [f"CloudWatch says {one.get('Code')}: {one.get('Value')}" for one in page.get("Messages", ())]
        for result in page["MetricDataResults"]:
            number = int(result["Id"][1:])
            one, statistic = self._asked[number]
            self._states[number] = result["StatusCode"]
            times = (round(at.timestamp() * 1000) for at in result["Timestamps"])
            self._values.setdefault((id(one), statistic), {}).update(zip(times, result["Values"], strict=True))

    def of(self, one: Wanted) -> dict[str, dict[int, float]]:
        return {statistic: self._values.get((id(one), statistic), {}) for statistic in one.statistics}

    @property
    def values(self) -> int:
        return sum(map(len, self._values.values()))

    @property
    def problems(self) -> list[str]:
        """What is not complete when the last page is read."""
        broken = [(self._asked[number][0].series, state) for number, state in self._states.items()
                  if state != "Complete"]
        return [*self._said, *(f"{series.namespace} {series.name}: CloudWatch answers {state}."
                               for series, state in broken)]


def points(statistics: Mapping[str, Mapping[int, float]]) -> list[MetricPoint]:
    """Minutes out of one series' statistics, each epoch ms → value. A minute lacking one that was asked for is left
    out: half a point would be read as a whole one."""
    common = set.intersection(*(set(values) for values in statistics.values())) if statistics else set()
    return [_point(at, {name: values[at] for name, values in statistics.items()}) for at in sorted(common)]


def _point(at: int, said: Mapping[str, float]) -> MetricPoint:
    total = said[SUM] if SUM in said else next(iter(said.values()))
    return MetricPoint(at, round(said.get(COUNT, 1)), total, said.get(LOW), said.get(HIGH))


def _of_each(names: Iterable[str], dimension: str, namespace: str,
             asked: Sequence[tuple[str, str, tuple[str, ...]]]) -> Iterator[Wanted]:
    for name in sorted(names):
        for metric, unit, statistics in asked:
            yield Wanted(MetricSeries(namespace, metric, unit, {dimension: name}, "cloudwatch", statistics), statistics)


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


def _query(name: str, wanted: Wanted, statistic: str) -> dict[str, Any]:
    series = wanted.series
    dimensions = [{"Name": key, "Value": value} for key, value in sorted(series.dimensions.items())]
    metric = {"Namespace": series.namespace, "MetricName": series.name, "Dimensions": dimensions}
    return {"Id": name, "ReturnData": True, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}}
