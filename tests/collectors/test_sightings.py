"""What the logs say of dead letters: processed after a redrive, and what they died of."""

from __future__ import annotations

import json
from dataclasses import replace

from store import dead_letters, error_groups, jobs, queues
from store.recovery import JobResult, JobState, LetterState, Outcome, Queue
from tests.builders import NOW, PLACE, a_job, a_letter
from tests.collectors.fakes import GROUP, PRINTED, REQUEST, STREAM, World, run_of


def said_of(at, message_id, level="INFO"):
    return at, json.dumps({"level": level, "message": "order", "message_id": message_id,
                           "function_request_id": REQUEST.format(1)})


MESSAGE = "5fea7756-0ea4-451a-a703-a558b933e274"


def test_a_redriven_message_that_was_processed_succeeds_with_the_request_as_evidence():
    world = World()
    letter = a_letter(state=LetterState.SENT, sent_message_id=MESSAGE, redriven_at=NOW - 9_000, job_id="job-1")
    dead_letters.capture(world.table, letter)
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 900, said_of(NOW - 850, MESSAGE)))
    world.collect()
    settled = dead_letters.get(world.table, PLACE, letter.queue, letter.message_id)
    assert settled is not None
    assert settled.state is LetterState.SUCCEEDED
    assert settled.evidence == f"processed by orders-fulfil, request {REQUEST.format(1)}"


def test_a_redriven_message_that_was_reported_failed_does_not_succeed():
    world = World()
    letter = a_letter(state=LetterState.SENT, sent_message_id=MESSAGE, redriven_at=NOW - 9_000)
    dead_letters.capture(world.table, letter)
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 900, said_of(NOW - 850, MESSAGE, "ERROR")))
    world.collect()
    standing = dead_letters.get(world.table, PLACE, letter.queue, letter.message_id)
    assert standing is not None
    assert standing.state is LetterState.SENT


def test_an_event_invoked_again_succeeds_by_its_request_id():
    world = World()
    letter = a_letter(state=LetterState.SENT, sent_message_id=REQUEST.format(7), redriven_at=NOW - 9_000)
    dead_letters.capture(world.table, letter)
    world.logs.put(GROUP, STREAM, *run_of(7, NOW - 900))
    world.collect()
    settled = dead_letters.get(world.table, PLACE, letter.queue, letter.message_id)
    assert settled is not None
    assert settled.state is LetterState.SUCCEEDED


def test_a_dead_letter_learns_what_it_died_of_from_the_logs_of_its_consumer():
    world = World()
    source = Queue(PLACE, "orders", "arn:aws:sqs:eu-central-1:123456789012:orders", "https://orders",
                   dead_letter_arn="arn:aws:sqs:eu-central-1:123456789012:orders-fulfil-dlq",
                   consumers=("orders-fulfil",))
    dead = Queue(PLACE, "orders-fulfil-dlq", source.dead_letter_arn or "", "https://dlq", True, sources=(source.arn,))
    queues.put(world.table, source)
    queues.put(world.table, dead)
    dead_letters.capture(world.table, a_letter(MESSAGE))
    at = NOW - 900
    world.logs.put(GROUP, STREAM, *run_of(1, at, said_of(at + 1, MESSAGE), (at + 2, PRINTED)))
    world.collect()
    letter = dead_letters.get(world.table, PLACE, dead.name, MESSAGE)
    (group,) = error_groups.of_place(world.table, PLACE)
    assert letter is not None
    assert (letter.function, letter.error_type, letter.fingerprint, letter.request_id) == (
        "orders-fulfil", "KeyError", group.fingerprint, REQUEST.format(1))
    assert letter.state is LetterState.DEAD


def test_an_event_lambda_gave_up_on_learns_its_cause_by_its_request_id():
    world = World()
    arn = "arn:aws:sqs:eu-central-1:123456789012:orders-fulfil-dlq"
    feeding = "arn:aws:lambda:eu-central-1:123456789012:function:orders-fulfil"
    queues.put(world.table, Queue(PLACE, "orders-fulfil-dlq", arn, "https://dlq", True, sources=(feeding,)))
    for number in (1, 2):
        dead_letters.capture(world.table, a_letter(f"m-{number}", request_id=REQUEST.format(number)))
    at = NOW - 900
    world.logs.put(GROUP, STREAM, *run_of(1, at, (at + 2, PRINTED)))
    world.collect()
    letters = dead_letters.get_many(world.table, PLACE, "orders-fulfil-dlq", ["m-1", "m-2"])
    (group,) = error_groups.of_place(world.table, PLACE)
    assert (letters["m-1"].fingerprint, letters["m-2"].fingerprint) == (group.fingerprint, None)
    world.collect()
    assert dead_letters.get(world.table, PLACE, "orders-fulfil-dlq", "m-1") == letters["m-1"]


def test_a_letter_somebody_claims_meanwhile_is_left_to_them(monkeypatch):
    world = World()
    arn = "arn:aws:sqs:eu-central-1:123456789012:orders-fulfil-dlq"
    queues.put(world.table, Queue(PLACE, "orders", "arn:aws:sqs:eu-central-1:123456789012:orders", "https://o",
                                  dead_letter_arn=arn, consumers=("orders-fulfil",)))
    queues.put(world.table, Queue(PLACE, "orders-fulfil-dlq", arn, "https://dlq", True))
    stale = a_letter(MESSAGE)
    dead_letters.capture(world.table, stale)
    claimed = dead_letters.save(world.table, stale, replace(stale, state=LetterState.CLAIMED))
    monkeypatch.setattr(dead_letters, "get_many", lambda *asked: {MESSAGE: stale})
    at = NOW - 900
    world.logs.put(GROUP, STREAM, *run_of(1, at, said_of(at + 1, MESSAGE), (at + 2, PRINTED)))
    assert world.collect().problems == ()
    assert dead_letters.get(world.table, PLACE, "orders-fulfil-dlq", MESSAGE) == claimed


def test_a_message_presumed_processed_succeeds_when_its_log_comes_late_and_its_redrive_is_counted_again():
    world = World()
    jobs.create(world.table, a_job(state=JobState.DONE, finished_at=NOW - 60_000, counts={"presumed": 1}), ["m-1"])
    letter = a_letter(state=LetterState.PRESUMED, sent_message_id=MESSAGE, redriven_at=NOW - 9_000, job_id="job-1")
    dead_letters.capture(world.table, letter)
    jobs.put_results(world.table, "job-1", [JobResult(letter.key, Outcome.PRESUMED, NOW - 60_000,
                                                      sent_message_id=MESSAGE)])
    world.logs.put(GROUP, STREAM, *run_of(1, NOW - 900, said_of(NOW - 850, MESSAGE)))
    world.collect()
    settled = dead_letters.get(world.table, PLACE, letter.queue, letter.message_id)
    job = jobs.get(world.table, "job-1")
    assert settled is not None
    assert job is not None
    assert (settled.state, job.counts) == (LetterState.SUCCEEDED, {"succeeded": 1})
