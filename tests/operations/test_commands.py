"""Command rows: asked once, carried out by whoever may, ended once, whatever dies in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from operations import commands
from operations.commands import LEASE_MS, MAX_ATTEMPTS, WITHIN_MS, Ending
from operations.errors import CommandNotPossible, NotAllowed, ReasonRequired
from operations.permissions import Actor
from store import audit_log
from store import commands as rows
from store.commands import CommandState, Kind
from store.errors import ConditionLost, Throttled
from store.records import Place
from store.table import Table
from tests.builders import NOW, PLACE, QUEUE, FakeClock
from tests.operations.bench import ADA, LONG_MS, Killed


class Worker:
    """Carries out looks with whatever `act` does, and counts how often."""

    def __init__(self, table: Table, clock: FakeClock) -> None:
        self.table, self.clock = table, clock
        self.times = 0
        self.act = lambda: Ending("looked at 3 letters", {"seen": "3"})

    def __call__(self, owner: str = "worker-1", left_ms: int = LONG_MS):
        def handler(command, left):
            self.times += 1
            return self.act()
        return commands.run(self.table, self.clock, {Kind.LOOK: handler}, owner, lambda: left_ms)


@pytest.fixture
def work(table: Table, clock: FakeClock) -> Worker:
    return Worker(table, clock)


def ask(table, clock, command_id="c-1", actor=ADA, writes=True, reason="what is in there today", **facts):
    wanted = commands.new(PLACE, command_id, Kind.LOOK, QUEUE, reason, **facts)
    return commands.ask(table, clock, actor, writes, wanted)


def standing(table, command_id="c-1"):
    command = rows.get(table, command_id)
    assert command is not None
    return command


def audited(table):
    (entry,) = audit_log.entries(table, PLACE, NOW)
    return entry


def test_a_command_is_asked_carried_out_and_audited(table, clock, work):
    asked = ask(table, clock, arguments={"groups": "yes"})
    assert audited(table).outcome is None
    clock.advance(1_000)
    (done,) = work()
    assert (done.state, done.outcome, done.details) == (CommandState.DONE, "looked at 3 letters", {"seen": "3"})
    assert (done.started_at, done.finished_at) == (NOW + 1_000, NOW + 1_000)
    entry = audited(table)
    assert (entry.actor, entry.action, entry.subject, entry.reason) == (
        ADA.name, "look into queues", QUEUE, asked.reason)
    assert (entry.outcome, entry.outcome_details["seen"], entry.details["groups"]) == ("done", "3", "yes")
    assert work() == []
    assert rows.recent(table, PLACE) == [done]


def test_the_same_id_twice_is_one_command(table, clock, work):
    first = ask(table, clock)
    clock.advance(5)
    assert ask(table, clock) == first
    work()
    assert ask(table, clock).state is CommandState.DONE
    assert (work(), work.times) == ([], 1)


@pytest.mark.parametrize(("actor", "writes"), [
    (Actor("eve@example.com", "viewer"), True), (ADA, False), (Actor("", "admin"), True),
])
def test_who_may_not_leaves_nothing_behind(table, clock, actor, writes):
    with pytest.raises(NotAllowed):
        ask(table, clock, actor=actor, writes=writes)
    assert rows.get(table, "c-1") is None
    assert audit_log.entries(table, PLACE, NOW) == []


def test_a_command_without_a_reason_is_not_asked(table, clock):
    with pytest.raises(ReasonRequired):
        ask(table, clock, reason="ok")


def test_a_row_written_past_the_page_is_refused_by_the_worker(table, clock, work):
    forged = commands.new(PLACE, "c-1", Kind.LOOK, QUEUE, "because I can write rows")
    rows.create(table, replace(forged, actor="eve", role="viewer", asked_at=NOW, expires_at=NOW + WITHIN_MS))
    (refused,) = work()
    assert (refused.state, work.times) == (CommandState.REFUSED, 0)
    assert "takes operator" in (refused.outcome or "")
    assert audited(table).outcome == "refused"


def test_a_command_about_another_account_is_refused_because_a_queue_of_that_name_here_is_another(table, clock, work):
    ask(table, clock)
    commands.run(table, clock, {}, "worker-1", lambda: LONG_MS, Place("444455556666", "eu-west-1"))
    command = standing(table)
    assert command.state is CommandState.REFUSED
    assert f"It concerns account {PLACE.account} in {PLACE.region}" in (command.outcome or "")


def test_a_command_nobody_took_in_time_is_not_carried_out_any_more(table, clock, work):
    ask(table, clock)
    clock.advance(WITHIN_MS + 1)
    (late,) = work()
    assert (late.state, work.times, audited(table).outcome) == (CommandState.EXPIRED, 0, "expired")


@pytest.mark.parametrize(("raised", "state"), [
    (CommandNotPossible("The queue has a redrive policy.", "Remove it."), CommandState.REFUSED),
    (Throttled("SQS is throttled.", "It will be tried again."), CommandState.FAILED),
])
def test_what_a_handler_raises_is_the_outcome_in_words(table, clock, work, raised, state):
    def act():
        raise raised
    work.act = act
    ask(table, clock)
    (ended,) = work()
    assert (ended.state, ended.outcome, audited(table).outcome) == (state, raised.sentence, str(state))


def test_a_command_that_goes_on_is_looked_at_again_by_the_next_worker(table, clock, work):
    work.act = lambda: Ending("moved about 10 of 500", {"moved": "10"}, over=False)
    ask(table, clock)
    for _ in range(MAX_ATTEMPTS + 2):
        (going,) = work()
        clock.advance(60_000)
    assert (going.state, going.outcome, going.lease_owner) == (CommandState.RUNNING, "moved about 10 of 500", None)
    assert audited(table).outcome is None
    work.act = lambda: Ending("moved about 500 of 500")
    assert work()[0].state is CommandState.DONE


def test_a_worker_with_no_time_left_begins_nothing(table, clock, work):
    ask(table, clock)
    assert (work(left_ms=1_000), work.times) == ([], 0)


def test_two_workers_never_carry_out_one_command_at_once(table, clock, work):
    ask(table, clock)
    inside = []
    def act():
        inside.append(work("worker-2"))
        return Ending("done")
    work.act = act
    work()
    assert (inside, work.times) == ([[]], 1)


def test_a_worker_that_stalled_past_its_lease_writes_nothing(table, clock, work):
    ask(table, clock)
    def stall():
        work.act = lambda: Ending("by the second")
        clock.advance(LEASE_MS + 1)
        work("worker-2")
        return Ending("by the first")
    work.act = stall
    assert work() == []
    assert (standing(table).outcome, audited(table).outcome_details["outcome"]) == ("by the second", "by the second")


def test_a_command_whose_workers_keep_dying_is_given_up(table, clock, work):
    def die():
        raise Killed
    work.act = die
    ask(table, clock)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Killed):
            work()
        clock.advance(LEASE_MS + 1)
    (given_up,) = work()
    assert (given_up.state, work.times) == (CommandState.FAILED, MAX_ATTEMPTS)


class Dying(Table):
    """Stops the process before write number `left`."""

    left = 0

    def put(self, key, item, condition=None):
        self._spend()
        super().put(key, item, condition)

    def update(self, key, changes, condition=None):
        self._spend()
        return super().update(key, changes, condition)

    def _spend(self):
        if not self.left:
            raise Killed
        self.left -= 1


@pytest.mark.parametrize("writes", range(7))
def test_a_worker_killed_at_any_write_leaves_a_command_the_next_one_ends_with_one_outcome(table, clock, writes):
    ask(table, clock)
    dying = Dying(table.client, table.name, clock)
    dying.left = writes
    first = Worker(dying, clock)
    try:
        first()
    except Killed:
        clock.advance(LEASE_MS + 1)
    second = Worker(table, clock)
    second.act = lambda: Ending("again, and it found other numbers")
    second("worker-2")
    ended = standing(table)
    assert ended.state is CommandState.DONE
    assert audited(table).outcome_details["outcome"] == ended.outcome
    assert first.times + second.times <= 2


def test_a_lost_lease_raises_so_that_nothing_is_written_over(table, clock):
    ask(table, clock)
    mine = rows.lease(table, standing(table), "worker-1", NOW, NOW + 1)
    assert mine is not None
    assert rows.lease(table, mine, "worker-2", NOW + 2, NOW + 3) is not None
    with pytest.raises(ConditionLost):
        rows.save(table, mine)
