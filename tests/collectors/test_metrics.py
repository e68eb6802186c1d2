"""CloudWatch's numbers: shares of 500 queries, pages, partial answers, whole points only."""

from __future__ import annotations

from datetime import datetime, timedelta

import boto3
from moto import mock_aws

from collectors import metrics
from collectors.tally import STOP_MS
from store import functions
from store import metrics as points_of
from store import queues as known_queues
from store.clock import DAY_MS, MINUTE_MS, utc
from store.records import FunctionInfo, MetricPoint, MetricSeries
from store.recovery import Queue
from store.settings import Settings
from tests.builders import NOW, PLACE, FakeClock
from tests.collectors.fakes import connection, plenty, refusal
from tests.collectors.memory import MemoryTable

MINUTE = NOW - NOW % MINUTE_MS - 5 * MINUTE_MS


class FakeCloudWatch:
    """Answers every query with one value a minute, one minute a page, the first page marked partial."""

    def __init__(self, **answers: float) -> None:
        self.answers = answers
        self.calls: list[int] = []
        self.windows: list[tuple[datetime, datetime]] = []
        self.active = ["fulfil", "orders"]
        self.denied = {"denied"}
        self.namespaces: list[dict[str, object]] = []

    def get_metric_data(self, MetricDataQueries, StartTime, EndTime, ScanBy, NextToken="0"):  # noqa: N803
        self.calls.append(len(MetricDataQueries))
        self.windows.append((StartTime, EndTime))
        page = int(NextToken)
        results = [self._result(query, page) for query in MetricDataQueries]
        return {"MetricDataResults": results} | ({"NextToken": "1"} if page == 0 else {})

    def _result(self, query, page):
        stat = query["MetricStat"]
        name = f"{stat['Metric']['MetricName']}_{stat['Stat']}"
        value = self.answers.get(name)
        times = [utc(MINUTE + page * MINUTE_MS)] if value is not None else []
        return {"Id": query["Id"], "StatusCode": "Complete" if page else "PartialData", "Timestamps": times,
                "Values": [value] * len(times)}

    def list_metrics(self, Namespace, RecentlyActive, MetricName="", Dimensions=(), NextToken="0"):  # noqa: N803
        if Namespace in self.denied:
            raise refusal("AccessDeniedException", "ListMetrics")
        listed = self.namespaces
        if Dimensions:
            name = Dimensions[0]["Name"]
            own = [[{"Name": name, "Value": one}] for one in self.active]
            of_versions = [[*one, {"Name": "Resource", "Value": "fulfil:7"}] for one in own]
            listed = [{"MetricName": MetricName, "Dimensions": one} for one in (*own, *of_versions)]
        at = int(NextToken)
        answer = {"Metrics": listed[at:at + 200]}
        return answer | ({"NextToken": str(at + 200)} if at + 200 < len(listed) else {})


def collect(table, client, time_left=plenty, namespaces=()):
    made = connection(table, Settings("memory", namespaces=namespaces), table.clock, cloudwatch=client)
    return metrics.collect(made, time_left)


def lambda_series(name, unit="Count"):
    return MetricSeries("AWS/Lambda", name, unit, {"FunctionName": "fulfil"}, "cloudwatch")


def stored(table, series):
    return list(points_of.points(table, PLACE, series, NOW - DAY_MS, NOW + DAY_MS))


def with_function(name="fulfil"):
    table = MemoryTable()
    functions.put(table, FunctionInfo(PLACE, name, f"/aws/lambda/{name}"))
    return table


def test_a_functions_numbers_are_kept_minute_by_minute_from_every_page():
    table = with_function()
    client = FakeCloudWatch(Invocations_Sum=12, Duration_SampleCount=12, Duration_Sum=900.5,
                            ConcurrentExecutions_Maximum=4)
    run = collect(table, client)
    assert stored(table, lambda_series("Invocations")) == [
        MetricPoint(MINUTE, 1, 12.0), MetricPoint(MINUTE + MINUTE_MS, 1, 12.0)]
    assert stored(table, lambda_series("Duration", "Milliseconds"))[0] == MetricPoint(MINUTE, 12, 900.5)
    assert stored(table, lambda_series("ConcurrentExecutions"))[0] == MetricPoint(MINUTE, 1, 4.0, None, 4.0)
    assert stored(table, lambda_series("Throttles")) == []
    assert (run.problems, run.collector) == ((), "metrics")


