"""Executing redrives: what is sent, what is counted, what is refused, how a job ends."""

from __future__ import annotations

from dataclasses import replace

from operations import worker
from store import audit_log, dead_letters, jobs, keys, outcomes, queues
from store.clock import MINUTE_MS
from store.errors import Throttled
from store.records import Place
from store.recovery import Destination, JobState, LetterState, Outcome, Way
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, a_job
from tests.operations.bench import LONG_MS, Bench, a_queue


def test_letters_are_sent_journaled_and_counted(bench: Bench):
    bench.ask(bench.letters("m-1", "m-2", "m-3", body="grüße"))
    report = bench.run()
    assert report.sent == 3
    assert bench.queue.arrived == ["m-1", "m-2", "m-3"]
    assert bench.queue.bodies == ["grüße"] * 3
    letter = bench.letter("m-2")
    assert (letter.state, letter.job_id, letter.attempts, letter.ambiguous) == (LetterState.SENT, "job-1", 1, 0)
    assert (letter.sent_message_id, letter.redriven_at, letter.claimed_at) == ("new-2", NOW, NOW)
    job = bench.job()
    assert (job.state, job.counts, job.handled, job.sent_at) == (JobState.FOLLOWING, {"sent": 3}, 3, NOW)
    assert job.lease_owner is None
    result = bench.results()["m-2"]
    assert (result.outcome, result.sent_message_id) == (Outcome.SENT, "new-2")


def test_a_letter_is_claimed_in_the_journal_before_it_is_sent(bench: Bench):
    bench.ask(bench.letters("m-1"))
    seen = []
    bench.queue.during = lambda: seen.append(bench.letter())
    bench.run()
    assert [(letter.state, letter.job_id, letter.attempts) for letter in seen] == [(LetterState.CLAIMED, "job-1", 1)]


def test_what_does_not_come_back_is_presumed_and_the_job_and_its_audit_are_completed(bench: Bench):
    bench.ask(bench.letters("m-1", "m-2"))
    bench.run()
    bench.clock.advance(30 * MINUTE_MS - 1)
    bench.run()
    assert bench.job().state is JobState.FOLLOWING
    bench.clock.advance(1)
    bench.run()
    assert (bench.job().state, bench.job().counts) == (JobState.DONE, {"presumed": 2})
    assert bench.job().finished_at == bench.clock()
    assert bench.letter().state is LetterState.PRESUMED
    assert bench.results()["m-1"].detail == "no return within 30 minutes"
    (entry,) = audit_log.entries(bench.table, PLACE, NOW)
    assert (entry.id, entry.outcome, entry.outcome_at, entry.outcome_details) == (
        "job-1", "done", bench.clock(), {"presumed": "2"})
    assert list(jobs.open_jobs(bench.table)) == []


def test_a_job_of_another_account_is_refused_in_words_and_nothing_is_sent(bench: Bench):
    bench.ask(bench.letters("m-1"))
    elsewhere = Place("444455556666", "eu-west-1")
    worker.run(bench.table, bench.clock, {Way.SEND: bench.queue}, "worker-1", lambda: LONG_MS, bench.pause,
               here=elsewhere)
    job = bench.job()
    assert (job.state, bench.queue.arrived) == (JobState.REFUSED, [])
    assert "the worker here acts in account 444455556666 in eu-west-1 only" in (job.problem or "")


def test_a_return_ends_the_following_of_its_message(bench: Bench):
    bench.ask(bench.letters("m-1"))
    bench.run()
    outcomes.settle(bench.table, bench.letter(), LetterState.RETURNED, "came back as m-9", NOW + 5)
    bench.run()
    assert (bench.job().state, bench.job().counts) == (JobState.DONE, {"returned": 1})


