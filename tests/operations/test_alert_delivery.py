"""Alerts are told at least once, by whoever is not killed; once, if nobody is; and not more often than people bear."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from operations.alert_delivery import AT_ONCE, BURST, LEASE_MS, PACE_MS, Telling, bundles
from operations.alert_words import Letter
from store import alerts, health
from store.alerts import Alert, AlertKind
from store.clock import MINUTE_MS
from store.errors import LamplightError, PermissionDenied
from store.records import Place
from tests.builders import PLACE, FakeClock
from tests.collectors.memory import Killed, MemoryTable

ELSEWHERE = Place("210987654321", "us-east-1")


class Heard:
    """A topic: what it accepted. `refusing` is what it answers instead."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.refusing: LamplightError | None = None

    def publish(self, letter: Letter) -> str:
        if self.refusing:
            raise self.refusing
        self.letters.append(letter)
        return f"message-{len(self.letters)}"


class Stage:
    def __init__(self, waiting: int = 0) -> None:
        self.clock = FakeClock()
        self.table = MemoryTable(self.clock)
        self.heard = Heard()
        self.happens(waiting)

    def happens(self, count: int, place: Place = PLACE) -> None:
        at = self.clock()
        for number in range(count):
            alerts.put(self.table, Alert(place, f"new#{at}#{number}", AlertKind.NEW, at + number, "orders", "aa", "E"))

    def run(self, left_ms: int = 60_000):
        telling = Telling(self.table, PLACE, self.clock, self.heard, "https://ops.example.com")
        return telling.run([PLACE, ELSEWHERE], lambda: left_ms)

    @property
    def waiting(self) -> int:
        return len(list(alerts.undelivered(self.table, PLACE, 1_000)))


def test_what_is_told_is_told_once():
    stage = Stage(2)
    assert stage.run().wrote == 2
    assert stage.run().wrote == 0
    assert [len(stage.heard.letters), stage.waiting] == [2, 0]
    assert {alert.told_as for alert in alerts.newest(stage.table, PLACE, 9)} == {"message-1", "message-2"}


def test_many_at_once_are_one_digest():
    stage = Stage(25)
    assert stage.run().wrote == 25
    (letter,) = stage.heard.letters
    assert letter.subject.startswith("Lamplight: 25 alerts")


def test_a_storm_is_told_at_once_and_then_every_five_minutes_together():
    stage = Stage()
    for _ in range(60):
        stage.happens(3)
        stage.run()
        stage.clock.advance(MINUTE_MS)
    assert len(stage.heard.letters) <= BURST + 60 * MINUTE_MS // PACE_MS
    stage.clock.advance(PACE_MS)
    stage.run()
    assert stage.waiting == 0
    assert sum(alert.delivered_at is not None for alert in alerts.newest(stage.table, PLACE, 500)) == 180


def test_alerts_of_every_place_are_told():
    stage = Stage(1)
    stage.happens(1, ELSEWHERE)
    assert stage.run().wrote == 2
    assert "account 210987654321, us-east-1" in stage.heard.letters[1].text


def test_a_refused_message_waits_longer_each_time_and_stands_on_health_until_it_is_told():
    stage = Stage(1)
    stage.heard.refusing = PermissionDenied("Not allowed: sns:Publish on oncall.", "Give this role sns:Publish.")
    said = "1 alert is not told yet: Not allowed: sns:Publish on oncall. Give this role sns:Publish."
    tried: list[int] = []
    for minute in range(20):
        assert stage.run().problems == (said,)
        (alert,) = alerts.undelivered(stage.table, PLACE, 1)
        tried += [minute] if alert.attempts > len(tried) else []
        stage.clock.advance(MINUTE_MS)
    assert tried == [0, 1, 3, 7, 15]
    (run,) = health.runs(stage.table, PLACE)
    assert (run.collector, run.problems) == ("alerts", (said,))
    stage.heard.refusing = None
    stage.clock.advance(30 * MINUTE_MS)
    assert stage.run().problems == ()
    assert stage.waiting == 0


@pytest.mark.parametrize("count", [1, 3, 5])
def test_killed_before_any_write_nothing_is_lost_and_only_what_was_not_marked_is_told_again(count):
    whole = Stage(count)
    before = whole.table.writes
    whole.run()
    for writes in range(whole.table.writes - before + 1):
        stage = Stage(count)
        stage.table.writes_left = writes
        with suppress(Killed):
            stage.run()
        unmarked = {alert.id for alert in alerts.undelivered(stage.table, PLACE, 9)}
        sent = len(stage.heard.letters)
        stage.table.writes_left = None
        stage.clock.advance(LEASE_MS)
        stage.run()
        assert stage.waiting == 0
        first, again = told_in(stage.heard.letters[:sent]), told_in(stage.heard.letters[sent:])
        assert sorted(again) == sorted(unmarked)
        assert {*first, *again} == {alert.id for alert in alerts.newest(stage.table, PLACE, 9)}
        assert len(first) == len(set(first))


def told_in(letters: list[Letter]) -> list[str]:
    """The numbers of the alerts that these letters tell."""
    return [number for letter in letters for number in re.findall(r"^Alert ([0-9a-f]{16})", letter.text, re.M)]


def test_two_deliverers_at_once_tell_each_alert_once():
    stage = Stage(1)
    found = list(alerts.undelivered(stage.table, PLACE, 1))
    stage.run()
    late = Telling(stage.table, PLACE, stage.clock, stage.heard)
    assert late._tell(found)  # it read the row before the other one marked it
    assert len(stage.heard.letters) == 1


def test_with_little_time_left_everything_waits():
    stage = Stage(2)
    assert stage.run(left_ms=5_000).wrote == 0
    assert [len(stage.heard.letters), stage.waiting] == [0, 2]


def test_more_than_one_run_takes_up_is_told_by_the_next():
    stage = Stage(AT_ONCE + 10)
    stage.run()
    assert stage.waiting == 10
    stage.run()
    assert stage.waiting == 0


def test_without_room_nothing_is_bundled():
    stage = Stage(3)
    found = list(alerts.undelivered(stage.table, PLACE, 5))
    assert bundles(found, 0) == []
    assert [len(bundle) for bundle in bundles(found, 2)] == [3]
    assert [len(bundle) for bundle in bundles(found, 3)] == [1, 1, 1]