def test_a_minute_that_lacks_a_statistic_is_left_out_until_it_is_whole():
    table = with_function()
    collect(table, FakeCloudWatch(Duration_SampleCount=12))
    assert stored(table, lambda_series("Duration", "Milliseconds")) == []


def test_reading_again_replaces_what_is_news_and_writes_nothing_else():
    table = with_function()
    for total in (12, 12, 13, 13):
        collect(table, FakeCloudWatch(Invocations_Sum=total))
    assert [point.total for point in stored(table, lambda_series("Invocations"))] == [13.0, 13.0]
    before = table.snapshot("X")
    writes = table.writes
    collect(table, FakeCloudWatch(Invocations_Sum=13))
    assert (table.snapshot("X"), table.writes - writes) == (before, 1)  # the run


def test_only_what_was_active_in_the_last_hours_is_asked_for_and_paid():
    table = with_function()
    functions.put(table, FunctionInfo(PLACE, "asleep", "g"))
    functions.put(table, FunctionInfo(PLACE, "orders", "g", deleted_at=NOW))
    client = FakeCloudWatch()
    assert collect(table, client).paid_metrics == 6
    client.denied = {"AWS/Lambda"}
    run = collect(table, client)
    assert run.paid_metrics == 12
    assert "Until then every one is paid for" in run.problems[0]
    client.active, client.denied, client.calls = [], set(), []
    assert (collect(table, client).paid_metrics, client.calls) == (0, [])


def test_a_run_reads_on_from_before_what_the_last_one_reached_and_not_further_back_than_three_hours():
    table = with_function()
    client = FakeCloudWatch(Invocations_Sum=1)
    minute = NOW - NOW % MINUTE_MS
    collect(table, client)
    table.clock.advance(15 * MINUTE_MS)
    collect(table, client)
    table.clock.advance(DAY_MS)
    collect(table, client)
    reach = [round((end - start).total_seconds() / 60) for start, end in client.windows[::2]]
    assert client.windows[0] == (utc(minute + MINUTE_MS - metrics.BACK_MS), utc(minute + MINUTE_MS))
    assert reach == [180, 30 + 15 + 1, 180]


def test_what_failed_is_read_again_from_where_it_was_left():
    table = with_function()
    client = FakeCloudWatch(Invocations_Sum=1)
    collect(table, client)
    real = client.get_metric_data

    def throttled(**asked):
        raise refusal("ThrottlingException", "GetMetricData")

    client.get_metric_data = throttled  # type: ignore[method-assign, assignment]
    table.clock.advance(60 * MINUTE_MS)
    run = collect(table, client)
    assert "AWS/Lambda: metrics is throttled (ThrottlingException)." in run.problems[0]
    client.get_metric_data = real  # type: ignore[method-assign]
    table.clock.advance(5 * MINUTE_MS)
    collect(table, client)
    start, end = client.windows[-1]
    assert end - start == timedelta(minutes=30 + 65 + 1)


def test_at_most_five_hundred_queries_go_into_one_call():
    table = MemoryTable()
    for number in range(130):
        functions.put(table, FunctionInfo(PLACE, f"f{number}", "g"))
    client = FakeCloudWatch()
    client.active = [f"f{number}" for number in range(130)]
    run = collect(table, client)
    assert max(client.calls) <= metrics.QUERIES
    assert sum(client.calls) == 2 * 130 * 6
    assert run.paid_metrics == 130 * 6
    assert run.calls == 2 * 2 + len(client.calls)  # two lists of two pages each


def test_queues_and_configured_namespaces_are_read_and_one_denied_does_not_stop_the_others():
    table = MemoryTable()
    known_queues.put(table, Queue(PLACE, "orders", "arn:aws:sqs:r:1:orders", "https://orders"))
    client = FakeCloudWatch(ApproximateAgeOfOldestMessage_Maximum=77, charge_SampleCount=2, charge_Sum=7,
                            charge_Minimum=2, charge_Maximum=5)
    client.namespaces = [{"MetricName": "charge", "Dimensions": [{"Name": "service", "Value": "orders"}]}]
    run = collect(table, client, namespaces=("denied", "orders/Lambda"))
    age = MetricSeries("AWS/SQS", "ApproximateAgeOfOldestMessage", "Seconds", {"QueueName": "orders"}, "cloudwatch")
    custom = MetricSeries("orders/Lambda", "charge", "", {"service": "orders"}, "cloudwatch")
    statistics = {series.name: series.statistics for series in points_of.series_of_place(table, PLACE)}
    assert statistics == {"ApproximateAgeOfOldestMessage": ("Maximum",), "charge": metrics.ALL}
    assert stored(table, age)[0].maximum == 77.0
    assert stored(table, custom)[0] == MetricPoint(MINUTE, 2, 7.0, 2.0, 5.0)
    assert len(run.problems) == 1
    assert "ListMetrics" in run.problems[0]


