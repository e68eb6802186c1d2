"""Contract of how far sources are read, on moto and on MiniStack."""

from __future__ import annotations

from store import readings
from store.readings import SourceReading
from store.table import Table
from tests.builders import NOW, PLACE


def test_sources_are_read_back_by_name_and_the_last_run_replaces_the_one_before(table: Table):
    before = [SourceReading(f"/aws/lambda/f{number:05d}", NOW - number, NOW, number) for number in range(2_500)]
    readings.put(table, PLACE, "logs", before, {})
    assert readings.of_collector(table, PLACE, "logs") == before
    after = [SourceReading("/aws/lambda/b", None, NOW, problem="denied"), SourceReading("/aws/lambda/a", NOW - 5, NOW)]
    readings.put(table, PLACE, "logs", after, {})
    assert readings.of_collector(table, PLACE, "logs") == after[::-1]
    assert [one.lag_ms for one in after] == [None, 5]


def test_a_run_without_sources_leaves_none(table: Table):
    readings.put(table, PLACE, "logs", [SourceReading("/aws/lambda/a", NOW, NOW)], {})
    readings.put(table, PLACE, "logs", [], {})
    assert readings.of_collector(table, PLACE, "logs") == []
    assert readings.of_collector(table, PLACE, "metrics") == []


def test_of_two_runs_the_first_to_move_a_position_is_believed(table: Table):
    readings.put(table, PLACE, "logs", [SourceReading("a", NOW, NOW, position=5), SourceReading("b", NOW, NOW)], {})
    seen = {"a": 5}
    assert readings.put(table, PLACE, "logs", [SourceReading("a", NOW, NOW, position=9)], seen, every=False) == []
    lost = readings.put(table, PLACE, "logs", [SourceReading("a", NOW, NOW, position=7)], seen, every=False)
    assert lost == ["a"]
    assert [one.position for one in readings.of_collector(table, PLACE, "logs")] == [9, None]
