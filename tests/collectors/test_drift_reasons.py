"""What differs between logs and CloudWatch's metrics for a reason, and what only looks as if it would."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import functions, metrics, rollups
from store.clock import HOUR_MS, MINUTE_MS
from store.drift import DriftState
from store.records import FunctionInfo, MetricPoint, MetricSeries
from tests.builders import PLACE
from tests.collectors.fakes import GROUP, PRINTED, REQUEST, STREAM, World, refusal, run_of
from tests.collectors.test_reconcile import AFTER, FIRST, HOUR, NAME, a_world, cloudwatch_says, collected

BEGAN = [FIRST + number * MINUTE_MS for number in range(20)]


def looked_at(world: World, hours: int = 3) -> list[Any]:
    """What is kept of the hour after so many looks, an hour apart."""
    for number in range(hours):
        found = collected(world, AFTER + number * HOUR_MS)
    return found


def known(world: World, **facts: Any) -> None:
    functions.put(world.table, FunctionInfo(**{"place": PLACE, "name": NAME, "log_group": GROUP, **facts}))


def test_throttled_requests_are_no_invocations():
    world = a_world(*BEGAN)
    cloudwatch_says(world, *BEGAN)
    throttles = MetricSeries("AWS/Lambda", "Throttles", "Count", {"FunctionName": NAME}, "cloudwatch")
    metrics.put(world.table, PLACE, throttles, [MetricPoint(HOUR + 40 * MINUTE_MS, 1, 500.0)])
    assert looked_at(world) == []


def test_a_timeout_is_an_error_by_both():
    world = a_world(*BEGAN[:4])
    over = f"2026-11-23T18:05:10.100Z {REQUEST.format(9)} Task timed out after 0.10 seconds\n\n"
    world.logs.put(GROUP, STREAM, *run_of(9, BEGAN[5]), (BEGAN[5] + 100, over))
    cloudwatch_says(world, *BEGAN[:4], BEGAN[5], errors=1)
    assert looked_at(world) == []


def test_each_try_of_an_asynchronous_event_is_an_invocation_by_both():
    world = World()
    known(world)
    for at in BEGAN[:3]:
        world.logs.put(GROUP, STREAM, *run_of(1, at, (at + 50, PRINTED)))
    cloudwatch_says(world, *BEGAN[:3])
    errors = MetricSeries("AWS/Lambda", "Errors", "Count", {"FunctionName": NAME}, "cloudwatch")
    metrics.put(world.table, PLACE, errors, [MetricPoint(at - at % MINUTE_MS, 1, 1.0) for at in BEGAN[:3]])
    assert looked_at(world) == []


def test_an_environment_made_ahead_of_need_is_no_invocation():
    world = a_world(*BEGAN)
    world.logs.put(GROUP, STREAM + "ahead", (BEGAN[3], "INIT_START Runtime Version: python:3.13.v40\tRuntime Version "
                                             "ARN: arn:aws:lambda:eu-central-1::runtime:36ae\n"))
    cloudwatch_says(world, *BEGAN)
    assert looked_at(world) == []


def test_an_error_whose_line_came_late_is_read_again_and_the_hour_heals():
    world = a_world(*BEGAN[1:])
    quiet, loud = run_of(0, BEGAN[0]), run_of(0, BEGAN[0], (BEGAN[0] + 50, PRINTED))
    world.logs.put(GROUP, STREAM + "b", *quiet)
    cloudwatch_says(world, *BEGAN, errors=1)
    collected(world, HOUR + 50 * MINUTE_MS)
    world.logs.put(GROUP, STREAM + "b", loud[1])
    (found,) = collected(world, AFTER)
    assert (found.state, found.errors, found.failures) == (DriftState.HEALED, 1, 1)


def test_errors_that_the_logs_do_not_tell_are_explained():
    world = a_world(*BEGAN)
    cloudwatch_says(world, *BEGAN, errors=4)
    (found,) = looked_at(world)
    assert (found.state, found.readings, found.missing) == (DriftState.EXPLAINED, 3, 0)
    assert "CloudWatch counted 4 errors and the logs tell of 0 failures" in found.why


def test_durations_that_differ_are_explained_and_those_within_the_buckets_agree():
    world = a_world(*BEGAN)
    cloudwatch_says(world, *BEGAN, duration_ms=103.0)
    assert looked_at(world) == []
    world = a_world(*BEGAN)
    cloudwatch_says(world, *BEGAN, duration_ms=140.0)
    (found,) = looked_at(world)
    assert found.state is DriftState.EXPLAINED
    assert "they took 140.0 ms on average by CloudWatch" in found.why


def test_metrics_that_come_late_heal_an_hour_with_more_in_the_logs():
    world = a_world(*BEGAN)
    cloudwatch_says(world, *BEGAN[:12])
    (found,) = collected(world, AFTER)
    assert found.state is DriftState.MORE
    cloudwatch_says(world, *BEGAN)
    (found,) = collected(world, AFTER + HOUR_MS)
    assert (found.state, found.why) == (DriftState.HEALED, "CloudWatch's metrics came late; both say the same now.")


def test_a_function_without_a_log_group_says_that_its_logs_are_switched_off():
    world = World()
    known(world)
    cloudwatch_says(world, *BEGAN)
    (found,) = looked_at(world)
    assert (found.state, found.counted) == (DriftState.EXPLAINED, 0)
    assert f"There is no log group {GROUP} among those that are read" in found.why


def test_a_function_that_writes_nothing_says_so_too():
    world = World()
    known(world)
    world.logs.groups[GROUP] = []
    cloudwatch_says(world, *BEGAN)
    (found,) = looked_at(world)
    assert "its logs are switched off" in found.why


def test_a_group_that_may_not_be_read_is_the_reason():
    world = a_world(*BEGAN[:2])
    collected(world, HOUR + 50 * MINUTE_MS)
    world.logs.refused[GROUP] = refusal("AccessDeniedException", "FilterLogEvents")
    cloudwatch_says(world, *BEGAN)
    (found,) = looked_at(world)
    assert (found.state, found.counted) == (DriftState.EXPLAINED, 2)
    assert "cannot be read: Not allowed: FilterLogEvents" in found.why


def test_a_throttled_reading_counts_for_nothing():
    world = a_world(*BEGAN[:2])
    collected(world, HOUR + 50 * MINUTE_MS)
    world.logs.refused[GROUP] = refusal("ThrottlingException", "FilterLogEvents")
    cloudwatch_says(world, *BEGAN)
    assert looked_at(world, 4) == []


@pytest.mark.parametrize(("level", "says"), [
    ("WARN", "Its system log level is WARN"), (None, "With JSON logs and"), ("INFO", "With JSON logs and")])
def test_the_log_level_of_a_function_is_named_where_it_is_known(level, says):
    world = a_world(*BEGAN[:2])
    known(world, log_format="JSON", system_log_level=level)
    cloudwatch_says(world, *BEGAN)
    assert says in looked_at(world)[0].why


@settings(max_examples=40, deadline=None)
@given(whole=st.sets(st.integers(0, 19)), lines=st.sets(st.tuples(st.integers(0, 19), st.integers(0, 3))),
       failing=st.sets(st.integers(0, 19)))
def test_whatever_lines_came_after_everybody_had_read_are_found_and_the_hour_heals(whole, lines, failing):
    """Whole invocations, and single lines of them: START, the error, END, REPORT."""
    world = World()
    known(world)
    late = []
    for number, at in enumerate(BEGAN):
        for line, event in enumerate(run_of(number, at, *([(at + 50, PRINTED)] if number in failing else []))):
            if number in whole or (number, line) in lines:
                late.append((f"{STREAM}-{number}", event))
            else:
                world.logs.put(GROUP, f"{STREAM}-{number}", event)
    cloudwatch_says(world, *BEGAN, errors=len(failing))
    collected(world, HOUR + 50 * MINUTE_MS)
    for stream, event in late:
        world.logs.put(GROUP, stream, event)
    found = collected(world, AFTER)
    assert {one.state for one in found} <= {DriftState.HEALED}
    (hour,) = rollups.hours(world.table, PLACE, NAME, HOUR, HOUR + HOUR_MS)
    assert (hour.invocations, hour.failures) == (len(BEGAN), len(failing))
    assert collected(world, AFTER + HOUR_MS) == found
