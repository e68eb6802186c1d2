"""Which earlier life a captured message follows, and what becomes of a lineage that keeps coming back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.dead_letters import capture
from collectors.lineage import MARKER, later_life
from store import dead_letters, jobs, outcomes
from store.errors import Throttled
from store.recovery import (
    DeadLetter,
    Destination,
    Edit,
    JobResult,
    JobState,
    LetterState,
    MessageAttribute,
    Outcome,
    Shape,
    Way,
)
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, a_job, a_letter
from tests.collectors.fakes import connection
from tests.collectors.memory import MemoryTable

ARN = f"arn:aws:sqs:eu-central-1:123456789012:{QUEUE}"
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:orders-notify"
INVOKE = Destination(Way.INVOKE, FUNCTION)


def said(**attributes: str) -> dict[str, Any]:
    return {name: {"dataType": "String", "stringValue": value} for name, value in attributes.items()}


def a_record(message_id: str = "m-2", body: str = '{"order_id": "88123"}', arn: str = ARN,
             **attributes: str) -> dict[str, Any]:
    return {"messageId": message_id, "body": body, "eventSourceARN": arn, "messageAttributes": said(**attributes),
            "attributes": {"DeadLetterQueueSourceArn": SOURCE_ARN} if "RequestID" not in attributes else {}}


def an_event(message_id: str = "m-2", body: str = '{"id": 1}', request: str = "request-9") -> dict[str, Any]:
    return a_record(message_id, body, RequestID=request, ErrorCode="200", ErrorMessage="boom")


def taken(table: MemoryTable, *records: dict[str, Any]) -> Any:
    return capture({"Records": list(records)}, connection(table))["batchItemFailures"]


def stored(table: MemoryTable, message_id: str, queue: str = QUEUE) -> DeadLetter:
    letter = dead_letters.get(table, PLACE, queue, message_id)
    assert letter is not None
    return letter


def sent(table: MemoryTable, message_id: str = "m-1", **facts: Any) -> DeadLetter:
    """A letter captured, claimed and sent: saved as the journal saves it."""
    state = facts.pop("state", LetterState.SENT)
    facts = {"job_id": "job-1", "attempts": 1, "redriven_at": NOW - 5_000, "claimed_at": NOW - 6_000, **facts}
    sent_id = facts.pop("sent_message_id", f"{message_id}-again")
    before = a_letter(message_id, **{**facts, "state": LetterState.CLAIMED})
    dead_letters.capture(table, before)
    after = a_letter(message_id, **{**facts, "state": state, "sent_message_id": sent_id})
    return dead_letters.save(table, before, after)


def a_done_job(table: MemoryTable, *results: tuple[str, Outcome], **facts: Any) -> None:
    counts = {str(outcome): 1 for _, outcome in results}
    job = a_job(**{"state": JobState.DONE, "finished_at": NOW - 1_000, "counts": counts, **facts})
    jobs.create(table, job, [message_id for message_id, _ in results])
    jobs.put_results(table, "job-1", [JobResult(f"{QUEUE}/{message_id}", outcome, NOW - 5_000)
                                      for message_id, outcome in results])


def test_a_return_through_another_queue_is_known_by_its_marker():
    table = MemoryTable()
    earlier = sent(table)
    taken(table, a_record(arn=ARN.replace(QUEUE, "other-dlq"), **{MARKER: earlier.key}))
    assert stored(table, "m-2", "other-dlq").previous == earlier.key
    assert stored(table, "m-1").evidence == "came back to other-dlq as m-2"


def test_the_marker_of_an_edited_letter_names_it_all_the_same():
    table = MemoryTable()
    earlier = sent(table, edit=Edit("e1", "{}", "s", "o", NOW, "ada", "why"))
    taken(table, a_record(**{MARKER: f"{earlier.key};edit=e1"}))
    assert stored(table, "m-2").previous == earlier.key


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.PRESUMED, LetterState.SUCCEEDED])
def test_an_event_is_known_by_its_request_however_late_it_fails(state: LetterState):
    table = MemoryTable()
    earlier = sent(table, state=state, destination=INVOKE, sent_message_id="request-9")
    taken(table, an_event())
    assert stored(table, "m-2").previous == earlier.key
    assert stored(table, "m-1").state is LetterState.RETURNED


def test_a_message_with_ten_attributes_is_known_by_its_id_after_it_was_presumed_processed():
    table = MemoryTable()
    full = {f"a{number}": "x" for number in range(10)}
    attributes = {name: MessageAttribute("String", value) for name, value in full.items()}
    earlier = sent(table, attributes=attributes, state=LetterState.PRESUMED, sent_message_id="m-2")
    taken(table, a_record("m-2", **full))
    assert stored(table, "m-2").previous == earlier.key


def unanswered(table: MemoryTable, message_id: str = "m-1", body: str = '{"id": 1}', **facts: Any) -> DeadLetter:
    letter = sent(table, message_id, body=body, destination=INVOKE, state=LetterState.NEEDS_OPERATOR, ambiguous=3,
                  sent_message_id=None, **facts)
    jobs.put_results(table, "job-1", [JobResult(letter.key, Outcome.NEEDS_OPERATOR, NOW - 5_000, ambiguous=3)])
    return letter


def test_after_a_send_without_an_answer_an_event_is_known_by_its_body_and_the_evidence_says_so():
    table = MemoryTable()
    a_done_job(table)
    earlier = unanswered(table)
    unanswered(table, "m-0", body='{"id": 2}')
    taken(table, an_event())
    assert stored(table, "m-2").previous == earlier.key
    assert (stored(table, "m-1").evidence or "").endswith("as m-2, known by its body, as that send had no answer")
    assert stored(table, "m-0").state is LetterState.NEEDS_OPERATOR


def test_two_returns_of_one_body_follow_two_letters_and_a_third_none():
    table = MemoryTable()
    a_done_job(table)
    unanswered(table, "m-0", claimed_at=NOW - 9_000)
    unanswered(table, "m-1")
    taken(table, an_event("m-2"), an_event("m-3", request="r-3"), an_event("m-4", request="r-4"))
    assert [stored(table, one).previous for one in ("m-2", "m-3", "m-4")] == [f"{QUEUE}/m-0", f"{QUEUE}/m-1", None]


def test_a_letter_whose_send_was_answered_is_never_known_by_its_body():
    table = MemoryTable()
    a_done_job(table, ("m-1", Outcome.SENT))
    sent(table, body='{"id": 1}', destination=INVOKE, sent_message_id="request-1")
    taken(table, an_event(request="request-2"))
    assert stored(table, "m-2").life == 1
    assert stored(table, "m-1").state is LetterState.SENT


def test_the_event_inside_a_destination_record_is_compared():
    table = MemoryTable()
    a_done_job(table)
    def record(request: str) -> str:
        return json.dumps({"requestContext": {"functionArn": FUNCTION, "requestId": request},
                           "requestPayload": {"id": 1}, "responseContext": {}})
    earlier = unanswered(table, body=record("r-1"), shape=Shape.LAMBDA_DESTINATION)
    back = {**a_record("m-2", record("r-2")), "attributes": {}}
    taken(table, back)
    assert stored(table, "m-2").previous == earlier.key


@pytest.mark.parametrize(("life", "state"), [(1, LetterState.DEAD), (2, LetterState.DEAD),
                                             (3, LetterState.QUARANTINED), (4, LetterState.QUARANTINED)])
def test_a_lineage_that_came_back_three_times_is_put_under_quarantine(life: int, state: LetterState):
    later = later_life(a_letter("m-9"), a_letter("m-8", life=life, lineage="m-0"))
    assert (later.state, later.life, later.lineage) == (state, life + 1, "m-0")
    assert (later.problem is not None) is (state is LetterState.QUARANTINED)


@pytest.mark.parametrize("before", [Outcome.PRESUMED, Outcome.SUCCEEDED])
def test_a_late_return_changes_the_outcome_and_the_counts_of_the_finished_redrive(before: Outcome):
    table = MemoryTable()
    a_done_job(table, ("m-1", before))
    earlier = sent(table, state=LetterState(before))
    taken(table, a_record(**{MARKER: earlier.key}))
    job = jobs.get(table, "job-1")
    assert job is not None
    assert (job.state, job.counts) == (JobState.DONE, {"returned": 1})
    assert jobs.results(table, "job-1")[0].outcome is Outcome.RETURNED


def test_a_late_return_that_could_not_be_counted_comes_again(monkeypatch: pytest.MonkeyPatch):
    table = MemoryTable()
    a_done_job(table, ("m-1", Outcome.PRESUMED))
    earlier = sent(table, state=LetterState.PRESUMED)
    correct = outcomes.correct

    def throttled(*_: object) -> None:
        raise Throttled("memory is throttled")

    monkeypatch.setattr(outcomes, "correct", throttled)
    record = a_record(**{MARKER: earlier.key})
    assert taken(table, record) == [{"itemIdentifier": "m-2"}]
    monkeypatch.setattr(outcomes, "correct", correct)
    assert taken(table, record) == []
    job = jobs.get(table, "job-1")
    assert job is not None
    assert job.counts == {"returned": 1}


def test_a_marker_longer_than_any_key_is_nobodys():
    table = MemoryTable()
    taken(table, a_record(**{MARKER: "q" * 3_000 + "/m-1"}))
    assert stored(table, "m-2").lineage == "m-2"
