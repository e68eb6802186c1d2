"""The cost benchmarks count what DynamoDB counts, of the service they say."""

from __future__ import annotations

import pytest

from benchmarks import access, cost
from benchmarks.meter import Meter
from store import rollups
from store.clock import HOUR_MS
from store.keys import Key
from tests.builders import FakeClock


def test_a_kilobyte_written_and_four_read_are_a_unit_each_and_a_refused_write_costs_the_same():
    table = Meter(FakeClock())
    table.put(Key("A#1", "x"), {"v": 1, "body": "b" * 1_500})
    assert table.written == {"A": 2}
    assert not table.put_if_absent(Key("A#1", "x"), {"v": 1})
    assert table.written == {"A": 4}
    list(table.query("A#1"))
    table.get(Key("A#1", "x"))
    assert table.read == {"A": 2}
    table.put_many([(Key("A#1", "y"), {"body": "b" * 6_000})])
    assert list(table.query("A#1"))
    assert table.read == {"A": 4}


@pytest.mark.parametrize("measure", [cost.pulled, cost.pushed])
def test_everything_that_is_paid_for_is_counted(measure, monkeypatch):
    monkeypatch.setattr(cost, "MINUTES", 4)
    monkeypatch.setattr(cost, "FUNCTIONS", 2)
    table, count = measure(400_000)
    fleet = sum(one.invocations for one in rollups.fleet(table, cost.PLACE, cost.BEGAN - HOUR_MS, cost.BEGAN + HOUR_MS))
    # Minutes before what is measured, and an end that is not visible yet, make the difference.
    assert 1 <= fleet / count <= 2.2
    assert {"D", "LIVE"} <= table.written.keys()


def test_no_question_costs_more_as_history_grows():
    report = access.run()
    assert all(target.met for target in report.targets), report.text()
