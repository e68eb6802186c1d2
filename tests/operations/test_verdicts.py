"""Whether one letter may go back, and where to."""

from __future__ import annotations

import pytest

from operations.verdicts import Verdict, judge, name_of, unqualified
from store.recovery import Destination, LetterState, Way
from tests.builders import SOURCE_ARN, a_letter
from tests.operations.bench import DLQ_ARN, a_queue

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:orders-price"


def test_a_dead_letter_of_a_known_source_will_run():
    assert judge(a_letter(), a_queue()) == (Verdict.WILL_RUN, "goes back to orders-fulfil")


@pytest.mark.parametrize(("state", "verdict", "said"), [
    (LetterState.CLAIMED, Verdict.HELD, "is being sent by redrive job-0"),
    (LetterState.SENT, Verdict.REDRIVEN, "was sent by redrive job-0: sent"),
    (LetterState.PRESUMED, Verdict.REDRIVEN, "was sent by redrive job-0: no return within 30 minutes"),
    (LetterState.RETURNED, Verdict.REDRIVEN, "was sent by redrive job-0; it came back as orders-fulfil-dlq/m-9"),
    (LetterState.DISCARDED, Verdict.CLOSED, "was discarded"),
])
def test_a_letter_that_has_moved_on_does_not_run(state: LetterState, verdict: Verdict, said: str):
    evidence = "no return within 30 minutes" if state is LetterState.PRESUMED else None
    letter = a_letter(state=state, job_id="job-0", evidence=evidence, next="orders-fulfil-dlq/m-9")
    assert judge(letter, a_queue()) == (verdict, said)


def test_a_letter_put_aside_may_be_sent_again():
    assert judge(a_letter(state=LetterState.NEEDS_OPERATOR), a_queue())[0] is Verdict.WILL_RUN


def test_a_letter_without_a_way_back_says_why():
    letter = a_letter(destination=Destination(Way.NONE, why_not="the stream no longer holds the batch"))
    assert judge(letter, a_queue()) == (Verdict.NO_WAY, "the stream no longer holds the batch")


def test_a_destination_outside_the_sources_is_not_allowed():
    elsewhere = Destination(Way.SEND, "arn:aws:sqs:eu-central-1:123456789012:payroll")
    assert judge(a_letter(destination=elsewhere), a_queue()) == (
        Verdict.NOT_ALLOWED, "payroll is not known to send its failures to orders-fulfil-dlq")


def test_a_dead_letter_queue_never_gets_its_own_letters_even_when_it_lists_itself():
    letter = a_letter(destination=Destination(Way.SEND, DLQ_ARN))
    assert judge(letter, a_queue(sources=(DLQ_ARN,)))[0] is Verdict.NOT_ALLOWED


def test_nothing_is_allowed_for_a_queue_nobody_has_looked_at():
    assert judge(a_letter(), None)[0] is Verdict.NOT_ALLOWED


def test_a_version_of_a_function_that_is_a_source_is_allowed():
    letter = a_letter(destination=Destination(Way.INVOKE, f"{FUNCTION}:$LATEST"), body='{"order_id": 1}')
    assert judge(letter, a_queue(sources=(FUNCTION,))) == (Verdict.WILL_RUN, "goes back to orders-price:$LATEST")
    assert judge(letter, a_queue(sources=(f"{FUNCTION}-2",)))[0] is Verdict.NOT_ALLOWED


def test_an_unknown_letter_is_unknown():
    assert judge(None, a_queue())[0] is Verdict.UNKNOWN


def test_names_are_the_end_of_an_arn():
    assert [name_of(SOURCE_ARN), name_of(f"{FUNCTION}:live"), name_of("plain")] == [
        "orders-fulfil", "orders-price:live", "plain"]
    assert [unqualified(SOURCE_ARN), unqualified(f"{FUNCTION}:live")] == [SOURCE_ARN, FUNCTION]
