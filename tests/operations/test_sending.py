"""The sending half of a job: slices, rates, cancels, FIFO groups."""

from __future__ import annotations

from dataclasses import replace

from operations import redrive
from operations.leased import RESERVE_MS
from store import audit_log, dead_letters, queues
from store.clock import MINUTE_MS
from store.recovery import Destination, Job, JobState, LetterState, Way
from tests.builders import NOW, PLACE, SOURCE_ARN
from tests.operations.bench import ADA, LONG_MS, Bench, FakeQueue, a_queue


def test_a_slice_ends_before_its_deadline_and_the_next_goes_on(bench: Bench):
    asked_for = 25
    bench.ask(bench.letters(*(f"m-{n:02d}" for n in range(asked_for))))
    budget = [LONG_MS] * 3
    bench.run(left_ms=lambda: budget.pop() if budget else RESERVE_MS - 1)
    first = len(bench.queue.arrived)
    assert 0 < first < asked_for
    assert (bench.job().state, bench.job().counts) == (JobState.RUNNING, {"sent": first})
    bench.run()
    assert sum(bench.queue.copies.values()) == asked_for
    assert bench.job().state is JobState.FOLLOWING


def test_a_run_without_time_takes_no_lease(bench: Bench):
    asked = bench.ask(bench.letters("m-1"))
    assert bench.run(left_ms=lambda: 0).jobs == ()
    assert bench.job() == asked


def test_a_rate_is_kept_to_within_a_batch(bench: Bench):
    bench.ask(bench.letters(*(f"m-{n}" for n in range(12))), rate_per_s=4)
    started = bench.clock()
    bench.run()
    assert bench.queue.batches == [4, 4, 4]
    assert bench.clock() - started >= 3_000


def cancel_after_the_first_batch(bench: Bench) -> Job:
    ids = bench.letters(*(f"m-{n:02d}" for n in range(25)))
    bench.ask(ids)
    bench.queue.after = lambda: redrive.cancel(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    return bench.job()


def test_a_cancel_stops_after_the_batch_in_hand_and_says_what_was_not_sent(bench: Bench):
    job = cancel_after_the_first_batch(bench)
    assert bench.queue.batches == [10]
    assert (job.state, job.counts) == (JobState.FOLLOWING, {"sent": 10, "skipped": 15})
    assert job.problem == "Cancelled before every message was sent."
    assert bench.results()["m-24"].detail == "cancelled before it was sent"
    assert bench.letter("m-24").state is LetterState.DEAD


def test_a_cancelled_job_follows_what_it_sent_and_ends_as_cancelled(bench: Bench):
    cancel_after_the_first_batch(bench)
    bench.clock.advance(30 * MINUTE_MS)
    bench.run()
    assert (bench.job().state, bench.job().counts) == (JobState.CANCELLED, {"presumed": 10, "skipped": 15})
    assert audit_log.entries(bench.table, PLACE, NOW)[-1].outcome == "cancelled"


def test_a_job_cancelled_before_it_began_sends_nothing(bench: Bench):
    bench.ask(bench.letters("m-1"))
    redrive.cancel(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    assert (bench.job().state, bench.job().counts) == (JobState.CANCELLED, {"skipped": 1})
    assert bench.queue.arrived == []


def test_a_cancel_leaves_no_letter_claimed(bench: Bench):
    bench.ask(bench.letters("m-1"))
    letter = bench.letter()
    dead_letters.save(bench.table, letter,
                      replace(letter, state=LetterState.CLAIMED, job_id="job-1", claimed_at=NOW, attempts=1))
    redrive.cancel(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    assert (bench.letter().state, bench.letter().ambiguous) == (LetterState.NEEDS_OPERATOR, 1)
    assert bench.job().counts == {"needs operator": 1}


def test_a_group_waits_for_its_first_letter_and_keeps_its_order(bench: Bench):
    fifo = f"{SOURCE_ARN}.fifo"
    queues.put(bench.table, a_queue(sources=(fifo,)))
    for n, group in enumerate(["a", "b", "a", "b", "a"]):
        bench.letters(f"{group}-{n}", destination=Destination(Way.SEND, fifo),
                      system={"MessageGroupId": group, "SequenceNumber": str(n)})
    bench.queue = FakeQueue(["busy", "ok"])
    bench.ask(["a-4", "b-3", "a-2", "b-1", "a-0"])
    bench.run()
    arrived = bench.queue.arrived
    assert [one for one in arrived if one[0] == "a"] == ["a-0", "a-2", "a-4"]
    assert [one for one in arrived if one[0] == "b"] == ["b-1", "b-3"]
    assert bench.job().counts == {"sent": 5}