def test_a_namespace_with_too_many_metrics_is_read_in_part_and_says_so():
    client = FakeCloudWatch()
    client.active = []
    client.namespaces = [{"MetricName": f"m{number}", "Dimensions": []} for number in range(1_000)]
    run = collect(MemoryTable(), client, namespaces=("huge",))
    assert sum(client.calls) == 2 * 4 * metrics.MAX_CUSTOM
    assert "huge has more than 500 metrics" in run.problems[0]


def test_an_answer_that_is_an_error_is_a_problem_of_the_run(monkeypatch):
    table = with_function()
    client = FakeCloudWatch(Invocations_Sum=1)
    whole = client._result
    monkeypatch.setattr(client, "_result", lambda query, page: {**whole(query, page), "StatusCode": "InternalError"})
    said = collect(table, client).problems
    assert "AWS/Lambda Errors: CloudWatch answers InternalError." in said
    monkeypatch.setattr(client, "_result", lambda query, page: {**whole(query, page), "StatusCode": "PartialData"})
    assert "AWS/Lambda Errors: CloudWatch answers PartialData." in collect(table, client).problems


def test_what_cloudwatch_says_beside_its_answers_is_told(monkeypatch):
    table = with_function()
    client = FakeCloudWatch(Invocations_Sum=1)
    whole = client.get_metric_data
    messages = [{"Code": "MaxMetricsExceeded", "Value": "100 metrics"}]
    monkeypatch.setattr(client, "get_metric_data", lambda **asked: {**whole(**asked), "Messages": messages})
    assert "CloudWatch says MaxMetricsExceeded: 100 metrics (2 times)" in collect(table, client).problems


def test_values_of_every_second_are_a_minute_each():
    with mock_aws():
        client = boto3.client("cloudwatch", region_name=PLACE.region, aws_access_key_id="test",
                              aws_secret_access_key="test")
        at = utc(NOW - NOW % MINUTE_MS - 3 * MINUTE_MS)
        client.put_metric_data(Namespace="orders/Lambda", MetricData=[
            {"MetricName": "lag", "Timestamp": at + timedelta(seconds=second), "Value": float(second),
             "StorageResolution": 1} for second in (0, 1, 59)])
        table = MemoryTable(FakeClock(NOW))
        collect(table, client, namespaces=("orders/Lambda",))
        (point,) = stored(table, MetricSeries("orders/Lambda", "lag", "", {}, "cloudwatch"))
        assert (point.count, point.total, point.minimum, point.maximum) == (3, 60.0, 0.0, 59.0)


def test_a_run_that_is_out_of_time_says_so():
    client = FakeCloudWatch()
    assert "No time was left" in collect(with_function(), client, lambda: STOP_MS).problems[0]
    assert client.calls == []


def test_custom_metrics_are_read_from_another_implementation_of_cloudwatch():
    with mock_aws():
        client = boto3.client("cloudwatch", region_name=PLACE.region, aws_access_key_id="test",
                              aws_secret_access_key="test")  # noqa: S106
        now = FakeClock(int(utc(NOW).timestamp() * 1000))
        at = utc(now.now) - timedelta(minutes=3)
        for value in (2.0, 5.0):
            client.put_metric_data(Namespace="orders/Lambda", MetricData=[
                {"MetricName": "charge", "Dimensions": [{"Name": "service", "Value": "orders"}], "Timestamp": at,
                 "Value": value}])
        table = MemoryTable(now)
        collect(table, client, namespaces=("orders/Lambda",))
        custom = MetricSeries("orders/Lambda", "charge", "", {"service": "orders"}, "cloudwatch")
        (point,) = stored(table, custom)
        assert (point.count, point.total, point.minimum, point.maximum) == (2, 7.0, 2.0, 5.0)
