from __future__ import annotations

from dataclasses import replace

from dashboard.summaries import cold_rate, comparable, fleet, memory_share, merged, squeezed, steps, summary
from dashboard.windows import window
from store.clock import HOUR_MS, floor_to
from store.rollups import Rollup, Span
from tests.builders import NOW, PLACE

WINDOW = window("12h", NOW)
HOUR = floor_to(NOW, HOUR_MS)


def a_rollup(function="orders", hours_ago=0, **facts):
    defaults = {"invocations": 10, "by_status": {"ok": 8, "error": 2}}
    return Rollup(PLACE, function, HOUR - hours_ago * HOUR_MS, Span.HOUR, **{**defaults, **facts})


def test_functions_come_worst_first():
    parts = [a_rollup("fine", by_status={"ok": 10}), a_rollup("bad"), a_rollup("busy", by_status={"ok": 90},
                                                                               invocations=90)]
    assert [one.function for one in fleet(PLACE, WINDOW, parts).functions] == ["bad", "busy", "fine"]


def test_the_fleet_is_the_sum_of_its_functions():
    found = fleet(PLACE, WINDOW, [a_rollup("a"), a_rollup("b"), a_rollup("a", 3)])
    assert (found.whole.invocations, found.whole.failures) == (30, 6)
    assert [step.invocations for step in found.steps][-4:] == [10, 0, 0, 20]
    assert {one.function: one.total.invocations for one in found.functions} == {"a": 20, "b": 10}


def test_idle_steps_are_empty_and_never_missing():
    found = steps(PLACE, WINDOW, [])
    assert [step.start for step in found] == WINDOW.starts
    assert sum(step.invocations for step in found) == 0


def test_a_sparkline_has_at_most_thirty_points_and_loses_no_count():
    assert squeezed([1] * 168) == (6,) * 28
    assert squeezed([3, 4]) == (3, 4)
    assert squeezed([]) == ()


def test_a_share_of_nothing_is_unknown():
    idle = summary(PLACE, WINDOW, "idle", [])
    assert cold_rate(idle.total) is None
    assert memory_share(idle.total) is None
    assert idle.busiest_version is None


def test_memory_and_versions_are_those_of_the_window():
    one = summary(PLACE, WINDOW, "orders", [a_rollup(memory_mb=512, max_memory_mb=300, versions={"7": 9, "8": 1}),
                                            a_rollup(hours_ago=1, memory_mb=512, max_memory_mb=256, cold_starts=1)])
    assert one.memory_share == 300 / 512
    assert one.busiest_version == "7"
    assert one.cold_rate == 1 / 20


def test_a_period_whose_records_only_begin_at_its_end_is_not_compared_with():
    day = window("24h", NOW).previous
    late = [Rollup(PLACE, "a", day.end - HOUR_MS, Span.HOUR, 5, {"ok": 5})]
    early = [Rollup(PLACE, "a", day.start + HOUR_MS, Span.HOUR, 5, {"ok": 5})]
    assert comparable(PLACE, day, "", late).invocations == 0
    assert comparable(PLACE, day, "", early + late).invocations == 10
    assert comparable(PLACE, day, "", []).invocations == 0


def test_places_are_put_together_without_mixing_functions_of_the_same_name():
    other = replace(PLACE, region="eu-west-1")
    there = replace(a_rollup("a"), place=other, by_status={"error": 10})
    found = merged(WINDOW, [fleet(PLACE, WINDOW, [a_rollup("a"), a_rollup("b", 3)]), fleet(other, WINDOW, [there])])
    assert [(one.function, one.total.place, one.total.failures) for one in found.functions] == [
        ("a", other, 10), ("a", PLACE, 2), ("b", PLACE, 2)]
    assert (found.whole.invocations, found.whole.failures) == (30, 14)
    assert [step.invocations for step in found.steps][-4:] == [10, 0, 0, 20]
    assert merged(WINDOW, []).whole.invocations == 0
