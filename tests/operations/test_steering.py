"""Standing still, going on, waiting for a time, and going elsewhere."""

from __future__ import annotations

from itertools import permutations

import pytest

from operations import redrive
from operations.errors import BadDestination, BadSchedule, JobFinished, NotAllowed
from operations.permissions import Actor
from store import audit_log, functions, jobs, keys, queues
from store.clock import DAY_MS, MINUTE_MS
from store.records import FunctionInfo
from store.recovery import Job, JobState, LetterState
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN
from tests.operations.bench import ADA, DLQ_ARN, REASON, Bench, a_queue

IDS = [f"m-{n:02d}" for n in range(25)]
ROOT = Actor("root@example.com", "admin")
OTHER_ARN = "arn:aws:sqs:eu-central-1:123456789012:orders-repair"
FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:orders-repair"


def steered(bench: Bench, wish: str) -> Job:
    act = {"pause": redrive.pause, "resume": redrive.resume, "cancel": redrive.cancel}[wish]
    return act(bench.table, PLACE, bench.clock, ADA, True, "job-1")


def paused_after_the_first_batch(bench: Bench) -> None:
    bench.ask(bench.letters(*IDS))
    bench.queue.after = lambda: steered(bench, "pause")
    bench.run()
    bench.queue.after = lambda: None


def test_a_pause_stops_after_the_batch_in_hand_and_holds_no_lease(bench: Bench):
    paused_after_the_first_batch(bench)
    job = bench.job()
    assert (job.state, job.lease_owner, job.lease_until, job.counts) == (JobState.PAUSED, None, 0, {"sent": 10})
    assert bench.queue.batches == [10]


def test_a_resumed_redrive_goes_on_exactly_where_it_stood(bench: Bench):
    paused_after_the_first_batch(bench)
    bench.run()
    assert bench.queue.batches == [10]
    steered(bench, "resume")
    bench.run()
    assert bench.queue.arrived == IDS
    assert (bench.job().state, bench.job().counts) == (JobState.FOLLOWING, {"sent": 25})


def test_what_a_paused_redrive_sent_is_followed_all_the_same(bench: Bench):
    paused_after_the_first_batch(bench)
    bench.clock.advance(30 * MINUTE_MS)
    bench.run()
    assert (bench.job().state, bench.job().counts) == (JobState.PAUSED, {"presumed": 10})
    fence = bench.job().fence
    assert bench.run().jobs == ()
    assert bench.job().fence == fence  # with nothing on its way it is not even leased


def test_a_redrive_paused_before_it_began_sends_nothing_until_it_is_resumed(bench: Bench):
    bench.ask(bench.letters("m-1"))
    steered(bench, "pause")
    bench.run()
    assert (bench.job().state, bench.queue.arrived) == (JobState.PAUSED, [])
    steered(bench, "resume")
    bench.run()
    assert bench.queue.arrived == ["m-1"]


@pytest.mark.parametrize("wishes", list(permutations(["pause", "resume", "cancel"])))
def test_a_cancel_is_never_taken_back_whatever_races_with_it(bench: Bench, wishes: tuple[str, ...]):
    bench.ask(bench.letters(*IDS))
    for wish in wishes:
        steered(bench, wish)
    bench.run()
    bench.run()
    assert (bench.job().state, bench.job().counts, bench.queue.arrived) == (JobState.CANCELLED, {"skipped": 25}, [])


def test_a_pause_and_a_resume_are_audited_with_who_asked(bench: Bench):
    bench.ask(bench.letters("m-1"))
    steered(bench, "pause")
    steered(bench, "pause")
    steered(bench, "resume")
    told = {entry.action: (entry.actor, entry.subject, entry.outcome)
            for entry in audit_log.entries(bench.table, PLACE, NOW) if entry.id != "job-1"}
    assert told == {"pause": ("ada@example.com", "job-1", "asked"), "resume": ("ada@example.com", "job-1", "asked")}


