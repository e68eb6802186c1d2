"""Asking for a redrive, and asking it to stop."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from operations import redrive
from operations.errors import (
    AlreadyRedriving,
    BadRate,
    JobFinished,
    JobNotFound,
    NotAllowed,
    NothingSelected,
    ReasonRequired,
    TooMany,
    UnknownDeadLetters,
)
from operations.permissions import Actor
from store import audit_log, dead_letters, jobs
from store.errors import OperationRefused
from store.recovery import AuditEntry, Job, JobState, LetterState
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN
from tests.operations.bench import ADA, REASON, Bench


def entries(bench: Bench):
    return audit_log.entries(bench.table, PLACE, NOW)


def test_asking_leaves_a_job_with_a_frozen_selection_for_the_worker(bench: Bench):
    job = bench.ask(bench.letters("m-1", "m-2"), rate_per_s=5)
    assert job == Job(PLACE, "job-1", QUEUE, "ada@example.com", "operator", REASON, 2, NOW, 5)
    assert bench.job() == job
    assert jobs.selection(bench.table, "job-1") == ["m-1", "m-2"]
    assert bench.queue.arrived == []


def test_the_intent_is_in_the_audit_field_by_field_before_anything_is_sent(bench: Bench):
    bench.ask(bench.letters("m-2", "m-1"))
    assert entries(bench) == [AuditEntry(
        place=PLACE, id="job-1", at=NOW, actor="ada@example.com", role="operator", action="redrive", subject=QUEUE,
        reason=REASON, details={
            "queue": QUEUE, "count": "2", "will run": "2",
            "selection sha256": hashlib.sha256(b"m-1\nm-2").hexdigest(), "destinations": f"{SOURCE_ARN} (2)",
        },
    )]


def test_a_double_click_is_one_job_and_one_entry(bench: Bench):
    ids = bench.letters("m-1")
    first = bench.ask(ids)
    bench.clock.advance(40)
    assert bench.ask(ids) == first
    assert len(entries(bench)) == 1
    assert jobs.recent(bench.table, PLACE) == [first]


def test_of_two_clicks_that_race_both_get_the_job_that_stands(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    ids = bench.letters("m-1")
    create = jobs.create

    def create_after_the_other(table, job, selection):
        create(table, replace(job, asked_at=NOW - 3), selection)
        return create(table, job, selection)

    monkeypatch.setattr(jobs, "create", create_after_the_other)
    assert bench.ask(ids).asked_at == NOW - 3
    assert [(entry.id, entry.outcome) for entry in entries(bench)] == [("job-1", "already asked")]


def test_a_letter_in_an_open_job_is_refused_with_that_job(bench: Bench):
    ids = bench.letters("m-1", "m-2")
    bench.ask(["m-1"])
    with pytest.raises(AlreadyRedriving, match="Redrive job-1 already holds m-1") as refused:
        bench.ask(ids, "job-2")
    assert (refused.value.job_id, refused.value.message_ids) == ("job-1", ("m-1",))
    assert jobs.get(bench.table, "job-2") is None
    assert bench.ask(["m-2"], "job-3").id == "job-3"


def test_a_letter_in_the_hands_of_a_worker_is_refused(bench: Bench):
    bench.letters("m-1")
    letter = bench.letter()
    dead_letters.save(bench.table, letter, replace(letter, state=LetterState.CLAIMED, job_id="job-0"))
    with pytest.raises(AlreadyRedriving, match="Redrive job-0 already holds m-1"):
        bench.ask(["m-1"])


@pytest.mark.parametrize("reason", ["", "   ", "ok", "........................", "a b c d"])
def test_a_reason_that_says_nothing_is_refused(bench: Bench, reason: str):
    with pytest.raises(ReasonRequired, match="at least 8 letters"):
        bench.ask(bench.letters("m-1"), reason=reason)
    assert entries(bench) == []


def test_a_reason_is_kept_trimmed_and_cut(bench: Bench):
    assert redrive.kept_reason("  the \n warehouse\tis back ") == "the warehouse is back"
    assert len(redrive.kept_reason("x" * 5_000)) == redrive.MAX_REASON


def test_nothing_selected_is_refused(bench: Bench):
    with pytest.raises(NothingSelected, match=r"No dead letter is selected\."):
        bench.ask([])


def test_a_selection_of_which_nothing_can_run_is_refused_with_the_reasons(bench: Bench):
    bench.letters("m-1", "m-2", body="\x00")
    with pytest.raises(NothingSelected, match=r"2 it holds the character U\+0000"):
        bench.ask(["m-1", "m-2"])


def test_more_than_the_cap_is_refused_with_the_number(bench: Bench):
    with pytest.raises(TooMany, match="100,001 dead letters are selected; one redrive takes at most 100,000"):
        bench.ask([f"m-{n}" for n in range(100_001)])


@pytest.mark.parametrize("rate", [0, -1, 501])
def test_a_rate_that_cannot_be_held_is_refused(bench: Bench, rate: int):
    with pytest.raises(BadRate, match=f"{rate} messages per second"):
        bench.ask(bench.letters("m-1"), rate_per_s=rate)


def test_ids_nobody_knows_are_refused_by_name(bench: Bench):
    bench.letters("m-1")
    with pytest.raises(UnknownDeadLetters, match="holds no dead letter x-1, x-2, x-3 and 2 more") as refused:
        bench.ask(["m-1", *(f"x-{n}" for n in range(1, 6))])
    assert refused.value.message_ids == ("x-1", "x-2", "x-3", "x-4", "x-5")


@pytest.mark.parametrize(("role", "writes"), [("viewer", True), ("operator", False), ("somebody", True)])
def test_who_may_not_redrive_asks_for_nothing(bench: Bench, role: str, writes: bool):
    ids = bench.letters("m-1")
    with pytest.raises(NotAllowed):
        redrive.ask(bench.table, PLACE, bench.clock, Actor("eve", role), writes,
                    queue=QUEUE, message_ids=ids, reason=REASON, job_id="job-1")
    assert jobs.get(bench.table, "job-1") is None
    assert entries(bench) == []


def test_every_refusal_is_an_operation_refused_with_advice():
    assert issubclass(NotAllowed, OperationRefused)
    assert TooMany(2, 1).sentence.endswith("Select fewer and repeat.")


def test_letters_of_a_fifo_queue_are_frozen_in_its_order(bench: Bench):
    for message_id, number in [("m-1", "300"), ("m-2", "20"), ("m-3", "100")]:
        bench.letters(message_id, system={"SequenceNumber": number})
    bench.ask(["m-1", "m-2", "m-3"])
    assert jobs.selection(bench.table, "job-1") == ["m-2", "m-3", "m-1"]


def cancelled(bench: Bench, job_id: str = "job-1", actor: Actor = ADA) -> Job:
    return redrive.cancel(bench.table, PLACE, bench.clock, actor, True, job_id)


def test_a_cancel_is_noted_and_audited_once(bench: Bench):
    bench.ask(bench.letters("m-1"))
    bench.clock.advance(1)
    assert cancelled(bench).cancel_asked
    assert cancelled(bench).cancel_asked
    newest = entries(bench)[0]
    assert (newest.id, newest.action, newest.subject, newest.actor, newest.outcome) == (
        "job-1-cancel", "cancel", "job-1", "ada@example.com", "asked")
    assert len(entries(bench)) == 2


def test_what_is_sent_cannot_be_cancelled(bench: Bench):
    bench.ask(bench.letters("m-1"))
    bench.run()
    assert bench.job().state is JobState.FOLLOWING
    with pytest.raises(JobFinished, match="Redrive job-1 is following"):
        cancelled(bench)


def test_a_job_nobody_knows_cannot_be_cancelled(bench: Bench):
    with pytest.raises(JobNotFound, match="There is no redrive job-9"):
        cancelled(bench, "job-9")


def test_a_viewer_cannot_cancel(bench: Bench):
    bench.ask(bench.letters("m-1"))
    with pytest.raises(NotAllowed):
        cancelled(bench, actor=Actor("eve", "viewer"))
    assert not bench.job().cancel_asked
