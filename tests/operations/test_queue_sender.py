"""Back to a queue: every submitted entry is accounted for, every byte is kept."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from operations.queue_sender import QueueSender, deduplication_id
from operations.senders import Answer
from store.clients import SENDING
from store.recovery import Destination, MessageAttribute, Way
from tests.builders import SOURCE_ARN, a_letter

FIFO = Destination(Way.SEND, f"{SOURCE_ARN}.fifo")


class StubClient:
    """Answers send_message_batch from a list of functions of the entries; remembers what it was sent."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[list[dict[str, Any]]] = []
        self.limit: int | None = None

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        if self.limit is None:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetQueueAttributes")
        return {"Attributes": {"MaximumMessageSize": str(self.limit)}}

    def get_queue_url(self, **_: Any) -> dict[str, str]:
        return {"QueueUrl": "https://sqs/orders-fulfil"}

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.calls.append(Entries)
        answer = self.answers.pop(0) if self.answers else all_taken
        if isinstance(answer, Exception):
            raise answer
        return answer(Entries)


def taken(entry: dict[str, Any]) -> dict[str, str]:
    digest = hashlib.md5(entry["MessageBody"].encode()).hexdigest()  # noqa: S324
    return {"Id": entry["Id"], "MessageId": f"id-of-{entry['Id']}", "MD5OfMessageBody": digest}


def failed(entry: dict[str, Any], code: str, sender_fault: bool) -> dict[str, Any]:
    return {"Id": entry["Id"], "Code": code, "Message": "said", "SenderFault": sender_fault}


