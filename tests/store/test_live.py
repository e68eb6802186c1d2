"""Contract of the hours that are not over, on moto and on MiniStack."""

from __future__ import annotations

from store import live, rollups
from store.clock import DAY_MS, HOUR_MS, floor_to
from store.live import Live, LiveHour, Seen
from store.rollups import Span
from store.table import Table
from tests.builders import NOW, PLACE
from tests.store.test_rollups import NAME, a_rollup

HOUR = floor_to(NOW, HOUR_MS)


def running(n: int, function: str = NAME, hour: int = HOUR) -> LiveHour:
    return LiveHour(function, hour, n, rollups.item(a_rollup(hour, n=n)), hour)


def bring(table: Table, *hours: LiveHour, settled=None, seen=None, told=None) -> int:
    return live.write(table, PLACE, live.changes(hours, settled or {}, seen or {}, told or {}))


def test_an_hour_that_runs_reads_like_one_that_is_over(table: Table):
    assert bring(table, running(3), running(4, "cart")) == 1
    assert bring(table, running(3)) == 0, "nothing new"
    assert list(rollups.hours(table, PLACE, NAME, HOUR, HOUR + HOUR_MS)) == [a_rollup(n=3)]
    assert {one.function for one in rollups.fleet(table, PLACE, HOUR, HOUR + 1)} == {NAME, "cart"}
    (day,) = rollups.days(table, PLACE, NAME, HOUR - DAY_MS, HOUR + DAY_MS)
    assert (day.start, day.span, day.invocations) == (floor_to(HOUR, DAY_MS), Span.DAY, 3)


def test_what_rests_on_less_changes_nothing_and_what_is_over_leaves(table: Table):
    bring(table, running(5))
    assert bring(table, running(4)) == 0
    assert bring(table, settled={(NAME, HOUR): 4}) == 0, "somebody knows more than was written"
    assert bring(table, settled={(NAME, HOUR): 5}) == 1
    assert live.of_place(table, PLACE) == Live()


def test_a_day_is_its_hours_while_one_of_them_runs_and_none_is_counted_twice(table: Table):
    before = a_rollup(HOUR - HOUR_MS, n=2)
    day = rollups.total(PLACE, NAME, floor_to(HOUR, DAY_MS), Span.DAY, [before, a_rollup(n=3)])
    for one in (before, a_rollup(n=3), day):
        rollups.put(table, one)
    bring(table, running(3))  # killed before it left
    assert list(rollups.days(table, PLACE, NAME, day.start, HOUR)) == [day]
    bring(table, running(7))
    assert [one.invocations for one in rollups.days(table, PLACE, NAME, day.start, HOUR)] == [9]


def test_sightings_move_on_and_leave_when_they_are_told(table: Table):
    bring(table, seen={"aa": Seen(NOW, "7"), "bb": Seen(NOW)})
    bring(table, seen={"aa": Seen(NOW - 1, "6"), "bb": Seen(NOW + 1, "8")})
    assert live.of_place(table, PLACE).seen == {"aa": Seen(NOW, "7"), "bb": Seen(NOW + 1, "8")}
    bring(table, told={"aa": Seen(NOW, "7"), "bb": Seen(NOW)})
    assert live.of_place(table, PLACE).seen == {"bb": Seen(NOW + 1, "8")}