def test_a_return_seen_before_the_worker_wrote_is_not_written_over(bench: Bench):
    bench.ask(bench.letters("m-1"))
    bench.queue.after = lambda: outcomes.settle(bench.table, bench.letter(), LetterState.RETURNED, "back", NOW)
    bench.run()
    assert bench.letter().state is LetterState.RETURNED
    assert bench.results()["m-1"].outcome is Outcome.RETURNED
    assert (bench.job().state, bench.job().counts) == (JobState.DONE, {"returned": 1})


def test_an_outcome_the_job_never_heard_of_is_repaired(bench: Bench):
    bench.ask(bench.letters("m-1"))
    bench.run()
    letter = bench.letter()
    dead_letters.save(bench.table, letter, replace(letter, state=LetterState.SUCCEEDED, evidence="seen in the logs"))
    bench.clock.advance(30 * MINUTE_MS)
    bench.run()
    assert (bench.results()["m-1"].outcome, bench.results()["m-1"].detail) == (Outcome.SUCCEEDED, "seen in the logs")
    assert bench.job().state is JobState.DONE


def test_a_refused_letter_waits_for_a_person_and_the_others_go(bench: Bench):
    bench.queue.faults = ["ok", "failed", "ok"]
    bench.ask(bench.letters("m-1", "m-2", "m-3"))
    bench.run()
    letter = bench.letter("m-2")
    assert (letter.state, letter.problem, letter.ambiguous) == (LetterState.NEEDS_OPERATOR, "InvalidMessageContents", 0)
    assert bench.job().counts == {"sent": 2, "needs operator": 1}
    assert bench.results()["m-2"].detail == "InvalidMessageContents"


def test_a_lost_answer_is_sent_again_and_listed_as_one_possible_duplicate(bench: Bench):
    bench.queue.faults = ["lost"]
    bench.ask(bench.letters("m-1"))
    bench.run()
    assert bench.queue.copies == {"m-1": 2}
    assert (bench.letter().state, bench.letter().attempts, bench.letter().ambiguous) == (LetterState.SENT, 2, 1)
    assert bench.results()["m-1"].ambiguous == 1


def test_after_three_lost_answers_a_person_decides(bench: Bench):
    bench.queue.faults = ["lost", "dropped", "lost"]
    bench.ask(bench.letters("m-1"))
    bench.run()
    letter = bench.letter()
    assert (letter.state, letter.attempts, letter.ambiguous) == (LetterState.NEEDS_OPERATOR, 3, 3)
    assert letter.problem == "no answer to 3 sends"
    assert bench.results()["m-1"].ambiguous == 3
    assert (bench.job().state, bench.job().counts) == (JobState.DONE, {"needs operator": 1})


def test_what_was_put_aside_can_be_redriven_by_a_new_job(bench: Bench):
    bench.queue.faults = ["failed"]
    bench.ask(bench.letters("m-1"))
    bench.run()
    bench.clock.advance(1_000)
    bench.ask(["m-1"], "job-2")
    bench.run()
    assert (bench.letter().state, bench.letter().job_id, bench.letter().attempts) == (LetterState.SENT, "job-2", 1)
    assert bench.letter().problem is None


def test_a_busy_destination_leaves_the_letters_as_they_were_for_the_next_run(bench: Bench):
    bench.queue.faults = ["busy"] * 2
    before = (bench.ask(bench.letters("m-1", "m-2")), bench.letter())[1]
    bench.run()
    assert replace(bench.letter(), version=0) == before
    assert (bench.job().state, bench.job().problem) == (JobState.RUNNING, "Waiting: RequestThrottled")
    assert bench.results() == {}
    bench.run()
    assert (bench.job().counts, bench.job().problem) == ({"sent": 2}, None)
    assert bench.letter().attempts == 1


def test_a_job_a_viewer_wrote_is_refused_by_the_worker_too(bench: Bench):
    bench.letters("m-1")
    jobs.create(bench.table, a_job(actor="eve", role="viewer", total=1), ["m-1"])
    bench.run()
    job = bench.job()
    assert (job.state, job.problem) == (JobState.REFUSED, "eve is viewer; to redrive takes operator.")
    assert bench.queue.arrived == []
    assert bench.letter().state is LetterState.DEAD
    outcome = bench.table.get(keys.audit_entry(PLACE, NOW, "job-1", audit_log.OUTCOME))
    assert outcome is not None
    assert (outcome["outcome"], outcome["outcome_details"]["problem"]) == ("refused", job.problem)


