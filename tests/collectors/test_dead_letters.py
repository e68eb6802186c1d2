"""The capture: custody first, then the queue may forget."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from collectors.dead_letters import capture, find_ways
from collectors.lineage import MARKER
from store import dead_letters, jobs, queues
from store.errors import Throttled
from store.recovery import Destination, LetterState, MessageAttribute, Outcome, Queue, Shape, Way
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, a_letter
from tests.collectors.fakes import connection
from tests.collectors.memory import Killed, MemoryTable

ARN = f"arn:aws:sqs:eu-central-1:123456789012:{QUEUE}"
DEAD = Queue(PLACE, QUEUE, ARN, "https://dlq", True, sources=(SOURCE_ARN,))
SOURCE = Queue(PLACE, "orders-fulfil", SOURCE_ARN, "https://orders", consumers=("fulfil",))


def a_record(message_id="m-2", **facts):
    defaults = {
        "messageId": message_id, "receiptHandle": "r", "body": '{"order_id": "88123"}', "eventSource": "aws:sqs",
        "eventSourceARN": ARN, "awsRegion": "eu-central-1", "messageAttributes": {},
        "attributes": {"ApproximateReceiveCount": "4", "SentTimestamp": str(NOW - 60_000),
                       "DeadLetterQueueSourceArn": SOURCE_ARN},
    }
    return {**defaults, **facts}


def marked(letter_key):
    return {MARKER: {"dataType": "String", "stringValue": letter_key, "stringListValues": [],
                     "binaryListValues": []}}


def taken(table, *records):
    return capture({"Records": list(records)}, connection(table))["batchItemFailures"]


def stored(table, message_id="m-2"):
    letter = dead_letters.get(table, PLACE, QUEUE, message_id)
    assert letter is not None
    return letter


class RefusingTable(MemoryTable):
    """Throttles every write that speaks of one message."""

    def __init__(self, message_id: str) -> None:
        super().__init__()
        self.message_id = message_id

    def put(self, key, item, condition=None):
        if key.sk == f"M#{self.message_id}":
            raise Throttled("memory is throttled")
        super().put(key, item, condition)


def test_a_message_is_taken_with_its_body_attributes_and_the_way_it_came():
    table = MemoryTable()
    queues.put(table, SOURCE)
    said = {"tier": {"dataType": "String", "stringValue": "gold"},
            "raw": {"dataType": "Binary.png", "binaryValue": base64.b64encode(b"\x00\xff").decode()}}
    assert taken(table, a_record(messageAttributes=said, body="grüße 💡")) == []
    letter = stored(table)
    assert (letter.body, letter.state, letter.captured_at) == ("grüße 💡", LetterState.DEAD, NOW)
    assert letter.destination == Destination(Way.SEND, SOURCE_ARN)
    assert letter.attributes == {"tier": MessageAttribute("String", "gold"),
                                 "raw": MessageAttribute("Binary.png", None, b"\x00\xff")}
    assert (letter.sent_at, letter.receive_count, letter.function) == (NOW - 60_000, 4, "fulfil")
    assert (letter.lineage, letter.life, letter.previous) == ("m-2", 1, None)


def test_only_what_the_table_refused_is_reported_as_failed():
    table = RefusingTable("m-3")
    assert taken(table, a_record("m-2"), a_record("m-3"), a_record("m-4")) == [{"itemIdentifier": "m-3"}]
    assert {letter.message_id for letter in dead_letters.of_queue(table, PLACE, QUEUE)} == {"m-2", "m-4"}


@pytest.mark.parametrize("broken", [
    {"body": None}, {"eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/s"},
    {"messageAttributes": {"raw": {"dataType": "Binary", "binaryValue": "not base64!"}}},
    {"messageAttributes": {"raw": "text"}}, {"attributes": ["no"]},
])
def test_a_record_that_cannot_be_read_stays_in_its_queue_and_does_not_hold_up_the_others(broken):
    table = MemoryTable()
    assert taken(table, a_record("m-1", **broken), a_record("m-2")) == [{"itemIdentifier": "m-1"}]
    assert stored(table).message_id == "m-2"


def test_an_event_without_records_takes_nothing():
    assert capture({}, connection(MemoryTable())) == {"batchItemFailures": []}


def test_the_same_delivery_again_changes_nothing():
    table = MemoryTable()
    taken(table, a_record())
    claimed = dead_letters.save(table, stored(table), replace(stored(table), state=LetterState.CLAIMED))
    assert taken(table, a_record()) == []
    assert stored(table) == claimed


def sent_back(table, **facts):
    letter = a_letter("m-1", state=LetterState.SENT, job_id="job-1", sent_message_id="m-2", attempts=1,
                      redriven_at=NOW - 5_000, **facts)
    dead_letters.capture(table, letter)
    return letter


def test_a_message_that_comes_back_is_the_next_life_of_the_letter_it_was():
    table = MemoryTable()
    earlier = sent_back(table)
    taken(table, a_record(messageAttributes=marked(earlier.key)))
    letter, before = stored(table), stored(table, "m-1")
    assert (letter.lineage, letter.life, letter.previous) == ("m-1", 2, earlier.key)
    assert (before.state, before.next, before.settled_at) == (LetterState.RETURNED, letter.key, NOW)
    (result,) = jobs.results(table, "job-1")
    assert (result.outcome, result.detail) == (Outcome.RETURNED, f"came back to {QUEUE} as m-2")


def test_a_capture_killed_after_any_write_is_finished_by_the_next_delivery():
    for writes in range(6):
        table = MemoryTable()
        record = a_record(messageAttributes=marked(sent_back(table).key))
        table.writes_left = writes
        try:
            taken(table, record)
        except Killed:
            table.writes_left = None
        table.writes_left = None
        assert taken(table, record) == []
        assert (stored(table).life, stored(table, "m-1").state) == (2, LetterState.RETURNED)


def test_a_return_whose_earlier_life_could_not_be_settled_is_delivered_again():
    table = MemoryTable()
    earlier = sent_back(table)
    whole = table.update
    def refused(*args, **kwargs):
        raise Throttled("memory is throttled")
    table.update = refused  # type: ignore[method-assign]
    record = a_record(messageAttributes=marked(earlier.key))
    assert taken(table, record) == [{"itemIdentifier": "m-2"}]
    table.update = whole  # type: ignore[method-assign]
    assert taken(table, record) == []
    assert stored(table, "m-1").state is LetterState.RETURNED


@pytest.mark.parametrize("marker", ["", "nonsense", "other/m-9", f"{QUEUE}/m-1", f"{QUEUE}/m-2"])
def test_a_marker_that_names_no_letter_that_was_sent_back_begins_a_lineage_of_its_own(marker):
    table = MemoryTable()
    dead_letters.capture(table, a_letter("m-1"))
    assert taken(table, a_record(messageAttributes=marked(marker))) == []
    assert (stored(table).life, stored(table).lineage) == (1, "m-2")
    assert stored(table, "m-1").state is LetterState.DEAD


def test_a_message_with_no_room_for_a_marker_is_known_by_the_id_it_was_sent_under():
    table = MemoryTable()
    sent_back(table)
    full = {f"a{number}": {"dataType": "String", "stringValue": "x"} for number in range(10)}
    taken(table, a_record(messageAttributes=full))
    assert stored(table).previous == f"{QUEUE}/m-1"


def test_an_event_that_fails_again_is_known_by_the_request_it_was_accepted_under():
    table = MemoryTable()
    dead_letters.capture(table, a_letter("m-1", state=LetterState.SENT, sent_message_id="request-9",
                                                redriven_at=NOW - 5_000))
    said = {"RequestID": {"dataType": "String", "stringValue": "request-9"},
            "ErrorCode": {"dataType": "Number", "stringValue": "200"},
            "ErrorMessage": {"dataType": "String", "stringValue": "boom"}}
    taken(table, a_record(messageAttributes=said, attributes={}))
    letter = stored(table)
    assert (letter.shape, letter.error_message, letter.previous) == (Shape.LAMBDA_ASYNC, "boom", f"{QUEUE}/m-1")
    assert stored(table, "m-1").state is LetterState.RETURNED


def test_letters_taken_before_their_queue_was_known_get_their_way_back_when_it_is():
    table = MemoryTable()
    taken(table, a_record("m-2", attributes={}), a_record("m-3", attributes={}))
    assert stored(table).destination.way is Way.NONE
    assert find_ways(table, PLACE, replace(DEAD, sources=())) == 0
    assert find_ways(table, PLACE, DEAD) == 2
    assert (stored(table).shape, stored(table).destination.arn) == (Shape.SQS_REDRIVE, SOURCE_ARN)
    assert find_ways(table, PLACE, DEAD) == 0
