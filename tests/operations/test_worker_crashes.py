"""A worker can die at any step, stall past its lease, or meet another: nothing is lost, duplicates are listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from operations.leased import LEASE_MS
from store import dead_letters, jobs, outcomes, queues
from store.clock import MINUTE_MS
from store.errors import EndpointUnreachable
from store.items import Item, Value
from store.keys import Key
from store.recovery import JobResult, JobState, LetterState, Outcome
from store.table import Condition, Table, Write
from tests.builders import NOW, PLACE, QUEUE, a_job
from tests.operations.bench import Bench, Killed, a_queue

IDS = ("m-1", "m-2", "m-3")


class Fuse:
    """Kills the process at one of its steps; a step is the moment before or after a write or a send."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


class DyingTable(Table):
    """Every write is two steps: before it, and after it was applied but before the caller knows."""

    def __init__(self, table: Table, fuse: Fuse) -> None:
        super().__init__(table.client, table.name, table.clock)
        self.fuse = fuse

    def put(self, key: Key, item: Item, condition: Condition | None = None) -> None:
        self.fuse.step()
        super().put(key, item, condition)
        self.fuse.step()

    def update(self, key: Key, changes: dict[str, Value], condition: Condition | None = None) -> Item:  # type: ignore[override]
        self.fuse.step()
        item = super().update(key, changes, condition)
        self.fuse.step()
        return item


    def write_together(self, writes: Sequence[Write]) -> None:
        self.fuse.step()
        super().write_together(writes)
        self.fuse.step()


def killed_at(bench: Bench, step: int) -> bool:
    """Run a worker that dies at this step. False when it lived to the end."""
    fuse = Fuse(step)
    bench.queue.during = bench.queue.after = fuse.step
    try:
        bench.run("doomed", table=DyingTable(bench.table, fuse))
    except Killed:
        return True
    finally:
        bench.queue.during = bench.queue.after = lambda: None
    return False


def assert_nothing_lost_and_duplicates_listed(bench: Bench, job_id: str = "job-1") -> None:
    copies, results = bench.queue.copies, bench.results(job_id)
    for message_id in results:
        letter = bench.letter(message_id)
        assert letter.body  # custody is never given up
        assert letter.state in (LetterState.SENT, LetterState.PRESUMED, LetterState.NEEDS_OPERATOR, LetterState.DEAD)
        if letter.state in (LetterState.SENT, LetterState.PRESUMED):
            assert copies[message_id] >= 1, "said to be sent, and never arrived"
        assert copies[message_id] <= 1 + letter.ambiguous, "a duplicate nobody listed"
        assert results[message_id].ambiguous == letter.ambiguous


@pytest.mark.parametrize("first", range(0, 40, 8))
def test_whatever_step_a_worker_dies_at_another_reaches_the_same_end(bench: Bench, first: int):
    for step in range(first, first + 8):
        ids = bench.letters(*(f"{one}-at-{step}" for one in IDS))
        job_id = f"job-{step}"
        bench.ask(ids, job_id)
        killed_at(bench, step)
        bench.clock.advance(LEASE_MS + 1)
        bench.run("heir")
        job = bench.job(job_id)
        assert (job.state, job.counts) == (JobState.FOLLOWING, {"sent": 3})
        assert set(bench.results(job_id)) == set(ids)
        assert_nothing_lost_and_duplicates_listed(bench, job_id)
        bench.clock.advance(30 * MINUTE_MS)
        bench.run("heir")
        assert bench.job(job_id).state is JobState.DONE


def test_every_step_of_a_run_of_three_is_among_those_tried(bench: Bench):
    bench.ask(bench.letters(*IDS))
    assert killed_at(bench, 10)
    bench.clock.advance(LEASE_MS + 1)
    bench.letters("m-4", "m-5", "m-6")
    bench.run("heir")
    bench.ask(["m-4", "m-5", "m-6"], "job-2")
    assert not killed_at(bench, 40)