def test_a_destination_that_left_the_allow_list_after_asking_is_skipped(bench: Bench):
    bench.ask(bench.letters("m-1"))
    queues.put(bench.table, a_queue(sources=()))
    bench.run()
    assert bench.queue.arrived == []
    assert bench.results()["m-1"].outcome is Outcome.SKIPPED
    assert "not known to send its failures" in bench.results()["m-1"].detail
    assert bench.job().state is JobState.DONE


def test_of_two_jobs_on_one_letter_the_second_skips_it(bench: Bench):
    bench.letters("m-1")
    for job_id in ("job-1", "job-2"):  # as if both were asked for in the same instant
        jobs.create(bench.table, a_job(id=job_id, total=1), ["m-1"])
    bench.run()
    assert bench.queue.copies == {"m-1": 1}
    assert sorted(bench.results(job_id)["m-1"].outcome for job_id in ("job-1", "job-2")) == ["sent", "skipped"]


def test_a_letter_another_job_tried_after_this_one_was_asked_for_is_not_sent_again(bench: Bench):
    bench.letters("m-1")
    jobs.create(bench.table, a_job(id="job-2", total=1), ["m-1"])
    letter = bench.letter()
    dead_letters.save(bench.table, letter, replace(letter, state=LetterState.NEEDS_OPERATOR, job_id="job-1",
                                                   claimed_at=NOW + 1, ambiguous=3))
    bench.run()
    assert bench.queue.arrived == []
    assert bench.results("job-2")["m-1"].detail == "redrive job-1 tried it after this one was asked for"


def test_letters_that_arrive_after_the_plan_are_not_touched(bench: Bench):
    bench.ask(bench.letters("m-1"))
    bench.letters("m-2")
    bench.run()
    assert bench.queue.arrived == ["m-1"]
    assert bench.letter("m-2").state is LetterState.DEAD


def test_letters_of_several_sources_each_go_their_own_way(bench: Bench):
    other = SOURCE_ARN + "-2"
    queues.put(bench.table, a_queue(sources=(SOURCE_ARN, other)))
    bench.letters("m-1")
    bench.letters("m-2", destination=Destination(Way.SEND, other))
    bench.ask(["m-1", "m-2"])
    bench.run()
    assert bench.queue.batches == [1, 1]


def test_a_job_that_fails_is_reported_and_the_others_still_run(bench: Bench):
    bench.letters("m-1", "m-2")
    bench.ask(["m-1"])
    bench.ask(["m-2"], "job-2")

    def fail_once() -> None:
        bench.queue.during = lambda: None
        raise Throttled("lamplight is throttled.")

    bench.queue.during = fail_once
    report = bench.run()
    assert (bench.job().problem, bench.job().lease_owner) == ("lamplight is throttled.", None)
    assert [one.job_id for one in report.jobs if one.problem] == ["job-1"]
    assert bench.queue.arrived == ["m-2"]


def test_a_letter_that_lost_a_part_of_its_body_waits_for_a_person_and_the_others_go(bench: Bench):
    noisy = "".join(chr(33 + (n * n * 7919 + n) % 90) for n in range(1_000_000))
    bench.letters("m-1", body=noisy)
    bench.ask([*bench.letters("m-2"), "m-1"])
    bench.table.update(keys.dead_letter(PLACE, QUEUE, "m-1"), {"parts": 7})
    bench.run()
    assert bench.queue.arrived == ["m-2"]
    assert bench.results()["m-1"].outcome is Outcome.NEEDS_OPERATOR
    assert "has lost a part of its body" in bench.results()["m-1"].detail
    assert bench.job().counts == {"sent": 1, "needs operator": 1}