def all_taken(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Successful": [taken(entry) for entry in entries]}


def a_sender(*answers: Any) -> tuple[QueueSender, StubClient, list[int]]:
    waits: list[int] = []
    client = StubClient(*answers)
    return QueueSender(client, waits.append), client, waits  # type: ignore[arg-type]


def two() -> list[Any]:
    return [a_letter("m-1"), a_letter("m-2")]


def test_what_the_queue_took_is_ok_with_its_new_id():
    sender, client, waits = a_sender()
    assert [(one.answer, one.message_id) for one in sender.send(two())] == [
        (Answer.OK, "id-of-m0"), (Answer.OK, "id-of-m1")]
    assert (len(client.calls), waits) == (1, [])


def test_a_failed_entry_of_a_200_is_never_ok():
    sender, client, _ = a_sender(lambda entries: {
        "Successful": [taken(entries[0])], "Failed": [failed(entries[1], "InvalidMessageContents", True)]})
    assert [one.answer for one in sender.send(two())] == [Answer.OK, Answer.REFUSED]
    assert len(client.calls) == 1


def test_an_entry_the_queue_could_not_take_now_is_asked_again_alone():
    sender, client, waits = a_sender(lambda entries: {
        "Successful": [taken(entries[0])], "Failed": [failed(entries[1], "InternalError", False)]})
    assert [one.answer for one in sender.send(two())] == [Answer.OK, Answer.OK]
    assert [[entry["Id"] for entry in call] for call in client.calls] == [["m0", "m1"], ["m1"]]
    assert waits == [2]


def test_a_throttle_is_asked_again_with_backoff_and_then_left_for_later():
    said: Any = {"Error": {"Code": "RequestThrottled"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    throttle = ClientError(said, "SendMessageBatch")
    sender, client, waits = a_sender(throttle, throttle, throttle)
    assert [one.answer for one in sender.send(two())] == [Answer.LATER, Answer.LATER]
    assert (len(client.calls), waits) == (3, [2, 3])


@pytest.mark.parametrize("answer", [
    lambda _: {},
    lambda entries: {"Successful": [taken(entries[0])]},
    lambda entries: {"Successful": [taken(entries[0]), {"Id": "m1"}]},
    lambda entries: {"Successful": [taken(entries[0]), {**taken(entries[1]), "MD5OfMessageBody": "0" * 32}]},
    lambda entries: {"Successful": [taken(one) for one in entries], "Failed": [failed(entries[1], "X", True)]},
    ReadTimeoutError(endpoint_url="x"),
], ids=["truncated", "id in neither list", "no message id", "another body", "in both lists", "timeout"])
def test_an_answer_that_does_not_confirm_is_ambiguous_and_not_repeated(answer: Any):
    sender, client, _ = a_sender(answer)
    assert sender.send(two())[1].answer is Answer.AMBIGUOUS
    assert len(client.calls) == 1


def test_a_queue_that_cannot_be_found_sends_nothing(monkeypatch: pytest.MonkeyPatch):
    sender, client, waits = a_sender()

    def nowhere(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="x")

    monkeypatch.setattr(client, "get_queue_url", nowhere)
    assert [one.answer for one in sender.send(two())] == [Answer.LATER, Answer.LATER]
    assert (client.calls, waits) == ([], [2, 3])


def test_batches_hold_at_most_ten_letters_and_one_mebibyte():
    sender, _, _ = a_sender()
    assert [len(batch) for batch in sender.pack(a_letter(f"m-{n}") for n in range(23))] == [10, 10, 3]
    large = [a_letter(f"m-{n}", body="x" * 200_000) for n in range(6)] + [a_letter("m-9", body="x" * 1_048_576)]
    assert [len(batch) for batch in sender.pack(large)] == [5, 1, 1]


def test_of_a_fifo_group_one_letter_stands_in_a_batch():
    sender, _, _ = a_sender()
    letters = [a_letter(f"m-{n}", destination=FIFO, system={"MessageGroupId": group})
               for n, group in enumerate("aabcb")]
    assert [[one.message_id for one in batch] for batch in sender.pack(letters)] == [
        ["m-0"], ["m-1", "m-2", "m-3"], ["m-4"]]


def test_a_fifo_entry_keeps_its_group_and_has_one_deduplication_id_for_this_life():
    sender, client, _ = a_sender()
    letter = a_letter(destination=FIFO, system={"MessageGroupId": "g-1", "MessageDeduplicationId": "old"})
    sender.send([letter])
    entry = client.calls[0][0]
    assert (entry["MessageGroupId"], entry["MessageDeduplicationId"]) == ("g-1", deduplication_id(letter))
    assert entry["MessageDeduplicationId"] == hashlib.sha256(b"orders-fulfil-dlq/m-1").hexdigest()
    assert deduplication_id(a_letter("m-2", destination=FIFO)) != entry["MessageDeduplicationId"]


def test_the_trace_goes_on_as_a_system_attribute():
    sender, client, _ = a_sender()
    sender.send([a_letter(system={"AWSTraceHeader": "Root=1-5759e988-bd862e3f", "SenderId": "AIDA"})])
    assert client.calls[0][0]["MessageSystemAttributes"] == {
        "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3f"}}


def test_a_standard_queue_gets_no_deduplication_id():
    sender, client, _ = a_sender()
    sender.send(two())
    assert "MessageDeduplicationId" not in client.calls[0][0]


@pytest.fixture(params=["moto", pytest.param("ministack", marks=pytest.mark.cloud)])
def sqs(request: pytest.FixtureRequest, session: boto3.Session):
    """A client with one try a call, of two independent implementations."""
    if request.param == "moto":
        request.getfixturevalue("aws")
        yield session.client("sqs", config=SENDING)
        return
    client = session.client("sqs", endpoint_url=request.getfixturevalue("ministack_endpoint"), config=SENDING)
    yield client
    client.close()


def test_body_and_attributes_of_all_types_arrive_unchanged(sqs: Any):
    name = f"orders-{uuid.uuid4().hex}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    letter = a_letter(
        destination=Destination(Way.SEND, arn),
        body=' {"name": "grüße \u202e 💡"}\r\n',
        attributes={"tier": MessageAttribute("String", "gold"), "n": MessageAttribute("Number.int", "3"),
                    "raw": MessageAttribute("Binary", None, b"\x00\xff")},
    )
    (result,) = QueueSender(sqs, lambda _: None).send([letter])
    assert result.answer is Answer.OK, result.reason
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"])["Messages"]
    assert (result.answer, result.message_id) == (Answer.OK, message["MessageId"])
    assert message["Body"] == letter.body
    assert message["MessageAttributes"] == {
        "tier": {"DataType": "String", "StringValue": "gold"}, "n": {"DataType": "Number.int", "StringValue": "3"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "lamplight-redrive": {"DataType": "String", "StringValue": "orders-fulfil-dlq/m-1"},
    }


def test_a_queue_that_is_gone_refuses(sqs: Any):
    (result,) = QueueSender(sqs, lambda _: None).send([a_letter()])
    assert result.answer is Answer.REFUSED, result.reason
    assert "QueueDoesNotExist" in result.reason or "NonExistentQueue" in result.reason


def test_a_message_over_its_queues_own_limit_is_refused_and_the_others_go():
    sender, client, _ = a_sender()
    client.limit = 2_048
    results = sender.send([a_letter("m-1", body="x" * 3_000), a_letter("m-2", body="x" * 1_500)])
    assert [one.answer for one in results] == [Answer.REFUSED, Answer.OK]
    assert results[0].reason.endswith("bytes, its queue takes 2,048")
    assert [entry["Id"] for entry in client.calls[0]] == ["m1"]


def test_where_a_queue_does_not_tell_its_limit_sqs_own_holds():
    sender, client, _ = a_sender()
    assert [one.answer for one in sender.send([a_letter(body="x" * 3_000)])] == [Answer.OK]
    assert len(client.calls) == 1


def test_one_message_that_spoils_a_call_does_not_take_the_others_with_it():
    answer: Any = {"Error": {"Code": "InvalidParameterValue", "Message": "one or more parameters"},
                   "ResponseMetadata": {"HTTPStatusCode": 400}}
    spoiled = ClientError(answer, "SendMessageBatch")
    sender, client, _ = a_sender(spoiled, spoiled, all_taken)
    assert [one.answer for one in sender.send(two())] == [Answer.REFUSED, Answer.OK]
    assert [len(call) for call in client.calls] == [2, 1, 1]
