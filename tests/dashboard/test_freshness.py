from __future__ import annotations

from dashboard.freshness import late
from store.clock import MINUTE_MS
from store.records import CollectorRun
from tests.builders import NOW, PLACE


def test_a_collector_is_late_by_how_often_it_runs():
    def ran(name, ago):
        return CollectorRun(PLACE, name, NOW - ago * MINUTE_MS, 1, 1, 1)

    cases = (("logs", 3), ("logs", 4), ("metrics", 31), ("metrics", 33))
    assert [late(ran(name, ago), NOW) for name, ago in cases] == [False, True, False, True]
