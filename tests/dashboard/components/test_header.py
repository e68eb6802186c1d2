from __future__ import annotations

from dashboard.components.header import reading
from store.clock import MINUTE_MS
from store.records import CollectorRun
from tests.builders import NOW, PLACE


def a_run(name="logs", ago=40_000, **facts):
    return CollectorRun(PLACE, name, NOW - ago, 840, 10, 2, **facts)


def test_fresh_data_says_how_fresh():
    assert reading([a_run()], NOW) == ":green[:material/check_circle: live, 40 s ago]"


def test_stale_data_says_since_when():
    assert "stale, last read 12 min ago" in reading([a_run(ago=12 * MINUTE_MS)], NOW)


def test_one_late_collector_is_named():
    assert "partly stale: queues" in reading([a_run(), a_run("queues", 9 * MINUTE_MS)], NOW)


def test_a_run_with_problems_is_live_but_not_green():
    words = reading([a_run(problems=("denied",))], NOW)
    assert "live with problems" in words
    assert not words.startswith(":green")


def test_no_run_is_not_the_same_as_stale():
    assert "no collector has run yet" in reading([], NOW)
