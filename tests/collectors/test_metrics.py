"""CloudWatch's numbers: shares of 500 queries, pages, partial answers, whole points only."""

from __future__ import annotations

from datetime import timedelta

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
        self.namespaces: list[dict[str, object]] = []

    def get_metric_data(self, MetricDataQueries, StartTime, EndTime, ScanBy, NextToken="0"):  # noqa: N803
        self.calls.append(len(MetricDataQueries))
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

    def list_metrics(self, Namespace, RecentlyActive, NextToken="0"):  # noqa: N803
        if Namespace == "denied":
            raise refusal("AccessDeniedException", "ListMetrics")
        at = int(NextToken)
        answer = {"Metrics": self.namespaces[at:at + 200]}
        return answer | ({"NextToken": str(at + 200)} if at + 200 < len(self.namespaces) else {})


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
    client = FakeCloudWatch(Invocations_Sum=12, Duration_SampleCount=12, Duration_Sum=900.5, Duration_Minimum=3.5,
                            Duration_Maximum=200, ConcurrentExecutions_Maximum=4)
    run = collect(table, client)
    assert stored(table, lambda_series("Invocations")) == [
        MetricPoint(MINUTE, 1, 12.0), MetricPoint(MINUTE + MINUTE_MS, 1, 12.0)]
    assert stored(table, lambda_series("Duration", "Milliseconds"))[0] == MetricPoint(MINUTE, 12, 900.5, 3.5, 200.0)
    assert stored(table, lambda_series("ConcurrentExecutions"))[0] == MetricPoint(MINUTE, 1, 4.0, None, 4.0)
    assert stored(table, lambda_series("Throttles")) == []
    assert (run.problems, run.collector) == ((), "metrics")


def test_a_minute_that_lacks_a_statistic_is_left_out_until_it_is_whole():
    table = with_function()
    collect(table, FakeCloudWatch(Duration_SampleCount=12, Duration_Sum=900.5, Duration_Minimum=3.5))
    assert stored(table, lambda_series("Duration", "Milliseconds")) == []


def test_reading_again_replaces_and_adds_nothing():
    table = with_function()
    for _ in range(3):
        collect(table, FakeCloudWatch(Invocations_Sum=12))
    assert [point.total for point in stored(table, lambda_series("Invocations"))] == [12.0, 12.0]


def test_at_most_five_hundred_queries_go_into_one_call():
    table = MemoryTable()
    for number in range(130):
        functions.put(table, FunctionInfo(PLACE, f"f{number}", "g"))
    client = FakeCloudWatch()
    collect(table, client)
    assert max(client.calls) <= metrics.QUERIES
    assert sum(client.calls) == 2 * 130 * 8


def test_queues_and_configured_namespaces_are_read_and_one_denied_does_not_stop_the_others():
    table = MemoryTable()
    known_queues.put(table, Queue(PLACE, "orders", "arn:aws:sqs:r:1:orders", "https://orders"))
    client = FakeCloudWatch(ApproximateAgeOfOldestMessage_Maximum=77, charge_SampleCount=2, charge_Sum=7,
                            charge_Minimum=2, charge_Maximum=5)
    client.namespaces = [{"MetricName": "charge", "Dimensions": [{"Name": "service", "Value": "orders"}]}]
    run = collect(table, client, namespaces=("denied", "orders/Lambda"))
    age = MetricSeries("AWS/SQS", "ApproximateAgeOfOldestMessage", "Seconds", {"QueueName": "orders"}, "cloudwatch")
    custom = MetricSeries("orders/Lambda", "charge", "", {"service": "orders"}, "cloudwatch")
    assert stored(table, age)[0].maximum == 77.0
    assert stored(table, custom)[0] == MetricPoint(MINUTE, 2, 7.0, 2.0, 5.0)
    assert len(run.problems) == 1
    assert "ListMetrics" in run.problems[0]


def test_a_namespace_with_too_many_metrics_is_read_in_part_and_says_so():
    client = FakeCloudWatch()
    client.namespaces = [{"MetricName": f"m{number}", "Dimensions": []} for number in range(1_000)]
    run = collect(MemoryTable(), client, namespaces=("huge",))
    assert sum(client.calls) == 2 * 4 * metrics.MAX_CUSTOM
    assert "huge has more than 500 metrics" in run.problems[0]


def test_an_answer_that_is_an_error_is_a_problem_of_the_run(monkeypatch):
    table = with_function()
    client = FakeCloudWatch(Invocations_Sum=1)
    whole = client._result
    monkeypatch.setattr(client, "_result", lambda query, page: {**whole(query, page), "StatusCode": "InternalError"})
    assert "AWS/Lambda Errors: CloudWatch answers InternalError. (2 times)" in collect(table, client).problems


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
