"""Contract of the smaller access patterns, on moto and on MiniStack."""

from __future__ import annotations

from random import Random

from store import error_groups, functions, health, invocations, keys, metrics, queues
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to
from store.items import to_item
from store.records import (
    CollectorRun,
    Deploy,
    FunctionInfo,
    MetricPoint,
    MetricSeries,
    Place,
    Unrecognised,
)
from store.recovery import Custody, Queue
from store.table import Table
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, a_group, a_kept_invocation, an_invocation

GROUP = "00112233aabbccdd"


def test_functions_are_listed_by_name_within_their_place(table: Table):
    for name in ("b", "a"):
        functions.put(table, FunctionInfo(PLACE, name, f"/aws/lambda/{name}", runtime="python3.12", memory_mb=512))
    functions.put(table, FunctionInfo(Place("1", "us-east-1"), "elsewhere", "/aws/lambda/elsewhere"))
    assert [info.name for info in functions.of_place(table, PLACE)] == ["a", "b"]
    assert functions.get(table, PLACE, "a") == FunctionInfo(
        PLACE, "a", "/aws/lambda/a", runtime="python3.12", memory_mb=512)
    assert functions.get(table, PLACE, "c") is None


def test_a_deploy_is_remembered_once_and_read_by_time(table: Table):
    deploy = Deploy(PLACE, "a", NOW, "31", "sha")
    assert functions.put_deploy(table, deploy)
    assert not functions.put_deploy(table, Deploy(PLACE, "a", NOW, "99"))
    assert list(functions.deploys(table, PLACE, "a", NOW, NOW + 1)) == [deploy]
    assert list(functions.deploys(table, PLACE, "a", NOW - 9, NOW)) == []


def test_sightings_of_a_group_in_any_order_leave_the_earliest_and_the_latest(table: Table):
    assert error_groups.observe(table, a_group())
    late = a_group(first_seen=NOW + 9, last_seen=NOW + 9, last_version="8", message="'sku' again")
    early = a_group(first_seen=NOW - 9, last_seen=NOW - 9, first_version="6", message="'sku' before")
    for sighting in (late, early, late, a_group()):
        assert not error_groups.observe(table, sighting)
    group = error_groups.get(table, PLACE, GROUP)
    assert group is not None
    assert (group.first_seen, group.last_seen, group.message) == (NOW - 9, NOW + 9, "'sku' again")
    assert (group.first_version, group.last_version) == ("6", "8")
    assert list(error_groups.of_place(table, PLACE)) == [group]


def test_kept_invocations_come_newest_first_by_function_and_by_group(table: Table):
    kept = [
        a_kept_invocation(at=NOW - days * DAY_MS, invocation=an_invocation(event_id=f"e{days}"), fingerprint=group)
        for days, group in ((0, GROUP), (1, None), (2, GROUP))
    ]
    error_groups.observe(table, a_group(fingerprint=GROUP, first_seen=NOW - 5 * DAY_MS))
    assert invocations.put_many(table, kept) == 3
    assert invocations.put_many(table, kept[:1]) == 1
    start = NOW - 3 * DAY_MS
    assert invocations.of_function(table, PLACE, "orders-fulfil", start, NOW + 1) == kept
    assert invocations.of_function(table, PLACE, "orders-fulfil", start, NOW + 1, limit=2) == kept[:2]
    assert invocations.of_function(table, PLACE, "orders-fulfil", start, NOW) == kept[1:]
    assert invocations.of_group(table, PLACE, GROUP) == [kept[0], kept[2]]
    assert invocations.of_group(table, PLACE, "another") == []


def test_invocations_kept_in_one_run_stand_in_one_item_and_newest_first_among_others(table: Table):
    at = floor_to(NOW, HOUR_MS)
    kept = [a_kept_invocation(at=at + number, invocation=an_invocation(event_id=f"e{number}")) for number in range(9)]
    assert invocations.put_many(table, kept[::2]) == 1
    assert invocations.put_many(table, kept[1::2]) == 1
    assert invocations.put_many(table, kept[3:5]) == 1, "read again in other company"
    assert invocations.of_function(table, PLACE, "orders-fulfil", at, at + 9) == kept[::-1]
    assert invocations.of_function(table, PLACE, "orders-fulfil", at, at + 9, limit=3) == kept[:-4:-1]


