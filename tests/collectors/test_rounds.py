"""One collector in every account and region: fair shares of time, and nobody stops the others."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from collectors import rounds
from collectors.pushed_groups import fold_all
from collectors.tally import STOP_MS, Tally
from store import health, places, pushing
from store.clients import Connection
from store.clock import MINUTE_MS
from store.errors import PermissionDenied, Throttled
from store.members import Member
from store.records import CollectorRun, Place
from store.settings import Settings
from tests.builders import NOW, PLACE, FakeClock
from tests.collectors.fakes import connection
from tests.collectors.memory import MemoryTable

REGIONS = ("eu-west-1", "eu-west-2", "eu-west-3")
DENIED = PermissionDenied("Not allowed: sts:AssumeRole on arn:r.", "Check the trust policy.")


class Fleet:
    """A home and three members; `failing` says what happens in a region, at the door or inside."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.table = MemoryTable(self.clock)
        self.doors: dict[str, Exception] = {}
        self.failing: dict[str, Exception] = {}
        self.left = 120_000
        self.taking: dict[str, int] = {}
        self.shares: dict[str, int] = {}
        members = tuple(Member(region, "arn:aws:iam::444455556666:role/r") for region in REGIONS)
        self.home = connection(self.table, Settings("memory", members=members), self.clock, of=self._clients)

    def _clients(self, member: Member) -> Any:
        def enter() -> None:
            if member.region in self.doors:
                raise self.doors[member.region]

        return SimpleNamespace(place=Place("444455556666", member.region), enter=enter)

    def collect(self, there: Connection, time_left_ms: Any) -> CollectorRun:
        region = there.place.region
        self.shares[region] = time_left_ms() - STOP_MS
        self.left -= min(self.taking.get(region, 0), self.shares[region])
        if region in self.failing:
            raise self.failing[region]
        run = replace(Tally.begin(there.place, "logs", self.clock).run(), read=1)
        health.put_run(there.table, run)
        return run

    def round(self) -> list[CollectorRun]:
        return rounds.everywhere("logs", self.collect, self.home, lambda: self.left)


def test_every_place_has_its_own_run_and_is_known_home_first():
    fleet = Fleet()
    runs = fleet.round()
    assert runs[0].place == PLACE
    assert {run.place.region for run in runs[1:]} == set(REGIONS)
    assert [one.place for one in places.known(fleet.table)] == [PLACE, *[Place("444455556666", r) for r in REGIONS]]
    assert rounds.summed(runs) == {"read": 4, "wrote": 0, "problems": []}


def test_a_place_that_is_denied_or_fails_is_a_problem_of_its_own_and_the_others_go_on():
    fleet = Fleet()
    fleet.doors["eu-west-2"] = DENIED
    fleet.failing["eu-west-1"] = Throttled("log groups are throttled.", "It will be tried again.")
    runs = {run.place.region: run for run in fleet.round()}
    assert (runs["eu-west-3"].read, runs[PLACE.region].read) == (1, 1)
    assert runs["eu-west-2"].problems == ("Not allowed: sts:AssumeRole on arn:r. Check the trust policy.",)
    (shown,) = health.runs(fleet.table, Place("444455556666", "eu-west-2"))
    assert shown == runs["eu-west-2"]
    assert rounds.summed([runs[PLACE.region], runs["eu-west-1"]])["problems"] == [
        "444455556666/eu-west-1: log groups are throttled. It will be tried again."]


def test_time_is_shared_fairly_and_what_one_leaves_the_others_have():
    fleet = Fleet()
    fleet.taking = dict.fromkeys((PLACE.region, *REGIONS), 120_000)
    fleet.round()
    shares = list(fleet.shares.values())
    assert max(shares) - min(shares) < 10
    assert sum(shares) <= 120_000 - STOP_MS
    idle = Fleet()
    idle.round()
    assert list(idle.shares.values())[-1] == 120_000 - STOP_MS


def test_when_time_runs_out_it_is_not_always_the_same_that_wait():
    fleet = Fleet()
    reached = set()
    for _ in REGIONS:
        fleet.left = STOP_MS + 1
        reached |= {run.place.region for run in fleet.round()[1:2]}
        fleet.clock.advance(MINUTE_MS)
    assert reached == set(REGIONS)
    fleet.left = STOP_MS
    assert [run.place for run in fleet.round()] == [PLACE]


def test_without_other_places_nothing_is_shared_and_nothing_is_written():
    fleet = Fleet()
    object.__setattr__(fleet.home, "settings", Settings("memory"))
    (run,) = fleet.round()
    assert (fleet.shares, run.place, places.known(fleet.table)) == ({PLACE.region: 110_000}, PLACE, [])


def test_what_is_pushed_is_folded_by_the_run_at_home_alone(monkeypatch):
    fleet = Fleet()
    fleet.round()
    pushing.hear(fleet.table, PLACE, "/aws/lambda/x", NOW)
    folded = []
    monkeypatch.setattr("collectors.joined.fold_pushed", lambda table, place, *_: folded.append(place))
    for place in (PLACE, Place("444455556666", "eu-west-1")):
        fold_all(fleet.table, place, Tally.begin(place, "logs", fleet.clock), lambda: 60_000)
    assert folded == [PLACE]


def test_a_table_that_cannot_be_used_stops_the_round():
    fleet = Fleet()
    fleet.failing[PLACE.region] = Throttled("memory is throttled")
    with pytest.raises(Throttled):
        fleet.round()
