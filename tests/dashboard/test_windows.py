from __future__ import annotations

import pytest

from dashboard.windows import RANGES, window
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS
from store.rollups import Span
from tests.builders import NOW


@pytest.mark.parametrize("name", RANGES)
def test_a_window_is_whole_steps_and_holds_now(name):
    shown = window(name, NOW)
    assert shown.start % shown.span.ms == 0
    assert len(shown.starts) == RANGES[name][1]
    assert shown.start <= NOW < shown.end
    assert shown.position(NOW) == len(shown.starts) - 1


def test_the_step_follows_the_length():
    assert window("3h", NOW).span is Span.MINUTE
    assert window("7d", NOW).span is Span.HOUR
    assert window("30d", NOW).span is Span.DAY


def test_an_unknown_name_is_a_day():
    assert window("; DROP TABLE", NOW) == window("24h", NOW)


def test_the_previous_period_ends_where_this_one_begins():
    shown = window("24h", NOW)
    assert shown.previous.end == shown.start
    assert shown.start - shown.previous.start == DAY_MS


def test_a_running_period_is_compared_by_its_pace():
    shown = window("1h", NOW)
    elapsed = NOW - shown.start
    assert HOUR_MS - MINUTE_MS <= elapsed < HOUR_MS
    assert shown.per_hour(elapsed / HOUR_MS) == pytest.approx(1)
    assert shown.previous.per_hour(60) == 60
    assert shown.label == "1 h"
