"""Payloads as they are delivered: direct, through Kinesis, twice, cut, damaged, and with a table that fails."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.deliveries import deliver
from collectors.pushed import Push
from store import functions, parked, pushing, rollups
from store.clock import DAY_MS
from store.errors import ItemTooLarge, Throttled
from store.records import Place
from tests.builders import NOW, PLACE
from tests.collectors.fakes import connection
from tests.collectors.memory import Fault, MemoryTable
from tests.collectors.payload_stories import CONTROL, STREAM_ARN, direct, document, kinesis, payload
from tests.collectors.stories import STREAM
from tests.collectors.test_pushed import BEGAN, GROUP, assert_counted, deliveries, folded, life, streams

NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


class Receiver:
    """The deployed function: one table, one environment's memory."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.connection = connection(self.table)
        self.push = Push(self.table, self.table.clock)

    def take(self, event: dict[str, Any]) -> dict[str, Any]:
        return deliver(self.connection, self.push, event)

    def parked(self) -> list[tuple[str, str]]:
        return [(one.source, one.reason) for one in parked.of_place(self.table, PLACE)]


def test_a_payload_handed_over_directly_is_counted():
    receiver, events = Receiver(), life([0, 1, 2, 3], STREAM)
    assert receiver.take(direct(payload(document(events)))) == {}
    folded(receiver.table)
    assert_counted(receiver.table, [events])
    assert receiver.parked() == []


def test_records_of_a_shard_are_counted_and_none_is_reported_failed():
    receiver, one, other = Receiver(), life([0, 2], STREAM), life([1, 3], STREAM + "f")
    cut = [payload(document(one[:3])), payload(document(other)), payload(document(one[3:]))]
    assert receiver.take(kinesis(cut)) == NOTHING_FAILED
    folded(receiver.table)
    assert_counted(receiver.table, [one, other])


def test_several_documents_in_one_record_are_all_counted():
    receiver, one, other = Receiver(), life([0, 2], STREAM), life([1], STREAM + "f")
    receiver.take(kinesis([payload(document(one), document(other))]))
    folded(receiver.table)
    assert_counted(receiver.table, [one, other])


def test_delivered_again_it_is_not_counted_again_and_not_written_again():
    receiver, events = Receiver(), life([0, 1, 2, 3], STREAM)
    event = kinesis([payload(document(events[:5])), payload(document(events[5:]))])
    receiver.take(event)
    before = receiver.table.snapshot("D#", "I#", "ES#")
    receiver.take(event)
    assert receiver.table.snapshot("D#", "I#", "ES#") == before
    receiver.take(direct(payload(document(events))))
    folded(receiver.table)
    assert_counted(receiver.table, [events])


def test_a_control_message_writes_nothing():
    receiver = Receiver()
    assert receiver.take(direct(payload(CONTROL))) == {}
    assert receiver.take(kinesis([payload(CONTROL)])) == NOTHING_FAILED
    assert receiver.table.items == {}


def test_logs_of_another_account_are_that_accounts():
    receiver, elsewhere = Receiver(), Place("210987654321", PLACE.region)
    receiver.take(direct(payload(document(life([0], STREAM), owner=elsewhere.account))))
    receiver.take(direct(payload(document(life([0], STREAM), owner="somebody"))))
    assert [info.name for info in functions.of_place(receiver.table, elsewhere)] == ["orders"]
    assert pushing.places(receiver.table) == [PLACE, elsewhere]


def test_a_table_that_fails_gives_back_the_first_record_not_done_and_what_follows():
    receiver = Receiver()
    slices = [life([0], STREAM + "f" * number) for number in range(4)]
    receiver.take(kinesis([payload(document(slices[0]))]))
    batch = kinesis([payload(document(one)) for one in slices], first=49)
    receiver.table.faults = iter([None, None, None, Fault.REFUSED])
    answer = receiver.take(batch)
    (failed,) = answer["batchItemFailures"]
    assert failed["itemIdentifier"] in {"50", "51", "52"}
    again = [one for one in batch["Records"] if one["kinesis"]["sequenceNumber"] >= failed["itemIdentifier"]]
    assert receiver.take({"Records": again}) == NOTHING_FAILED
    folded(receiver.table)
    assert_counted(receiver.table, slices)


def test_a_table_that_fails_a_direct_delivery_is_told_so_that_it_comes_again():
    receiver = Receiver()
    receiver.table.faults = iter([Fault.REFUSED])
    with pytest.raises(Throttled):
        receiver.take(direct(payload(document(life([0], STREAM)))))


