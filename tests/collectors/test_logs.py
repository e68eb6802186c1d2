"""Pulling logs: overlap, pages, open invocations, refusals, time, outcomes of redrives."""

from __future__ import annotations

import json
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import logs
from collectors.tally import STOP_MS
from store import error_groups, functions, health, readings, rollups
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS
from store.metrics import points, series_of_place
from store.readings import SourceReading
from tests.builders import NOW, PLACE
from tests.collectors.fakes import (
    GROUP,
    PRINTED,
    REQUEST,
    STREAM,
    World,
    connection,
    plenty,
    position_of,
    refusal,
    run_of,
)
from tests.collectors.memory import Killed, MemoryTable


def test_a_group_is_read_a_day_back_and_its_invocations_are_counted():
    world = World()
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 20 * HOUR_MS), *run_of(2, NOW - HOUR_MS), *run_of(3, NOW - 900))
    run = world.collect()
    assert world.counted() == 3
    assert (run.collector, run.read, run.behind_ms, run.problems) == ("logs", 9, 0, ())
    assert list(health.runs(world.table, PLACE)) == [run]
    assert position_of(world.table, GROUP) == NOW - logs.LATE_MS


def test_a_function_known_by_its_logs_alone_is_listed_and_nothing_known_is_lost():
    world = World()
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 900))
    world.collect()
    info = functions.get(world.table, PLACE, "orders-fulfil")
    assert info is not None
    assert (info.log_group, info.memory_mb, info.runtime) == (GROUP, None, None)
    functions.put(world.table, configured := type(info)(PLACE, "orders-fulfil", GROUP, memory_mb=512, timeout_s=3))
    world.collect()
    assert functions.get(world.table, PLACE, "orders-fulfil") == configured


def test_an_invocation_that_is_open_holds_the_checkpoint_and_is_counted_when_it_ends():
    world = World()
    start, *end = run_of(1, NOW - 12 * MINUTE_MS, duration_ms=780_000.0)
    world.logs.put(GROUP, STREAM, start)
    world.collect()
    assert world.counted() == 0
    assert position_of(world.table, GROUP) == start[0]
    world.clock.advance(2 * MINUTE_MS)
    world.logs.put(GROUP, STREAM, *end)
    world.collect()
    assert world.counted() == 1


def test_an_invocation_without_a_report_holds_the_checkpoint_for_twenty_minutes_and_is_then_told():
    world = World()
    world.logs.put(GROUP, STREAM, run_of(1, NOW)[0])
    for _ in range(5):
        world.clock.advance(5 * MINUTE_MS)
        run = world.collect()
    assert run.unrecognised == 1
    (told,) = health.unrecognised(world.table, PLACE, NOW)
    assert "without a REPORT" in told.reason
    world.clock.advance(40 * MINUTE_MS)
    world.logs.put(GROUP, STREAM, *run_of(2, world.clock.now - 500))
    world.collect()
    assert position_of(world.table, GROUP) == world.clock.now - logs.LATE_MS


def test_an_invocation_cut_by_the_beginning_of_a_window_keeps_the_status_it_was_counted_with():
    world = World()
    failed = run_of(1, NOW - 700_000, (NOW - 700_000 + 1, PRINTED), duration_ms=300_000.0)
    world.logs.put(GROUP, STREAM, *failed)
    for _ in range(10):
        world.collect()
        world.clock.advance(MINUTE_MS)
    (day,) = rollups.days(world.table, PLACE, "orders-fulfil", NOW - DAY_MS, NOW + DAY_MS)
    assert dict(day.by_status) == {"error": 1}
    fresh = MemoryTable(world.clock)
    readings.put(fresh, PLACE, "logs", [SourceReading(GROUP, NOW, NOW, position=failed[0][0] + MINUTE_MS)], {})
    logs.collect(connection(fresh, clock=world.clock, logs=world.logs), plenty)
    assert fresh.snapshot("D#", "A#") == {}