def test_what_is_sent_cannot_be_paused_and_a_viewer_pauses_nothing(bench: Bench):
    bench.ask(bench.letters("m-1"))
    with pytest.raises(NotAllowed):
        redrive.pause(bench.table, PLACE, bench.clock, Actor("eve", "viewer"), True, "job-1")
    bench.run()
    with pytest.raises(JobFinished):
        steered(bench, "pause")


def test_a_scheduled_redrive_waits_for_its_time_without_a_lease(bench: Bench):
    bench.ask(bench.letters("m-1"), not_before=NOW + 5 * MINUTE_MS)
    assert bench.run().jobs == ()
    assert (bench.job().state, bench.job().fence) == (JobState.QUEUED, 0)
    bench.clock.advance(5 * MINUTE_MS)
    bench.run()
    assert bench.queue.arrived == ["m-1"]


def test_a_scheduled_redrive_can_be_cancelled_before_its_time(bench: Bench):
    bench.ask(bench.letters("m-1"), not_before=NOW + DAY_MS)
    steered(bench, "cancel")
    bench.run()
    assert (bench.job().state, bench.queue.arrived) == (JobState.CANCELLED, [])


def test_a_time_further_away_than_any_message_lives_is_refused(bench: Bench):
    with pytest.raises(BadSchedule, match="14 days"):
        bench.ask(bench.letters("m-1"), not_before=NOW + 15 * DAY_MS)


def elsewhere(bench: Bench, arn: str, actor: Actor = ROOT) -> Job:
    return redrive.ask(bench.table, PLACE, bench.clock, actor, True, queue=QUEUE, message_ids=["m-1"], reason=REASON,
                       job_id="job-1", destination=arn)


def test_letters_go_to_another_queue_or_function_that_is_known_and_keep_their_own_way_back(bench: Bench):
    bench.letters("m-1")
    queues.put(bench.table, a_queue(name="orders-repair", arn=OTHER_ARN))
    targets: list[str] = []
    bench.queue.take_note = targets.append
    elsewhere(bench, OTHER_ARN)
    bench.run()
    assert targets == [OTHER_ARN]
    assert bench.letter().destination.arn == SOURCE_ARN
    assert bench.letter().state is LetterState.SENT


def test_a_function_that_is_known_may_take_them_too(bench: Bench):
    bench.letters("m-1")
    functions.put(bench.table, FunctionInfo(PLACE, "orders-repair", "/aws/lambda/orders-repair"))
    elsewhere(bench, FUNCTION_ARN)
    assert bench.run().sent == 1


@pytest.mark.parametrize(("arn", "why"), [
    (DLQ_ARN, "is the dead-letter queue itself"),
    (OTHER_ARN, "is no queue that was seen"),
    (FUNCTION_ARN, "is no function that was seen"),
    ("arn:aws:sns:eu-central-1:123456789012:topic", "is neither"),
    (DLQ_ARN.replace("eu-central-1", "us-east-1"), "is the dead-letter queue itself"),
])
def test_a_place_nobody_knows_is_refused(bench: Bench, arn: str, why: str):
    bench.letters("m-1")
    with pytest.raises(BadDestination, match=why):
        elsewhere(bench, arn)
    assert jobs.get(bench.table, "job-1") is None


def test_sending_elsewhere_takes_a_permission_of_its_own_which_the_worker_asks_again(bench: Bench):
    bench.letters("m-1")
    queues.put(bench.table, a_queue(name="orders-repair", arn=OTHER_ARN))
    with pytest.raises(NotAllowed, match="to redrive elsewhere takes admin"):
        elsewhere(bench, OTHER_ARN, ADA)
    elsewhere(bench, OTHER_ARN)
    bench.table.update(keys.job("job-1"), {"role": "operator"})
    bench.run()
    assert (bench.job().state, bench.queue.arrived) == (JobState.REFUSED, [])
