"""Whatever SQS can hold is taken whole, at its first delivery, into items that DynamoDB takes."""

from __future__ import annotations

import base64
import gzip
import json
import random

import boto3
import pytest
from moto import mock_aws

from collectors.dead_letters import capture
from collectors.lineage import MARKER
from store import dead_letters, health
from store.recovery import MessageAttribute
from store.table import Table
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, FakeClock
from tests.collectors.fakes import connection
from tests.tables import create_table

MEBIBYTE = 1_048_576
ARN = f"arn:aws:sqs:eu-central-1:123456789012:{QUEUE}"


@pytest.fixture(scope="module")
def table():
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1", aws_access_key_id="test",
                              aws_secret_access_key="test")  # noqa: S106
        create_table(client, "lamplight")
        yield Table(client, "lamplight", FakeClock(NOW))


def noise(count, alphabet):
    return "".join(random.Random(count).choices(alphabet, k=count))


def destination_record(**said):
    return json.dumps({"requestContext": {"functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:notify",
                                          "requestId": "r-1", "condition": "RetriesExhausted"},
                       "requestPayload": {}, "responseContext": {}, "responsePayload": said})


BODIES = {
    "one character": "x",
    "one mebibyte, one letter": "x" * MEBIBYTE,
    "one mebibyte of noise": noise(MEBIBYTE, [chr(code) for code in range(0x20, 0x7f)]),
    "one mebibyte, three bytes a character": noise(MEBIBYTE // 3, [chr(code) for code in range(0x4e00, 0xa000)]),
    "one mebibyte, four bytes a character": noise(MEBIBYTE // 4, [chr(code) for code in range(0x10000, 0x20000)]),
    "controls": "\t\n\r\x00\x01\x7f\x85",
    "a lone surrogate": "\ud800",
    "no character": "\ufffe\uffff",
    "a mark and an override": "\ufeff\u202eevil\u200b",
    "no JSON": '{"order_id": ',
    "the same key twice": '{"a": 1, "a": 2}',
    "10,000 deep": "[" * 10_000 + "]" * 10_000,
    "10,000 deep and unclosed": '{"a":' * 10_000,
    "numbers": '[1e400, NaN, -0, 9223372036854775808, 1234567890123456789012345678901234567890]',
    "a number of 5,000 digits": "9" * 5_000,
    "a gzip bomb": base64.b64encode(gzip.compress(b"\x00" * 10_000_000, mtime=0)).decode(),
    "gzip cut short": base64.b64encode(gzip.compress(b"abc" * 100, mtime=0)[:20]).decode(),
    "JSON in JSON": json.dumps(json.dumps(json.dumps({"a": 1}))),
    "an SNS envelope": json.dumps({"Type": "Notification", "TopicArn": "arn", "Message": "{\"a\": 1}"}),
    "an SNS envelope of nothing": json.dumps({"Type": "Notification", "TopicArn": None, "Message": 7}),
    "an S3 pointer": json.dumps(["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "b"}]),
    "an EventBridge event": json.dumps({"detail-type": "x", "source": "lambda", "detail": "no object"}),
    "an error of one mebibyte": destination_record(errorType="x" * 500_000, errorMessage="y" * 500_000),
    "a function of one mebibyte": json.dumps({"requestContext": {"functionArn": "arn:aws:lambda:f:1:function:"
                                                                 + "z" * 900_000, "requestId": "r" * 100_000},
                                              "requestPayload": {}, "responseContext": {}}),
}


def a_record(message_id, body, said=None):
    return {"messageId": message_id, "body": body, "eventSourceARN": ARN, "messageAttributes": said or {},
            "attributes": {"ApproximateReceiveCount": "4", "SentTimestamp": str(NOW)}}


def taken(table, record):
    assert capture({"Records": [record]}, connection(table)) == {"batchItemFailures": []}
    letter = dead_letters.get(table, PLACE, QUEUE, record["messageId"])
    assert letter is not None
    return letter


@pytest.mark.parametrize("what", BODIES)
def test_every_body_is_taken_whole_at_once(table, what):
    assert taken(table, a_record(what.replace(" ", "-"), BODIES[what])).body == BODIES[what]


def wire(kind, string=None, binary=None):
    return {"dataType": kind, "stringValue": string, "stringListValues": [], "binaryListValues": [],
            **({} if binary is None else {"binaryValue": base64.b64encode(binary).decode()})}


def test_attributes_of_every_type_are_taken_as_they_are(table):
    said = {"text": wire("String", "grüße"), "custom": wire("Number.custom", "-0"), "empty": wire("String", ""),
            "nothing": wire("String"), "picture": wire("Binary.png", None, b"\x89PNG\x00"),
            "no bytes": wire("Binary", None, b""), MARKER: wire("String", "x" * 900_000)}
    letter = taken(table, a_record("typed", "{}", said))
    assert letter.attributes["custom"] == MessageAttribute("Number.custom", "-0")
    assert letter.attributes["picture"] == MessageAttribute("Binary.png", None, b"\x89PNG\x00")
    assert (letter.attributes["empty"].string, letter.attributes["no bytes"].binary) == ("", b"")
    assert letter.previous is None


def test_a_message_whose_attributes_are_the_megabyte_is_taken_too(table):
    raw = random.Random(1).randbytes(100_000)
    said = {f"a{number}": wire("Binary", None, raw) for number in range(10)}
    letter = taken(table, a_record("full", "x", said))
    assert letter.attributes == {name: MessageAttribute("Binary", None, raw) for name in said}


def test_a_record_without_attributes_or_system_attributes_is_taken_and_claims_no_times(table):
    record = {"messageId": "bare", "body": "{}", "eventSourceARN": ARN}
    letter = taken(table, record)
    assert (letter.sent_at, letter.receive_count, letter.attributes) == (None, None, {})


def test_group_deduplication_and_trace_are_kept_with_the_message(table):
    system = {"MessageGroupId": "order-88123", "MessageDeduplicationId": "d-1", "SequenceNumber": "188",
              "AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793", "DeadLetterQueueSourceArn": SOURCE_ARN}
    letter = taken(table, {**a_record("system", "{}"), "attributes": system})
    assert letter.system == system


def test_what_can_never_be_taken_stays_in_its_queue_and_is_named_on_health(table):
    broken = a_record("broken", "{}", {"raw": {"dataType": "Binary", "binaryValue": "not base64!"}})
    for _ in range(3):
        answer = capture({"Records": [broken]}, connection(table))
        assert answer == {"batchItemFailures": [{"itemIdentifier": "broken"}]}
    (named,) = health.unrecognised(table, PLACE, NOW)
    assert (named.source, named.sample) == (f"queue {QUEUE}", "broken")
    assert named.reason.endswith("The message stays in its queue.")