def test_a_crash_while_the_job_ends_leaves_one_outcome_in_the_audit(bench: Bench):
    bench.queue.faults = ["failed"]
    bench.ask(bench.letters("m-1"))
    steps = 0
    while killed_at(bench, steps):
        bench.clock.advance(LEASE_MS + 1)
        steps += 3
    assert (bench.job().state, bench.job().counts) in [
        (JobState.DONE, {"needs operator": 1}), (JobState.FOLLOWING, {"sent": 1})]
    assert_nothing_lost_and_duplicates_listed(bench)


def test_a_send_that_nobody_could_write_down_is_listed_as_ambiguous(bench: Bench):
    bench.ask(bench.letters("m-1"))

    def die() -> None:
        raise Killed

    bench.queue.after = die
    with pytest.raises(Killed):
        bench.run("doomed")
    bench.queue.after = lambda: None
    bench.clock.advance(LEASE_MS + 1)
    bench.run("heir")
    assert bench.queue.copies == {"m-1": 2}
    assert (bench.letter().ambiguous, bench.results()["m-1"].ambiguous) == (1, 1)


def during_the_first_send(bench: Bench, act: Callable[[], None]) -> None:
    acts = [act]
    bench.queue.during = lambda: acts.pop()() if acts else None


def test_a_second_worker_leaves_a_leased_job_alone(bench: Bench):
    bench.ask(bench.letters(*IDS))
    reports = []
    during_the_first_send(bench, lambda: reports.append(bench.run("worker-2")))
    bench.run("worker-1")
    assert (reports[0].busy, reports[0].jobs) == (("job-1",), ())
    assert bench.queue.copies == dict.fromkeys(IDS, 1)


def test_a_worker_that_stalls_in_a_send_cannot_write_over_the_one_that_took_over(bench: Bench):
    bench.ask(bench.letters(*IDS))

    def stall() -> None:
        bench.clock.advance(LEASE_MS + 1)
        bench.run("worker-2")

    during_the_first_send(bench, stall)
    report = bench.run("worker-1")
    assert "Another worker goes on." in (report.jobs[0].problem or "")
    assert bench.queue.copies == dict.fromkeys(IDS, 2)
    assert {one: bench.letter(one).ambiguous for one in IDS} == dict.fromkeys(IDS, 1)
    assert {one: bench.letter(one).sent_message_id for one in IDS} == {"m-1": "new-1", "m-2": "new-2", "m-3": "new-3"}
    assert_nothing_lost_and_duplicates_listed(bench)
    assert (bench.job().state, bench.job().counts) == (JobState.FOLLOWING, {"sent": 3})


class Interrupted(Table):
    """Something happens around the first transaction that claims a letter."""

    def __init__(self, table: Table, before: Callable[[], object], after: Callable[[], object]) -> None:
        super().__init__(table.client, table.name, table.clock)
        self.before, self.after = before, after

    def write_together(self, writes: Sequence[Write]) -> None:
        before, after = self.before, self.after
        self.before = self.after = lambda: None
        before()
        super().write_together(writes)
        after()


def test_a_worker_that_stalls_before_a_send_does_not_send(bench: Bench):
    bench.ask(bench.letters("m-1"))
    stalling = Interrupted(bench.table, lambda: None, lambda: bench.clock.advance(LEASE_MS))
    report = bench.run(table=stalling)
    assert "ran out before a batch was sent" in (report.jobs[0].problem or "")
    assert bench.queue.arrived == []
    assert (bench.letter().state, bench.letter().attempts) == (LetterState.DEAD, 0)


def test_a_claim_somebody_else_won_is_read_again_and_left_alone(bench: Bench):
    bench.ask(bench.letters("m-1", "m-2"))

    def discard() -> None:
        letter = bench.letter("m-1")
        dead_letters.save(bench.table, letter, replace(letter, state=LetterState.DISCARDED))

    bench.run(table=Interrupted(bench.table, discard, lambda: None))
    assert bench.queue.arrived == ["m-2"]
    assert (bench.results()["m-1"].outcome, bench.results()["m-1"].detail) == (Outcome.SKIPPED, "was discarded")


