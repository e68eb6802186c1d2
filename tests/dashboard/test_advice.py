from __future__ import annotations

import pytest

from dashboard.advice import Topic, of_fleet, of_function, source_name
from store.configured import Configuration, EventSource
from store.records import FunctionInfo
from store.recovery import Queue
from tests.builders import NOW, PLACE

ORDERS = "arn:aws:sqs:eu-central-1:123456789012:orders"
STREAM = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
INFO = FunctionInfo(PLACE, "fulfil", "g", runtime="python3.13", timeout_s=30)


def advised(source=None, info=INFO, **queue):
    known = {"visibility_timeout_s": 180, "dead_letter_arn": "arn:dlq", **queue}
    parts = Configuration(PLACE, "fulfil", sources=(source,) if source else ())
    return [(one.topic, one.words) for one in of_function(info, parts, {ORDERS: Queue(PLACE, "orders", ORDERS, "u",
                                                                                      **known)}, NOW)]


@pytest.mark.parametrize(("source", "queue", "topic", "words"), [
    (EventSource("m", ORDERS, "Disabled"), {}, Topic.SWITCHED_OFF,
     "does not read orders: the event source mapping is switched off"),
    (EventSource("m", ORDERS, "Enabled"), {"visibility_timeout_s": 179}, Topic.VISIBILITY,
     "visibility timeout of queue orders is 2 min 59 s, under 6 times the function's timeout of 30 s"),
    (EventSource("m", ORDERS, "Enabled"), {"dead_letter_arn": None}, Topic.NO_DEAD_LETTERS,
     "queue orders has no dead-letter queue: what keeps failing is lost in the end"),
    (EventSource("m", STREAM, "Enabled", max_retries=-1), {}, Topic.NO_DEAD_LETTERS,
     "a record of orders that keeps failing goes nowhere and holds up its shard until it expires"),
    (EventSource("m", STREAM, "Enabled", max_retries=3), {}, Topic.NO_DEAD_LETTERS,
     "a record of orders that keeps failing goes nowhere"),
])
def test_what_is_worth_changing_is_said_in_words(source, queue, topic, words):
    assert advised(source, **queue) == [(topic, words)]


@pytest.mark.parametrize("source", [
    None, EventSource("m", ORDERS, "Enabled"), EventSource("m", STREAM, "Enabled", on_failure_arn="arn:f"),
    EventSource("m", "arn:aws:sqs:eu-central-1:1:unknown", "Enabled"), EventSource("m", "topic", "Enabled"),
])
def test_what_is_well_or_unknown_needs_no_words(source):
    assert advised(source) == []


def test_a_dead_letter_queue_that_is_read_needs_none_of_its_own():
    assert advised(EventSource("m", ORDERS, "Enabled"), dead_letter_arn=None, is_dead_letter_queue=True) == []


def test_a_deleted_function_is_left_alone_and_the_gravest_comes_first():
    old = FunctionInfo(PLACE, "fulfil", "g", runtime="python3.8", timeout_s=30)
    gone = FunctionInfo(PLACE, "gone", "g", runtime="python3.8", deleted_at=NOW)
    parts = [Configuration(PLACE, "fulfil", sources=(EventSource("m", ORDERS, "Disabled"),))]
    found = of_fleet([old, gone], parts, [], NOW)
    assert [(one.function, one.topic) for one in found] == [("fulfil", Topic.SWITCHED_OFF), ("fulfil", Topic.RUNTIME)]


def test_a_source_is_named_as_people_know_it():
    assert [source_name(arn) for arn in (ORDERS, STREAM, "arn:aws:kinesis:r:1:stream/clicks", "topic", "")] == [
        "orders", "orders", "clicks", "topic", ""]
