"""A look on two independent implementations of SQS: moto and MiniStack."""

from __future__ import annotations

import uuid

import boto3
import pytest
from moto import mock_aws

from collectors.snapshots import look
from store import dead_letters, queues
from store.recovery import Custody, MessageAttribute, Queue
from store.settings import Settings
from tests.builders import PLACE
from tests.collectors.fakes import connection, plenty
from tests.collectors.memory import MemoryTable


@pytest.fixture(params=["moto", pytest.param("ministack", marks=pytest.mark.cloud)])
def sqs(request):
    session = boto3.Session("test", "test", region_name=PLACE.region)
    if request.param == "ministack":
        client = session.client("sqs", endpoint_url=request.getfixturevalue("ministack_endpoint"))
        yield client
        client.close()
        return
    with mock_aws():
        yield session.client("sqs")


def make(sqs, suffix="", **attributes):
    """A queue and a connection that may look into it."""
    name = f"dlq-{uuid.uuid4().hex[:8]}{suffix}"
    url = sqs.create_queue(QueueName=name, Attributes={"MessageRetentionPeriod": "1209600", **attributes})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    table = MemoryTable()
    queues.put(table, Queue(PLACE, name, arn, url, True))
    return name, url, connection(table, Settings("memory", watched_queues=(arn,)), queues=sqs)


def test_a_look_finds_all_keeps_all_and_gives_all_back(sqs):
    name, url, there = make(sqs)
    said = {"tier": {"DataType": "Number.custom", "StringValue": "7"},
            "raw": {"DataType": "Binary.png", "BinaryValue": b"\x00\xff"}}
    sent = {sqs.send_message(QueueUrl=url, MessageBody=f"grüße {n}", MessageAttributes=said)["MessageId"]
            for n in range(12)}
    found = look(there, name, plenty)
    assert (found.complete, found.seen, found.new, found.problem, found.refused) == (True, 12, 12, None, None)
    letters = {letter.message_id: letter for letter in dead_letters.of_queue(there.table, PLACE, name)}
    assert letters.keys() == sent
    letter = next(iter(letters.values()))
    assert letter.attributes == {"tier": MessageAttribute("Number.custom", "7"),
                                 "raw": MessageAttribute("Binary.png", None, b"\x00\xff")}
    assert letter.sent_at is not None
    assert (letter.custody, letter.expires_at) == (Custody.WATCHED, letter.sent_at + 1_209_600_000)
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"]) == ("12", "0")


def test_a_fifo_queue_that_was_looked_into_still_gives_its_messages_in_order(sqs):
    name, url, there = make(sqs, ".fifo", FifoQueue="true")
    sent = [sqs.send_message(QueueUrl=url, MessageBody=str(n), MessageGroupId="g",
                             MessageDeduplicationId=str(n))["MessageId"] for n in range(4)]
    found = look(there, name, plenty, fifo=True)
    assert found.seen >= 1
    assert found.problem is None
    letter = dead_letters.get(there.table, PLACE, name, sent[0])
    assert letter is not None
    assert letter.system["MessageGroupId"] == "g"
    received: list[str] = []
    while len(received) < 4:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)["Messages"]:
            received.append(message["MessageId"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert received == sent