def test_an_invocation_kept_by_itself_as_it_used_to_be_is_read(table: Table):
    kept = a_kept_invocation()
    table.put(keys.kept_invocations(PLACE, "orders-fulfil", NOW, "00112233aabbccdd"), to_item(kept))
    assert invocations.of_function(table, PLACE, "orders-fulfil", NOW, NOW + 1) == [kept]


def test_a_megabyte_of_lines_is_kept_over_several_items(table: Table):
    noise = Random(1)
    said = [an_invocation(event_id=f"e{number}", lines=(noise.randbytes(60_000).hex(),)) for number in range(8)]
    kept = [a_kept_invocation(at=NOW, invocation=one) for one in said]
    assert invocations.put_many(table, kept) > 1
    assert len(invocations.of_function(table, PLACE, "orders-fulfil", NOW, NOW + 1)) == 8


def test_a_metric_minute_written_again_replaces_itself(table: Table):
    series = MetricSeries("orders/Lambda", "FulfilDuration", "Milliseconds", {"service": "orders"})
    minute = floor_to(NOW, MINUTE_MS)
    metrics.put(table, PLACE, series, [MetricPoint(minute, 1, 5.0)])
    metrics.put(table, PLACE, series, [MetricPoint(minute, 2, 11.5, 5.0, 6.5)])
    assert list(metrics.series_of_place(table, PLACE)) == [series]
    assert list(metrics.points(table, PLACE, series, minute - DAY_MS, minute + 1)) == [
        MetricPoint(minute, 2, 11.5, 5.0, 6.5)]
    assert metrics.put(table, PLACE, series, []) == 0


def test_series_that_differ_in_one_dimension_are_two(table: Table):
    one = MetricSeries("n", "m", "Count", {"service": "a"})
    assert metrics.series_id(one) != metrics.series_id(MetricSeries("n", "m", "Count", {"service": "b"}))
    assert metrics.series_id(one) != metrics.series_id(MetricSeries("n", "m", "Count", {"service": "a"}, "cloudwatch"))


def test_health_keeps_the_last_run_of_each_collector(table: Table):
    health.put_run(table, CollectorRun(PLACE, "logs", NOW, 800, 10, 2, problems=("throttled",)))
    health.put_run(table, CollectorRun(PLACE, "logs", NOW + 1, 700, 11, 0))
    (run,) = health.runs(table, PLACE)
    assert (run.finished_at, run.problems) == (NOW + 1, ())


def test_an_unreadable_line_read_twice_is_one_sample(table: Table):
    found = Unrecognised(PLACE, "orders-api", "broken REPORT", "REPORT RequestId:", NOW, "e-1")
    health.put_unrecognised(table, found)
    health.put_unrecognised(table, found)
    assert health.unrecognised(table, PLACE, NOW) == [found]


def test_of_two_runs_that_began_at_the_same_checkpoint_one_moves_it(table: Table):
    assert health.checkpoint(table, PLACE, "logs#a") is None
    assert health.advance(table, PLACE, "logs#a", None, NOW)
    assert not health.advance(table, PLACE, "logs#a", None, NOW - 5)
    assert health.advance(table, PLACE, "logs#a", NOW, NOW + 5)
    assert not health.advance(table, PLACE, "logs#a", NOW, NOW + 1)
    assert health.checkpoint(table, PLACE, "logs#a") == NOW + 5


def test_a_queue_comes_back_with_its_sources(table: Table):
    queue = Queue(PLACE, QUEUE, f"arn:aws:sqs:eu-central-1:123456789012:{QUEUE}", "https://q", True, Custody.CAPTURED,
                  (SOURCE_ARN,), visible=0)
    queues.put(table, queue)
    assert queues.get(table, PLACE, QUEUE) == queue
    assert list(queues.of_place(table, PLACE)) == [queue]
    assert queues.get(table, PLACE, "other") is None
