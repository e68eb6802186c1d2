"""Logs against CloudWatch's own metrics: drift is found, read again, healed or explained."""

from __future__ import annotations

from store import drift, functions, health, metrics, readings, rollups
from store.clock import HOUR_MS, MINUTE_MS, floor_to
from store.drift import DriftState
from store.readings import SourceReading
from store.records import FunctionInfo, MetricPoint, MetricSeries
from tests.builders import NOW, PLACE
from tests.collectors.fakes import GROUP, STREAM, World, run_of

NAME = GROUP.removeprefix("/aws/lambda/")
HOUR = floor_to(NOW, HOUR_MS)
FIRST = HOUR + 10_000
AFTER = HOUR + HOUR_MS + 30 * MINUTE_MS
"""The hour and what ran over its end have settled."""


def cloudwatch_says(world: World, *began: int, errors: int = 0, duration_ms: float = 100.0) -> None:
    """CloudWatch's points for invocations that began at these times."""
    counted: dict[int, int] = {}
    for at in began:
        counted[floor_to(at, MINUTE_MS)] = counted.get(floor_to(at, MINUTE_MS), 0) + 1
    points = {
        ("Invocations", "Count"): [MetricPoint(at, 1, float(n)) for at, n in counted.items()],
        ("Errors", "Count"): [MetricPoint(at, 1, 0.0) for at in counted][:-1]
        + [MetricPoint(max(counted), 1, float(errors))],
        ("Throttles", "Count"): [MetricPoint(at, 1, 0.0) for at in counted],
        ("Duration", "Milliseconds"): [MetricPoint(at, n, n * duration_ms) for at, n in counted.items()],
    }
    for (name, unit), found in points.items():
        series = MetricSeries("AWS/Lambda", name, unit, {"FunctionName": NAME}, "cloudwatch")
        metrics.put(world.table, PLACE, series, found)


def a_world(*began: int, duration_ms: float = 100.0) -> World:
    world = World()
    for number, at in enumerate(began):
        world.logs.put(GROUP, STREAM, *run_of(number, at, duration_ms=duration_ms))
    functions.put(world.table, FunctionInfo(PLACE, NAME, GROUP))
    return world


def collected(world: World, at: int) -> list[drift.Drift]:
    world.clock.now = at
    world.collect()
    return list(drift.of_place(world.table, PLACE, HOUR - 48 * HOUR_MS, HOUR + 48 * HOUR_MS))


def test_an_hour_on_which_logs_and_metrics_agree_leaves_nothing():
    began = [FIRST + number * 4 * MINUTE_MS for number in range(14)]
    world = a_world(*began)
    cloudwatch_says(world, *began)
    assert collected(world, AFTER) == []
    assert health.checkpoint(world.table, PLACE, "reconciled") == HOUR + HOUR_MS


def test_an_hour_waits_until_its_metrics_are_read_to_its_end():
    began = [FIRST + number * 4 * MINUTE_MS for number in range(14)]
    world = a_world(*began)
    cloudwatch_says(world, *began[:7])
    end = HOUR + HOUR_MS
    readings.put(world.table, PLACE, "metrics", [SourceReading("AWS/Lambda", end + 2 * MINUTE_MS, AFTER)], {})
    assert collected(world, AFTER) == []
    assert health.checkpoint(world.table, PLACE, "reconciled") in (None, HOUR)
    cloudwatch_says(world, *began)
    readings.put(world.table, PLACE, "metrics", [SourceReading("AWS/Lambda", end + 5 * MINUTE_MS, AFTER)], {})
    assert collected(world, AFTER + MINUTE_MS) == []
    assert health.checkpoint(world.table, PLACE, "reconciled") == end


def test_an_invocation_that_ran_over_the_hour_is_no_drift():
    began = [HOUR + 55 * MINUTE_MS]
    world = a_world(*began, duration_ms=10 * MINUTE_MS)
    cloudwatch_says(world, *began, duration_ms=10 * MINUTE_MS)
    assert collected(world, AFTER) == []


def test_lines_that_came_after_everybody_had_read_are_read_again_and_the_hour_heals():
    began = [FIRST + number * MINUTE_MS for number in range(20)]
    world = a_world(*began[:15])
    cloudwatch_says(world, *began)
    collected(world, HOUR + 50 * MINUTE_MS)  # the checkpoint passes the hour's beginning
    for number in range(15, 20):
        world.logs.put(GROUP, STREAM + "late", *run_of(number, began[number]))
    (healed,) = collected(world, AFTER)
    assert (healed.state, healed.invocations, healed.counted) == (DriftState.HEALED, 20, 20)
    (hour,) = rollups.hours(world.table, PLACE, NAME, HOUR, HOUR + HOUR_MS)
    assert hour.invocations == 20


def test_what_three_readings_do_not_bring_is_shown_with_the_likeliest_reason():
    began = [FIRST + number * MINUTE_MS for number in range(20)]
    world = a_world(*began[:15])
    cloudwatch_says(world, *began)
    (found,) = collected(world, AFTER)
    assert (found.state, found.missing, found.readings) == (DriftState.MISSING, 5, 1)
    (found,) = collected(world, AFTER + HOUR_MS)
    (found,) = collected(world, AFTER + 2 * HOUR_MS)
    assert (found.state, found.readings) == (DriftState.EXPLAINED, 3)
    assert "not in the log group" in found.why
    asked = len(world.logs.asked)
    collected(world, AFTER + 3 * HOUR_MS)
    assert len(world.logs.asked) - asked <= 2  # the ordinary reading alone: a page and its empty follower


def test_more_in_the_logs_than_in_the_metrics_is_said_and_not_read_again():
    began = [FIRST + number * MINUTE_MS for number in range(20)]
    world = a_world(*began)
    cloudwatch_says(world, *began[:12])
    (found,) = collected(world, AFTER)
    assert (found.state, found.missing, found.readings) == (DriftState.MORE, -8, 0)


def test_json_logs_without_successes_name_the_log_level():
    world = a_world(FIRST)
    functions.put(world.table, FunctionInfo(PLACE, NAME, GROUP, log_format="JSON"))
    cloudwatch_says(world, *[FIRST + number * MINUTE_MS for number in range(9)])
    for hours in range(3):
        (found,) = collected(world, AFTER + hours * HOUR_MS)
    assert "system log level" in found.why


def test_an_hour_without_metrics_is_not_compared():
    world = a_world(HOUR, HOUR + MINUTE_MS)
    assert collected(world, AFTER) == []