def test_events_of_an_emulator_without_ids_are_counted_once():
    world = World()
    at = NOW - 2 * MINUTE_MS
    for number in range(4):
        stream = f"2026/11/23/[$LATEST]{number:032d}"
        lines = [(at, text) for _, text in run_of(number, at, (at, "same words"), (at, "same words"))]
        world.logs.put(GROUP, stream, *lines, ids=False)
    world.collect()
    writes = world.table.snapshot("D#", "A#", "I#")
    world.clock.advance(MINUTE_MS)
    world.collect()
    assert world.counted() == 4
    assert world.table.snapshot("D#", "A#", "I#") == writes


def test_a_full_page_without_a_token_is_not_taken_for_the_end(monkeypatch):
    world = World()
    world.logs.page_size = 10
    monkeypatch.setattr("collectors.log_events.PAGE_EVENTS", 10)
    whole = world.logs.filter_log_events
    monkeypatch.setattr(world.logs, "filter_log_events",
                        lambda **asked: {"events": whole(**asked)["events"]})
    for number in range(8):
        world.logs.put(GROUP, STREAM, *run_of(number, NOW - HOUR_MS + number * 1_000))
    run = world.collect()
    assert world.counted() == 8
    assert run.read == 24


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.booleans()), min_size=1, max_size=12),
       st.lists(st.integers(1, 40), max_size=6))
def test_late_arrivals_overlaps_and_kills_leave_the_straight_count(arrivals, kills):
    """Each invocation starts in minute 0 to 30 and is delivered up to three minutes late; runs are killed at will."""
    world = World()
    waiting = []
    for number, (minute, late, failed) in enumerate(arrivals):
        at = NOW + minute * MINUTE_MS + number
        lines = run_of(number, at, *([(at + 1, PRINTED)] if failed else []))
        waiting.append((at + late * MINUTE_MS, f"2026/11/23/[7]{number:032d}", lines))
    for minute in range(40):
        world.clock.now = NOW + minute * MINUTE_MS
        for arrival in [one for one in waiting if one[0] <= world.clock.now]:
            world.logs.put(GROUP, arrival[1], *arrival[2])
            waiting.remove(arrival)
        world.table.writes_left = kills.pop() if kills else None
        with suppress(Killed):
            world.collect()
    found = list(rollups.days(world.table, PLACE, "orders-fulfil", NOW - DAY_MS, NOW + 2 * DAY_MS))
    assert sum(day.invocations for day in found) == len(arrivals)
    assert sum(day.failures for day in found) == sum(failed for _, _, failed in arrivals)


def test_one_denied_throttled_or_deleted_group_does_not_stop_the_others():
    world = World()
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 900))
    world.logs.refused = {
        "/aws/lambda/a": refusal("AccessDeniedException", "FilterLogEvents"),
        "/aws/lambda/b": refusal("ThrottlingException", "FilterLogEvents"),
        "/aws/lambda/c": refusal("ResourceNotFoundException", "FilterLogEvents"),
    }
    run = world.collect()
    assert world.counted() == 1
    assert len(run.problems) == 3
    assert "Not allowed: FilterLogEvents on /aws/lambda/a" in run.problems[0]
    assert "throttled" in run.problems[1]
    assert "LAMPLIGHT_TABLE" not in run.problems[2]
    assert position_of(world.table, "/aws/lambda/a") is None


def test_every_group_tells_how_far_it_is_read_and_what_stood_in_the_way():
    world = World()
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 900))
    world.logs.refused = {"/aws/lambda/a": refusal("AccessDeniedException", "FilterLogEvents")}
    world.collect()
    denied, read = readings.of_collector(world.table, PLACE, "logs")
    assert (denied.source, denied.lag_ms) == ("/aws/lambda/a", None)
    assert "Not allowed" in (denied.problem or "")
    assert (read.source, read.lag_ms, read.events, read.problem) == (GROUP, 0, 3, None)
    world.clock.advance(7 * MINUTE_MS)
    world.collect(lambda: STOP_MS)
    late = readings.of_collector(world.table, PLACE, "logs")[1]
    assert late.problem == "not reached in the last run"
    assert late.lag_ms == 7 * MINUTE_MS


