"""Hundreds of log groups share one quota and one minute: none starves, whatever the others hold, refuse or delay."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import logs
from collectors.tally import STOP_MS
from store import functions, readings
from store.clock import HOUR_MS, MINUTE_MS
from store.readings import SourceReading
from store.records import CollectorRun, FunctionInfo
from tests.builders import NOW, PLACE, FakeClock
from tests.collectors.fakes import GROUP, STREAM, FakeLogs, World, refusal, run_of

CALL_MS = 100
"""Ten calls a second, as the quota of an account and region allows."""
HANGS_MS = 80_000
"""Four tries of 20 seconds."""
HUGE = "/aws/lambda/huge"


class SlowLogs(FakeLogs):
    """Answers take time. Some groups hang, some are throttled now and then."""

    def __init__(self, clock: FakeClock, page_size: int = 30) -> None:
        super().__init__(page_size)
        self.clock = clock
        self.hangs: set[str] = set()
        self.throttles = 0.0
        self.chance = random.Random(7)  # noqa: S311
        self.expires_after: int | None = None
        self.accepts_tokens = True

    def filter_log_events(self, logGroupName: str, startTime: int, endTime: int,  # noqa: N803
                          nextToken: str = "0/full") -> dict[str, Any]:  # noqa: N803
        self.clock.advance(HANGS_MS if logGroupName in self.hangs else CALL_MS)
        if logGroupName in self.hangs:
            raise refusal("ServiceUnavailableException", "FilterLogEvents")
        if self.chance.random() < self.throttles:
            raise refusal("ThrottlingException", "FilterLogEvents")
        if not self.accepts_tokens and nextToken != "0/full":
            raise refusal("InvalidParameterException", "FilterLogEvents", "The specified nextToken is invalid.")
        if self.expires_after is not None and nextToken != "0/full":
            self.expires_after -= 1
            if self.expires_after < 0:
                self.expires_after = 5
                raise refusal("InvalidParameterException", "FilterLogEvents", "The specified nextToken is invalid.")
        return super().filter_log_events(logGroupName, startTime, endTime, nextToken)


class Crowd(World):
    def __init__(self, small: int, page_size: int = 30) -> None:
        super().__init__()
        self.slow = self.logs = SlowLogs(self.clock, page_size)
        self.small = [f"/aws/lambda/small-{number:03d}" for number in range(small)]
        self.number = 0
        for group in self.small:
            self.log(group, NOW - 900)

    def log(self, group: str, at: int) -> None:
        self.number += 1
        self.logs.put(group, f"2026/11/23/[7]{self.number:032d}", *run_of(self.number, at))

    def run(self, seconds: int) -> CollectorRun:
        """One run of so many seconds, then the rest of its minute."""
        deadline = self.clock() + seconds * 1_000 + STOP_MS
        run = self.collect(lambda: deadline - self.clock())
        self.clock.now = max(self.clock.now, self._minute())
        return run

    def _minute(self) -> int:
        return (self.clock() // MINUTE_MS + 1) * MINUTE_MS

    def read(self) -> dict[str, SourceReading]:
        return {one.source: one for one in readings.of_collector(self.table, PLACE, "logs")}

    def counted_of(self, group: str) -> int:
        return self.counted(group.removeprefix("/aws/lambda/"))


def test_one_huge_group_starves_none_of_the_small_ones_and_is_read_in_the_time_they_leave():
    world = Crowd(small=40)
    for second in range(2_400):
        world.log(HUGE, NOW - HOUR_MS + second * 1_000)
    runs = 0
    while world.counted_of(HUGE) < 2_400:
        runs += 1
        assert runs <= 30, "the small groups leave 5 s of 9 s: 50 calls, every other one of an empty page"
        before, began = world.read().get(HUGE), world.clock()
        run = world.run(9)
        found = world.read()
        assert all((found[group].reached_at or 0) >= began for group in world.small), "every small group, every run"
        assert before is None or (found[HUGE].reached_at or 0) > (before.reached_at or 0)
    assert runs > 5
    assert run.problems == ()
    assert sum(world.counted_of(group) for group in world.small) == 40


def test_a_group_with_more_to_read_than_a_run_has_time_for_says_what_to_do():
    world = Crowd(small=2)
    for second in range(3_600):
        world.log(HUGE, NOW - HOUR_MS + second * 1_000)
    (problem,) = world.run(5).problems
    assert "1 log groups hold more than there was time to read" in problem
    assert "subscriptions add" in problem
    assert world.read()[HUGE].problem is None
    assert (world.read()[HUGE].lag_ms or 0) > 30 * MINUTE_MS


def test_more_groups_than_time_take_turns():
    world = Crowd(small=100)
    world.run(600)
    asked = []
    for _ in range(4):
        world.logs.asked.clear()
        run = world.run(3)
        asked.append(set(world.logs.asked))
        assert 25 <= len(asked[-1]) <= 35
    assert set().union(*asked) == set(world.small)
    assert "No time was left for" in run.problems[0]
    assert max(one.lag_ms or 0 for one in world.read().values()) <= 6 * MINUTE_MS


def test_silent_groups_and_busy_ones_take_turns_alike():
    """A silent group stands as far behind as one that was not read."""
    world = Crowd(small=60)
    world.run(600)
    for _ in range(40):
        for group in world.small[:20]:
            world.log(group, world.clock() - 900)
        world.run(3)
        lags = [one.lag_ms or 0 for one in world.read().values()]
        assert max(lags) <= 5 * MINUTE_MS


def test_groups_that_hang_are_tried_last_and_the_others_are_read_every_other_run_at_least():
    world = Crowd(small=20)
    world.slow.hangs = {"/aws/lambda/dead-1", "/aws/lambda/dead-2"}
    for group in world.slow.hangs:
        world.log(group, NOW - 900)
    for _ in range(2):
        world.run(100)
    for _ in range(6):
        world.run(100)
        assert max(world.read()[group].lag_ms or 0 for group in world.small) <= 2 * (HANGS_MS + 2 * MINUTE_MS)
    assert all("ServiceUnavailable" in (world.read()[group].problem or "not reached")
               or world.read()[group].problem == logs.NOT_REACHED for group in world.slow.hangs)


def test_throttled_in_the_middle_what_was_read_is_counted_and_the_next_run_goes_on():
    world = Crowd(small=10)
    for second in range(600):
        world.log(HUGE, NOW - HOUR_MS + second * 5_000)
    world.slow.throttles = 0.2
    reached = []
    while world.counted_of(HUGE) < 600:
        world.run(30)
        reached.append(world.read()[HUGE].reached_at or 0)
        assert len(reached) < 60
    assert reached == sorted(reached)
    assert len(reached) > 3
    world.slow.throttles = 0.0
    assert world.run(30).problems == ()
    assert sum(world.counted_of(group) for group in world.small) == 10


def test_a_token_that_expires_is_no_loss():
    world = Crowd(small=0)
    for number in range(200):
        world.log(HUGE, NOW - HOUR_MS + number // 7 * 1_000)  # many in one millisecond
    world.slow.expires_after = 3
    assert world.run(600).problems == ()
    assert world.counted_of(HUGE) == 200


def test_a_token_that_is_never_accepted_is_told_where_a_millisecond_holds_more_than_a_page():
    world = Crowd(small=0)
    for _ in range(40):
        world.log(HUGE, NOW - 900)
    world.slow.accepts_tokens = False
    assert "nextToken is invalid" in world.run(60).problems[0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12), st.integers(0, 9)), min_size=1, max_size=25),
       st.lists(st.integers(1, 8), min_size=20, max_size=20), st.sampled_from([0.0, 0.0, 0.3]),
       st.none() | st.integers(0, 3))
def test_whatever_there_is_time_for_all_is_counted_once(arrivals, seconds, throttles, expires):
    """Invocations of six groups, each logged in minute 0 to 12 and up to nine minutes late; runs of any length."""
    world = Crowd(small=0, page_size=4)
    world.slow.throttles, world.slow.expires_after = throttles, expires
    waiting = [(minute + late, f"/aws/lambda/f{group}", NOW + minute * MINUTE_MS + number)
               for number, (group, minute, late) in enumerate(arrivals)]
    for minute in range(24):
        world.clock.now = max(world.clock.now, NOW + (minute + 1) * MINUTE_MS)
        for arrival in [one for one in waiting if one[0] <= minute]:
            world.log(*arrival[1:])
            waiting.remove(arrival)
        world.run(seconds[minute] if minute < 20 else 100)
    world.slow.throttles = 0.0
    world.run(300)
    wanted = [f"/aws/lambda/f{group}" for group, _, _ in arrivals]
    assert {group: world.counted_of(group) for group in wanted} == {group: wanted.count(group) for group in wanted}


def test_when_groups_cannot_be_listed_those_that_are_known_are_read(monkeypatch):
    world = World()
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 900))
    world.collect()

    def throttled(**asked: Any) -> None:
        raise refusal("ThrottlingException", "DescribeLogGroups")

    monkeypatch.setattr(world.logs, "describe_log_groups", throttled)
    world.clock.advance(MINUTE_MS)
    world.logs.put(GROUP, f"{STREAM[:-1]}x", *run_of(2, world.clock() - 900))
    assert "throttled" in world.collect().problems[0]
    assert world.counted() == 2


def test_a_group_of_its_own_that_a_function_under_a_prefix_logs_to_is_read():
    world = World()
    for name, group in (("payments", "/shop/payments"), ("new", "/shop/never-invoked")):
        functions.put(world.table, FunctionInfo(PLACE, name, group))
    world.logs.put("/shop/payments", "2026/11/23/payments[7]aaaabbbbccccddddeeeeffff00001111", *run_of(1, NOW - 900))
    world.logs.put("/shop/others", STREAM, *run_of(2, NOW - 900))
    assert world.collect().problems == ()
    assert set(world.logs.asked) == {"/shop/payments"}
    assert world.counted("payments") == 1


@pytest.mark.parametrize("every", [True, False])
def test_a_deleted_group_is_forgotten_unless_groups_could_not_be_listed(every, monkeypatch):
    world = World()
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 900))
    world.collect()
    del world.logs.groups[GROUP]
    if not every:
        def denied(**asked: Any) -> None:
            raise refusal("AccessDeniedException", "DescribeLogGroups")

        monkeypatch.setattr(world.logs, "describe_log_groups", denied)
    world.collect()
    assert bool(readings.of_collector(world.table, PLACE, "logs")) is not every
