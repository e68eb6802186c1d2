"""Which accounts and regions there are."""

from __future__ import annotations

from store import places, pushing
from store.clock import HOUR_MS, MINUTE_MS
from store.places import KnownPlace
from store.records import Place
from tests.builders import NOW, PLACE
from tests.collectors.memory import MemoryTable

OTHER = Place("000055556666", "eu-west-1")


def test_home_comes_first_then_where_collectors_go_and_what_is_pushed_from():
    table = MemoryTable()
    assert places.everywhere(table, PLACE) == [PLACE]
    places.enter(table, [KnownPlace(OTHER, role_arn="arn:r", seen_at=NOW), KnownPlace(PLACE, home=True, seen_at=NOW)])
    pushed = Place("222255556666", PLACE.region)
    pushing.hear(table, pushed, "/aws/lambda/x", NOW)
    assert places.everywhere(table, PLACE) == [PLACE, OTHER, pushed]
    assert [one.home for one in places.known(table)] == [True, False]


def test_a_place_is_written_once_an_hour_or_when_its_role_changes():
    table = MemoryTable()
    for minute in range(90):
        places.enter(table, [KnownPlace(OTHER, role_arn="arn:r", seen_at=NOW + minute * MINUTE_MS)])
    assert (table.writes, places.known(table)[0].seen_at) == (2, NOW + HOUR_MS)
    places.enter(table, [KnownPlace(OTHER, role_arn="arn:s", seen_at=NOW + HOUR_MS)])
    assert (table.writes, places.known(table)[0].role_arn) == (3, "arn:s")