def test_a_cancel_that_comes_with_a_claim_is_heard_before_the_send(bench: Bench):
    bench.ask(bench.letters(*IDS))
    bench.run(table=Interrupted(bench.table, lambda: jobs.ask_cancel(bench.table, bench.job()), lambda: None))
    assert bench.queue.arrived == []
    assert (bench.job().state, bench.job().counts) == (JobState.CANCELLED, {"skipped": 3})


def test_a_transaction_whose_answer_was_lost_makes_no_duplicate(bench: Bench):
    bench.ask(bench.letters(*IDS))

    def lose() -> None:
        raise EndpointUnreachable("No answer from DynamoDB.")

    bench.run(table=Interrupted(bench.table, lambda: None, lose))
    assert bench.queue.copies == dict.fromkeys(IDS, 1)
    assert {one: bench.letter(one).ambiguous for one in IDS} == dict.fromkeys(IDS, 0)
    assert (bench.job().state, bench.job().counts) == (JobState.FOLLOWING, {"sent": 3})


def test_a_busy_answer_to_a_letter_somebody_settled_changes_nothing(bench: Bench):
    bench.queue.faults = ["busy"]
    bench.ask(bench.letters("m-1"))
    bench.queue.after = lambda: outcomes.settle(bench.table, bench.letter(), LetterState.RETURNED, "back", 1)
    bench.run()
    assert bench.letter().state is LetterState.RETURNED
    bench.run()
    assert bench.job().counts == {"returned": 1}


def test_a_journal_ahead_of_its_result_is_caught_up(bench: Bench):
    bench.ask(bench.letters("m-1"))
    letter = bench.letter()
    dead_letters.save(bench.table, letter, replace(letter, state=LetterState.SENT, job_id="job-1", redriven_at=NOW - 5,
                                                   sent_message_id="new-0"))
    bench.run()
    assert bench.queue.arrived == []
    result = bench.results()["m-1"]
    assert (result.at, result.sent_message_id, bench.job().handled) == (NOW - 5, "new-0", 1)


def test_a_letter_in_doubt_that_may_no_longer_be_sent_waits_for_a_person(bench: Bench):
    bench.ask(bench.letters("m-1"))
    letter = bench.letter()
    dead_letters.save(bench.table, letter, replace(letter, state=LetterState.CLAIMED, job_id="job-1", attempts=1))
    queues.put(bench.table, a_queue(sources=()))
    bench.run()
    assert (bench.letter().state, bench.letter().ambiguous) == (LetterState.NEEDS_OPERATOR, 1)
    assert bench.queue.arrived == []


def test_a_letter_that_is_not_in_the_table_is_skipped_by_name(bench: Bench):
    bench.letters("m-1")
    jobs.create(bench.table, a_job(total=2), ["m-0", "m-1"])
    bench.run()
    assert bench.results()["m-0"].detail == "it is not in the table"
    assert bench.job().counts == {"skipped": 1, "sent": 1}


def test_a_cancel_that_runs_out_of_time_is_finished_by_the_next_run(bench: Bench):
    bench.ask(bench.letters(*(f"m-{n:02d}" for n in range(25))))
    jobs.ask_cancel(bench.table, bench.job())
    budget = [600_000] * 2
    bench.run(left_ms=lambda: budget.pop() if budget else 0)
    assert (bench.job().state, bench.job().counts) == (JobState.RUNNING, {"skipped": 20})
    bench.run()
    assert (bench.job().state, bench.job().counts) == (JobState.CANCELLED, {"skipped": 25})


def test_a_late_word_of_a_stalled_worker_never_replaces_what_happened_since(bench: Bench):
    bench.ask(bench.letters("m-1"))
    bench.run()
    letter = bench.letter()
    bench.clock.advance(30 * MINUTE_MS)
    bench.run()
    late = bench.results()["m-1"]
    assert late.outcome is Outcome.PRESUMED
    assert not jobs.put_first_result(bench.table, "job-1", JobResult(letter.key, Outcome.SENT, 0))
    assert bench.results()["m-1"] == late
    assert dead_letters.get(bench.table, PLACE, QUEUE, "m-1") is not None
