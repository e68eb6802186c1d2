"""Back to a function: the failed event is invoked again."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from operations.function_sender import FunctionSender
from operations.senders import Answer
from store.recovery import DeadLetter, Destination, Shape, Way
from tests.builders import a_letter

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:orders-price:live"
ACCEPTED = {"StatusCode": 202, "ResponseMetadata": {"RequestId": "r-1"}}


class StubClient:
    """Answers invoke from a list; remembers what it was called with."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[dict[str, Any]] = []

    def invoke(self, **call: Any) -> Any:
        self.calls.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def refusal(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Invoke")


def a_failed_event(**facts: Any) -> DeadLetter:
    return a_letter(shape=Shape.LAMBDA_ASYNC, destination=Destination(Way.INVOKE, ARN), **facts)


def sent(client: StubClient, letter: DeadLetter, waits: list[int]) -> Any:
    return FunctionSender(client, waits.append).send([letter])[0]  # type: ignore[arg-type]


def test_an_accepted_event_is_ok_with_the_request_id_it_will_run_under():
    client = StubClient(ACCEPTED)
    result = sent(client, a_failed_event(body='{"name": "grüße"}'), [])
    assert (result.answer, result.message_id) == (Answer.OK, "r-1")
    assert client.calls == [{"FunctionName": ARN, "InvocationType": "Event", "Payload": '{"name": "grüße"}'.encode()}]


def test_the_original_event_is_sent_not_the_record_of_its_failure():
    client = StubClient(ACCEPTED)
    record = '{"requestContext": {}, "requestPayload": {"price": 1.10}}'
    sent(client, a_letter(body=record, shape=Shape.LAMBDA_DESTINATION, destination=Destination(Way.INVOKE, ARN)), [])
    assert client.calls[0]["Payload"] == b'{"price": 1.10}'


def test_a_throttle_is_asked_again_and_then_left_for_later():
    waits: list[int] = []
    throttle = refusal("TooManyRequestsException", 429)
    assert sent(StubClient(throttle, ACCEPTED), a_failed_event(), waits).answer is Answer.OK
    assert sent(StubClient(throttle, throttle, throttle), a_failed_event(), waits).answer is Answer.LATER
    assert waits == [2, 2, 3]


@pytest.mark.parametrize(("answer", "expected"), [
    (refusal("ResourceNotFoundException", 404), Answer.REFUSED),
    (refusal("RecursiveInvocationException", 400), Answer.REFUSED),
    (refusal("ServiceException", 500), Answer.AMBIGUOUS),
    (ReadTimeoutError(endpoint_url="x"), Answer.AMBIGUOUS),
    ({"StatusCode": 200, "ResponseMetadata": {"RequestId": "r-1"}}, Answer.AMBIGUOUS),
    ({"StatusCode": 202}, Answer.AMBIGUOUS),
], ids=str)
def test_what_is_not_accepted_is_refused_or_ambiguous(answer: Any, expected: Answer):
    assert sent(StubClient(answer), a_failed_event(), []).answer is expected


def test_events_go_one_at_a_time():
    letters = [a_failed_event(message_id=f"m-{n}") for n in range(3)]
    batches = FunctionSender(StubClient(), lambda _: None).pack(letters)  # type: ignore[arg-type]
    assert [len(batch) for batch in batches] == [1, 1, 1]