POISON = {
    "no data at all": (None, "without data"),
    "not base64": ("H4sIx", "not base64"),
    "words": (base64.b64encode(b"words").decode(), "no CloudWatch document"),
    "nothing": ("", "no CloudWatch document"),
    "damaged gzip": (base64.b64encode(b"\x1f\x8bxxxxxxxxxxxxx").decode(), "damaged"),
    "gzip cut short": (base64.b64encode(gzip.compress(b"{}" * 500, mtime=0)[:-12]).decode(), "cut short"),
    "a bomb": (base64.b64encode(gzip.compress(b"0" * 70_000_000, mtime=0)).decode(), "grows beyond 64 MB"),
    "another message": (payload({"messageType": "NEW", "logEvents": []}), "unknown messageType"),
    "no list of events": (payload({"messageType": "DATA_MESSAGE"}), "without a list of logEvents"),
    "an event without a message": (payload({"logGroup": GROUP, "logEvents": [{"id": "1"}]}), "without a message"),
    "a group that cannot be": (payload(document(life([0], STREAM), logGroup="x" * 513)), "group or stream that cannot"),
    "a stream that cannot be": (payload(document(life([0], STREAM), logStream="a:b")), "group or stream that cannot"),
}


@pytest.mark.parametrize("name", POISON)
def test_what_cannot_be_read_is_parked_whole_with_its_reason_and_the_shard_goes_on(name):
    data, reason = POISON[name]
    receiver, events = Receiver(), life([0, 2], STREAM)
    assert receiver.take(kinesis([data, payload(document(events))])) == NOTHING_FAILED
    ((source, said),) = receiver.parked()
    assert source == STREAM_ARN
    assert reason in said
    (kept,) = parked.of_place(receiver.table, PLACE)
    assert parked.data(receiver.table, PLACE, kept.name) == (data or "").encode()
    folded(receiver.table)
    assert_counted(receiver.table, [events])


@pytest.mark.parametrize("record", [None, 1, {}, {"kinesis": None}, {"kinesis": {}}])
def test_a_record_of_no_shape_is_parked_and_the_shard_goes_on(record):
    receiver = Receiver()
    assert receiver.take({"Records": [record]}) == NOTHING_FAILED
    assert len(receiver.parked()) == 1


@pytest.mark.parametrize("event", [{}, {"awslogs": None}, {"awslogs": {"data": 7}}, {"Records": None}])
def test_an_event_of_no_shape_is_parked(event):
    receiver = Receiver()
    assert receiver.take(event) == {}
    assert receiver.parked() == [("subscription", "a payload without data")]


def test_what_can_be_read_beside_what_cannot_is_counted():
    receiver, events = Receiver(), life([0, 2], STREAM)
    receiver.take(direct(payload(document(events), {"messageType": "NEW"})))
    folded(receiver.table)
    assert_counted(receiver.table, [events])
    assert [reason for _, reason in receiver.parked()] == ["a payload that holds no CloudWatch document"]


def test_a_payload_over_the_limit_of_an_item_keeps_its_beginning_and_its_size():
    receiver = Receiver()
    receiver.take(direct("x" * 1_000_001))
    (kept,) = parked.of_place(receiver.table, PLACE)
    assert (kept.size, kept.whole) == (1_000_001, False)
    assert parked.data(receiver.table, PLACE, kept.name) == b"x" * parked.MAX_BYTES


def test_what_no_table_can_hold_is_parked_instead_of_stopping_the_shard(monkeypatch):
    receiver = Receiver()

    def refuse(place: Place, events: object) -> int:
        raise ItemTooLarge("An item for memory is over DynamoDB's 400 KB limit.")

    monkeypatch.setattr(receiver.push, "take", refuse)
    assert receiver.take(kinesis([payload(document(life([0], STREAM)))])) == NOTHING_FAILED
    assert [reason for _, reason in receiver.parked()] == ["An item for memory is over DynamoDB's 400 KB limit."]


@settings(max_examples=80, deadline=None)
@given(st.data(), streams())
def test_a_shard_with_splits_duplicates_and_a_failing_table_gives_the_straight_count(data, of):
    receiver = Receiver()
    slices = [payload(document(one)) for one in data.draw(deliveries(of))]
    poison = payload({"messageType": "NEW"})
    records = kinesis([*slices, poison, *data.draw(st.lists(st.sampled_from(slices), max_size=3))])["Records"]
    receiver.table.faults = iter(data.draw(st.lists(st.sampled_from([None, None, *Fault]), max_size=40)))
    waiting, batches = list(records), 0
    while waiting:
        size = data.draw(st.integers(1, 4)) if batches < 20 else len(waiting)
        batches += 1
        batch, waiting = waiting[:size], waiting[size:]
        failures = receiver.take({"Records": batch})["batchItemFailures"]
        numbers = [one["kinesis"]["sequenceNumber"] for one in batch]
        if failures:
            waiting = batch[numbers.index(failures[0]["itemIdentifier"]):] + waiting
    assert len(receiver.parked()) == 1
    receiver.table.faults = iter(())
    folded(receiver.table)
    assert_counted(receiver.table, of)
    days = rollups.days(receiver.table, PLACE, "orders", BEGAN - DAY_MS, NOW + DAY_MS)
    reports = [event for one in of for event in one if event.message.startswith("REPORT")]
    assert sum(one.invocations for one in days) == len(reports)
