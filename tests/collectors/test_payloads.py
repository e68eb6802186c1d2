"""Envelopes of every kind carry the same events; what cannot be opened is refused with a reason."""

import base64
import gzip
import json

import pytest

from collectors.events import LogEvent
from collectors.inflation import Undecodable, inflated
from collectors.lines import Ignored, Unrecognised
from collectors.payloads import decoded, each, epoch_ms, events_in

GROUP, STREAM = "/aws/lambda/orders", "2026/11/23/[$LATEST]20bddfd5a2dc4c6b97ac02800eae90d0"
EVENT = LogEvent("3" * 56, 1_583_425_836_114, "hello\n", GROUP, STREAM)
DOCUMENT = {
    "messageType": "DATA_MESSAGE", "owner": "601427279990", "logGroup": GROUP, "logStream": STREAM,
    "subscriptionFilters": ["f"],
    "logEvents": [{"id": EVENT.id, "timestamp": EVENT.timestamp, "message": EVENT.message}],
}  # fmt: skip
FILTERED = {
    "eventId": EVENT.id, "logStreamName": STREAM, "timestamp": EVENT.timestamp, "ingestionTime": 1,
    "message": EVENT.message,
}  # fmt: skip


def packed(*documents: object) -> str:
    return base64.b64encode(
        gzip.compress("".join(json.dumps(d, separators=(",", ":")) for d in documents).encode(), mtime=0)
    ).decode()


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param(DOCUMENT, id="document"),
        pytest.param([DOCUMENT], id="list of documents"),
        pytest.param({"awslogs": {"data": packed(DOCUMENT)}}, id="subscription"),
        pytest.param({"Records": [{"kinesis": {"data": packed(DOCUMENT)}}]}, id="kinesis"),
        pytest.param({"records": [{"data": packed(DOCUMENT)}]}, id="firehose"),
        pytest.param(
            {"records": [{"data": base64.b64encode(json.dumps(DOCUMENT).encode()).decode()}]}, id="plain base64"
        ),
        pytest.param({"events": [{**FILTERED, "logGroupName": GROUP}], "searchedLogStreams": []}, id="FilterLogEvents"),
        pytest.param({**FILTERED, "logGroupName": GROUP}, id="one event"),
    ],
)
def test_every_envelope_carries_the_same_event(envelope):
    items = events_in(envelope)
    assert items is not None
    assert list(each(items)) == [EVENT]


def test_documents_back_to_back_are_all_read():
    assert list(each(decoded(packed(DOCUMENT, DOCUMENT)))) == [EVENT, EVENT]


def test_gzip_members_back_to_back_are_all_read():
    assert inflated(gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0)) == b"ab"


def test_a_control_message_is_passed_over_and_counted():
    document = {
        "messageType": "CONTROL_MESSAGE",
        "logEvents": [{"id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE"}],
    }
    assert list(decoded(packed(document))) == [Ignored("control message")]


@pytest.mark.parametrize(
    "value", [{"a": 1}, {"timestamp": 1, "message": "x", "level": "INFO"}, [1], "x", None, {"Records": [{"s3": 1}]}]
)
def test_what_carries_no_events_is_none(value):
    assert events_in(value) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "without data"),
        ("H4sIx", "not base64"),
        (base64.b64encode(b"\x1f\x8bxxxxxxxxxxxxx").decode(), "damaged"),
        (base64.b64encode(gzip.compress(b"{}" * 500, mtime=0)[:-12]).decode(), "cut short"),
        (base64.b64encode(b"words").decode(), "no CloudWatch document"),
        (packed({"messageType": "NEW", "logEvents": []}), "unknown messageType"),
        (packed({"messageType": "DATA_MESSAGE"}), "without a list of logEvents"),
        (packed({"logEvents": [1]}), "without a message"),
    ],
)
def test_a_payload_that_cannot_be_read_says_why(data, reason):
    (item,) = decoded(data)
    assert isinstance(item, Unrecognised)
    assert reason in item.reason


def test_a_gzip_bomb_is_refused_at_the_limit():
    with pytest.raises(Undecodable, match="grows beyond 1 MB"):
        inflated(gzip.compress(b"0" * 50_000_000, mtime=0), limit=1024 * 1024)


def test_envelopes_in_envelopes_are_opened_only_so_deep():
    data: object = DOCUMENT
    for _ in range(10):
        data = {"awslogs": {"data": packed(data)}}
    (item,) = list(events_in(data) or [])
    assert isinstance(item, Unrecognised)
    assert "too deep" in item.reason


def test_timestamps_in_seconds_or_text_become_ms():
    assert [epoch_ms(value) for value in (1_737_735_732, "1737735732000", 0, None, True, 1e300, "x")] == [
        1_737_735_732_000, 1_737_735_732_000, 0, 0, 0, 0, 0,
    ]  # fmt: skip
