from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from dashboard import charts, palette
from dashboard.summaries import steps
from dashboard.windows import window
from store.clock import HOUR_MS
from store.histogram import Histogram
from store.records import Deploy, MetricPoint, MetricSeries
from store.rollups import Rollup, Span
from tests.builders import NOW, PLACE

WINDOW = window("12h", NOW)
PAPER = charts.Paper(WINDOW, UTC, dark=False)


def some_steps(**facts):
    defaults = {"invocations": 10, "by_status": {"ok": 7, "error": 2, "oom": 1}}
    return steps(PLACE, WINDOW, [Rollup(PLACE, "f", WINDOW.starts[-1], Span.HOUR, **{**defaults, **facts})])


def test_failures_stand_by_kind_over_invocations():
    figure = charts.trend(PAPER, some_steps())
    assert [trace.name for trace in figure.data] == ["errors", "out of memory", "invocations"]
    assert [trace.y[-1] for trace in figure.data] == [2, 1, 10]
    assert figure.data[0].marker.color == palette.ERROR.light


def test_kinds_are_told_apart_without_colour():
    patterns = [trace.marker.pattern.shape for trace in charts.trend(PAPER, some_steps()).data[:2]]
    assert len(set(patterns)) == 2


def test_a_dark_page_has_dark_ink():
    figure = charts.trend(charts.Paper(WINDOW, UTC, dark=True), some_steps())
    assert figure.data[0].marker.color == palette.ERROR.dark


def test_a_percentile_without_enough_samples_has_no_point():
    figure = charts.durations(PAPER, some_steps(duration=Histogram.of([100.0] * 19)))
    assert all(value is None for trace in figure.data for value in trace.y)
    enough = charts.durations(PAPER, some_steps(duration=Histogram.of([100.0] * 20)))
    assert enough.data[0].y[-1] == pytest.approx(100, rel=0.02)


def test_sparse_minutes_are_put_together_until_they_hold_enough():
    hour = window("1h", NOW)
    sparse = steps(PLACE, hour, [Rollup(PLACE, "f", start, Span.MINUTE, duration=Histogram.of([80.0] * 5))
                                 for start in hour.starts])
    assert charts.stretch(sparse) == 5
    assert len(charts.durations(charts.Paper(hour, UTC, dark=False), sparse).data[0].y) == 12


def test_deploys_in_the_window_are_marked_and_others_are_not():
    deploys = [Deploy(PLACE, "f", NOW - 2 * HOUR_MS, "31"), Deploy(PLACE, "f", NOW - 99 * HOUR_MS, "30")]
    figure = charts.cold_starts(PAPER, some_steps(), deploys)
    assert [note.text for note in figure.layout.annotations] == ["v31"]
    assert len(figure.layout.shapes) == 1


def test_many_deploys_keep_their_lines_and_lose_their_labels():
    deploys = [Deploy(PLACE, "f", NOW - n * HOUR_MS, str(n)) for n in range(8)]
    figure = charts.group_count(PAPER, [0] * 12, deploys)
    assert {note.text for note in figure.layout.annotations} == {""}
    assert len(figure.layout.shapes) == 8


def test_restores_are_told_apart_from_cold_starts():
    figure = charts.cold_starts(PAPER, some_steps(cold_starts=5, restores=2))
    assert {trace.name: trace.y[-1] for trace in figure.data} == {"cold starts": 3, "restores": 2}


def test_memory_is_drawn_under_what_is_configured():
    figure = charts.memory(PAPER, some_steps(memory_mb=512, max_memory_mb=300))
    assert {trace.name: trace.y[-1] for trace in figure.data} == {"most used": 300, "configured": 512}


def test_counts_are_summed_and_other_units_averaged():
    points = [MetricPoint(NOW, 4, 100.0)]
    assert charts.metric(PAPER, MetricSeries("n", "Errors", "Count"), points).data[0].y == (100.0,)
    assert charts.metric(PAPER, MetricSeries("n", "Duration", "Milliseconds"), points).data[0].y == (25.0,)


def test_times_are_those_of_the_reader():
    tokyo = charts.Paper(WINDOW, ZoneInfo("Asia/Tokyo"), dark=False)
    assert (tokyo.times[0] - PAPER.times[0]).total_seconds() == 9 * 3600
    assert tokyo.times[0].tzinfo is None
