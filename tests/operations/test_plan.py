"""What a redrive would do, before it is asked for; and a plan as a file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from operations import plan_file
from operations.errors import BadPlan
from operations.plan import Plan, Verdict, plan, selection_sha256
from store import dead_letters, queues
from store.recovery import LetterState
from tests.builders import PLACE, QUEUE, SOURCE_ARN
from tests.operations.bench import Bench, a_queue


def planned(bench: Bench, *message_ids: str) -> Plan:
    return plan(bench.table, PLACE, QUEUE, message_ids)


def test_each_letter_has_a_verdict_in_the_order_of_the_selection(bench: Bench):
    bench.letters("m-1", "m-3")
    bench.letters("m-2", body="\x00")
    found = planned(bench, "m-3", "m-2", "m-9", "m-1", "m-3")
    assert [(letter.message_id, letter.verdict) for letter in found.letters] == [
        ("m-3", Verdict.WILL_RUN), ("m-2", Verdict.NOT_SENDABLE), ("m-9", Verdict.UNKNOWN), ("m-1", Verdict.WILL_RUN)]
    assert found.runnable == ("m-3", "m-1")
    assert found.destinations == {SOURCE_ARN: 2}
    assert found.counts == {Verdict.WILL_RUN: 2, Verdict.NOT_SENDABLE: 1, Verdict.UNKNOWN: 1}


def test_a_plan_of_more_letters_than_are_read_at_once_misses_none(bench: Bench):
    ids = bench.letters(*(f"m-{n:02d}" for n in range(45)))
    assert planned(bench, *ids).runnable == tuple(ids)


def test_planning_changes_nothing(bench: Bench):
    bench.letters("m-1")
    before = bench.letter()
    planned(bench, "m-1")
    assert bench.letter() == before


def test_a_letter_that_waits_in_an_open_job_is_held_by_it(bench: Bench):
    bench.ask(bench.letters("m-1", "m-2")[:1])
    (first, second) = planned(bench, "m-1", "m-2").letters
    assert (first.verdict, first.job_id, first.reason) == (Verdict.HELD, "job-1", "redrive job-1 is about to send it")
    assert second.runs


def test_a_letter_put_aside_by_a_job_that_only_follows_may_run_again(bench: Bench):
    bench.queue.faults = ["failed", "ok"]
    bench.ask(bench.letters("m-1", "m-2"))
    bench.run()
    assert planned(bench, "m-1", "m-2").runnable == ("m-1",)


def test_a_claimed_letter_names_its_holder(bench: Bench):
    bench.letters("m-1")
    dead_letters.save(bench.table, bench.letter(), replace(bench.letter(), state=LetterState.CLAIMED, job_id="job-0"))
    assert planned(bench, "m-1").of(Verdict.HELD)[0].job_id == "job-0"


def test_a_queue_without_known_sources_allows_nothing(bench: Bench):
    bench.letters("m-1")
    queues.put(bench.table, a_queue(sources=()))
    assert planned(bench, "m-1").letters[0].verdict is Verdict.NOT_ALLOWED


def test_a_selection_has_one_hash_whatever_its_order():
    assert selection_sha256(["a", "b"]) == selection_sha256(["b", "a"]) != selection_sha256(["a", "c"])


def test_a_plan_written_and_read_names_the_same_job_and_the_letters_that_run(bench: Bench):
    bench.letters("m-1")
    written = plan_file.written(planned(bench, "m-1", "m-9"), "job-7")
    assert plan_file.read(json.dumps(written)) == plan_file.PlanFile(PLACE, QUEUE, "job-7", ["m-1"])
    assert written["verdicts"] == {"will run": 1, "unknown": 1}


GOOD: dict[str, Any] = {"v": 1, "account": "1", "region": "r", "queue": "q", "job": "j", "message_ids": ["m"]}


@pytest.mark.parametrize(("text", "said"), [
    ("", "not JSON"), ("[" * 100_000, "not JSON"), ("[]", "version 1"), ('{"v": 2}', "version 1"),
    (json.dumps({**GOOD, "queue": 7}), "queue is missing"), (json.dumps({**GOOD, "job": "../x"}), "job is missing"),
    (json.dumps({**GOOD, "message_ids": "m"}), "message_ids"),
    (json.dumps({**GOOD, "message_ids": [1]}), "message_ids"),
])
def test_a_file_that_is_no_plan_is_refused_with_what_is_wrong(text: str, said: str):
    with pytest.raises(BadPlan, match=said):
        plan_file.read(text)
