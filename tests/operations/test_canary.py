"""A canary sends a few, waits for what becomes of them, and goes on only when they came out well."""

from __future__ import annotations

from typing import Any

import pytest

from operations import canary, redrive
from operations.errors import BadRamp
from store import outcomes
from store.clock import MINUTE_MS
from store.recovery import JobState, LetterState, Outcome
from tests.builders import NOW, PLACE, a_job
from tests.operations.bench import ADA, Bench

IDS = [f"m-{n:02d}" for n in range(20)]


def settled(bench: Bench, state: LetterState, *ids: str) -> None:
    for one in ids:
        outcomes.settle(bench.table, bench.letter(one), state, "seen", bench.clock())


def test_a_canary_sends_one_then_ten_then_the_rest(bench: Bench):
    bench.ask(bench.letters(*IDS), ramp=(1, 10))
    bench.run()
    assert bench.queue.arrived == IDS[:1]
    job = bench.job()
    assert (job.state, job.lease_owner) == (JobState.RUNNING, None)
    assert job.problem == "Waiting: the outcome of 1 of the first 1 messages"
    bench.run()
    assert bench.queue.arrived == IDS[:1]
    settled(bench, LetterState.SUCCEEDED, *IDS[:1])
    bench.run()
    assert (bench.queue.arrived, bench.job().stage) == (IDS[:11], 1)
    settled(bench, LetterState.SUCCEEDED, *IDS[1:11])
    bench.run()
    assert bench.queue.arrived == IDS
    assert (bench.job().state, bench.job().problem) == (JobState.FOLLOWING, None)


def test_a_stage_that_was_only_presumed_processed_lets_the_next_begin_after_its_window(bench: Bench):
    bench.ask(bench.letters(*IDS), ramp=(1,))
    bench.run()
    bench.clock.advance(30 * MINUTE_MS)
    bench.run()
    assert bench.queue.arrived == IDS
    assert bench.job().counts == {"presumed": 1, "sent": 19}


def test_a_canary_whose_message_came_back_stops_itself_and_touches_no_other(bench: Bench):
    bench.ask(bench.letters(*IDS), ramp=(1, 10))
    bench.run()
    settled(bench, LetterState.SUCCEEDED, *IDS[:1])
    bench.run()
    settled(bench, LetterState.RETURNED, IDS[4])
    bench.run()
    job = bench.job()
    assert (job.state, job.pause_asked, job.lease_owner) == (JobState.PAUSED, True, None)
    assert job.problem == "canary: 1 of 11 came back"
    assert bench.queue.arrived == IDS[:11]
    assert bench.letter(IDS[11]).state is LetterState.DEAD


def test_a_refused_message_stops_a_canary_too(bench: Bench):
    bench.queue.faults = ["failed"]
    bench.ask(bench.letters(*IDS), ramp=(1, 10))
    bench.run()
    assert (bench.job().state, bench.job().problem) == (JobState.PAUSED, "canary: 1 of 1 could not be sent")


def stopped(bench: Bench) -> None:
    bench.ask(bench.letters(*IDS), ramp=(2,))
    bench.run()
    settled(bench, LetterState.RETURNED, IDS[0])
    settled(bench, LetterState.SUCCEEDED, IDS[1])
    bench.run()
    assert bench.job().state is JobState.PAUSED


def test_an_operator_may_resume_over_what_a_canary_found(bench: Bench):
    stopped(bench)
    redrive.resume(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    assert bench.queue.arrived == IDS
    assert (bench.job().state, bench.job().counts) == (
        JobState.FOLLOWING, {"returned": 1, "succeeded": 1, "sent": 18})


def test_an_operator_may_cancel_what_a_canary_stopped(bench: Bench):
    stopped(bench)
    redrive.cancel(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    assert bench.queue.arrived == IDS[:2]
    assert (bench.job().state, bench.job().counts) == (
        JobState.CANCELLED, {"returned": 1, "succeeded": 1, "skipped": 18})


def test_a_message_whose_answer_was_lost_does_not_let_another_out_in_its_place(bench: Bench):
    bench.queue.faults = ["lost", "dropped", "lost"]
    bench.ask(bench.letters(*IDS), ramp=(1,))
    bench.run()
    assert set(bench.queue.arrived) == {IDS[0]}
    assert bench.job().state is JobState.PAUSED


def test_a_message_that_is_skipped_is_no_canary(bench: Bench):
    bench.letters(IDS[0], body="\x00")
    bench.ask([IDS[0], *bench.letters(*IDS[1:])], ramp=(1,))
    bench.run()
    assert bench.queue.arrived == [IDS[1]]


def test_what_outcomes_say_of_the_next_stage():
    def judged(tolerated: int = 0, **counts: int) -> tuple[str, str]:
        return canary.judge(a_job(ramp=(10,), tolerated=tolerated, counts={Outcome[k]: v for k, v in counts.items()}))

    assert judged(SUCCEEDED=9, PRESUMED=1) == ("go", "")
    assert judged(SUCCEEDED=9, SENT=1)[0] == "wait"
    assert judged(SUCCEEDED=9, RETURNED=1) == ("stop", "canary: 1 of 10 came back")
    assert judged(NEEDS_OPERATOR=1, RETURNED=1)[1] == "canary: 2 of 2 came back or could not be sent"
    assert judged(tolerated=1, SUCCEEDED=9, RETURNED=1)[0] == "go"
    assert canary.stages((1, 1_000)) == "1 → 1,000 → the rest"


@pytest.mark.parametrize("facts", [{"ramp": (0,)}, {"ramp": (1,) * 6}, {"ramp": (1,), "pause_consumer": True}])
def test_a_canary_that_cannot_be_is_refused(bench: Bench, facts: dict[str, Any]):
    with pytest.raises(BadRamp):
        bench.ask(bench.letters("m-1"), **facts)
    assert bench.clock() == NOW
