"""What is ignored until so many failures more is counted from the decision on."""

from __future__ import annotations

from store import rollups, standing, triage
from store.clock import DAY_MS, HOUR_MS, floor_to
from store.rollups import Rollup, Span
from store.triage import Triage, TriageState
from tests.builders import NOW, PLACE
from tests.collectors.memory import MemoryTable

PRINT = "00112233aabbccdd"
HOUR = floor_to(NOW, HOUR_MS)


def failed(table: MemoryTable, start: int, times: int, span: Span = Span.HOUR) -> None:
    rollups.put(table, Rollup(PLACE, "orders", start, span, invocations=times, by_status={"error": times},
                              groups={PRINT: times}, weight=times))


def ignored(table: MemoryTable, **facts) -> Triage:
    decided = Triage(PLACE, PRINT, "orders", TriageState.IGNORED, "ada", NOW, **{"more": 10, **facts})
    return triage.save(table, None, decided)


def test_what_the_hour_had_counted_before_the_decision_is_left_out():
    table = MemoryTable()
    failed(table, HOUR, 7)
    counted = standing.counted_in_hour(table, PLACE, "orders", PRINT, NOW)
    decided = ignored(table, counted=counted)
    assert standing.of(table, decided, NOW).failures_since == 0
    failed(table, HOUR, 12)
    failed(table, HOUR + HOUR_MS, 4)
    found = standing.of_place(table, PLACE, NOW + 2 * HOUR_MS)[PRINT]
    assert (found.failures_since, found.state) == (9, TriageState.IGNORED)


def test_after_midnight_whole_days_are_counted():
    table = MemoryTable()
    decided = ignored(table)
    midnight = floor_to(NOW, DAY_MS) + DAY_MS
    failed(table, HOUR, 3)
    failed(table, midnight, 5, Span.DAY)
    failed(table, midnight + DAY_MS, 5, Span.DAY)
    assert standing.of(table, decided, midnight - 1).state is TriageState.IGNORED
    found = standing.of(table, decided, midnight + DAY_MS)
    assert (found.failures_since, found.state) == (13, TriageState.UNRESOLVED)


def test_what_does_not_wait_for_a_number_is_not_counted():
    table = MemoryTable()
    decided = ignored(table, more=None, until=NOW + HOUR_MS)
    assert standing.of(table, decided, NOW).failures_since is None
    assert standing.of(table, decided, NOW + HOUR_MS).state is TriageState.UNRESOLVED