def test_when_discovery_is_denied_the_run_says_so(monkeypatch):
    def denied(**asked):
        raise refusal("AccessDeniedException", "DescribeLogGroups")

    world = World()
    monkeypatch.setattr(world.logs, "describe_log_groups", denied)
    run = world.collect()
    assert "DescribeLogGroups" in run.problems[0]


def test_groups_that_were_not_reached_come_first_next_time():
    world = World()
    for name in "abc":
        world.logs.put(f"/aws/lambda/{name}", STREAM, *run_of(1, NOW - 900))
    left = iter([60_000, 60_000, 60_000, STOP_MS, STOP_MS])
    run = world.collect(lambda: next(left, STOP_MS))
    assert set(world.logs.asked) == {"/aws/lambda/a"}
    assert "2 log groups" in run.problems[0]
    assert run.behind_ms == logs.FIRST_READ_MS
    world.logs.asked.clear()
    world.collect()
    assert [name for name in dict.fromkeys(world.logs.asked)] == [f"/aws/lambda/{name}" for name in "bca"]


def test_a_window_that_is_cut_short_goes_on_where_it_stopped():
    world = World()
    for number in range(30):
        world.logs.put(GROUP, STREAM, *run_of(number, NOW - 20 * HOUR_MS + number * 30 * MINUTE_MS))
    run = world.collect(lambda: STOP_MS + 1 if not world.logs.asked else STOP_MS)
    assert 0 < world.counted() < 30
    assert run.behind_ms is not None
    assert run.behind_ms > HOUR_MS
    world.collect()
    assert world.counted() == 30


def test_unreadable_lines_are_counted_sampled_and_kept_once():
    world = World()
    start, *end = run_of(1, NOW - 900)
    world.logs.put(GROUP, STREAM, start, *end,
                   (NOW - 100, f"REPORT RequestId: {REQUEST.format(2)}\tDuration: many ms\tBilled Duration: 1 ms\t"))
    assert world.collect().unrecognised == 1
    world.collect()
    (sample,) = health.unrecognised(world.table, PLACE, NOW)
    assert sample.source == GROUP
    assert world.counted() == 1


def emf(at, value, name="charge"):
    return at, json.dumps({
        "_aws": {"Timestamp": at, "CloudWatchMetrics": [
            {"Namespace": "orders/Lambda", "Dimensions": [["service"]], "Metrics": [{"Name": name, "Unit": "Count"}]}]},
        "service": "orders", name: value,
    })


def test_embedded_metrics_are_summed_once_per_minute_however_often_a_window_is_read():
    world = World()
    minute = NOW - NOW % MINUTE_MS - 3 * MINUTE_MS
    world.logs.put(GROUP, STREAM, *run_of(1, minute, emf(minute + 10, 2), emf(minute + 20, 5)))
    for _ in range(20):
        world.collect()
        world.clock.advance(MINUTE_MS)
    (series,) = series_of_place(world.table, PLACE)
    assert (series.namespace, series.name, dict(series.dimensions)) == ("orders/Lambda", "charge",
                                                                        {"service": "orders"})
    (point,) = points(world.table, PLACE, series, NOW - DAY_MS, NOW + DAY_MS)
    assert (point.at, point.count, point.total, point.minimum, point.maximum) == (minute, 2, 7.0, 2.0, 5.0)


def test_a_failure_makes_an_error_group_with_its_first_and_last_sighting():
    world = World()
    for number, ago in enumerate((3 * HOUR_MS, HOUR_MS, 2 * HOUR_MS)):
        at = NOW - ago
        world.logs.put(GROUP, f"{STREAM[:-1]}{number}", *run_of(number, at, (at + 1, PRINTED)))
    world.collect()
    (group,) = error_groups.of_place(world.table, PLACE)
    assert (group.error_type, group.first_seen, group.last_seen) == (
        "KeyError", NOW - 3 * HOUR_MS + 100, NOW - HOUR_MS + 100)
