"""What is told of dead-letter queues, and how often."""

from __future__ import annotations

from dataclasses import replace

from collectors import queue_alerts
from collectors.dead_letters import capture
from store import alerts, dead_letters
from store.alerts import AlertKind
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS
from store.recovery import Custody, Queue
from tests.builders import NOW, PLACE, QUEUE, a_letter
from tests.collectors.fakes import connection
from tests.collectors.memory import Fault, MemoryTable
from tests.collectors.test_dead_letters import a_record


def a_queue(visible: int, **facts) -> Queue:
    return replace(Queue(PLACE, QUEUE, f"arn:aws:sqs:eu-central-1:123456789012:{QUEUE}", "https://sqs/q", True,
                         visible=visible, in_flight=0, delayed=0, seen_at=NOW), **facts)


def told(table: MemoryTable) -> list[tuple[AlertKind, int | None]]:
    return [(alert.kind, alert.count) for alert in reversed(alerts.newest(table, PLACE, 50))]


def looked(table: MemoryTable, *counts: int, step: int = MINUTE_MS) -> None:
    before = None
    for number, count in enumerate(counts):
        before = queue_alerts.watched(table, before, a_queue(count), NOW + number * step)


def test_captured_messages_are_told_once_an_hour_with_how_many_wait():
    table = MemoryTable()
    for number in range(3):
        dead_letters.capture(table, a_letter(f"m-{number}"))
    for minutes in (0, 1, 3):
        queue_alerts.captured(table, PLACE, QUEUE, NOW + minutes * MINUTE_MS)
    assert told(table) == [(AlertKind.DEAD_LETTERS, 3)]
    queue_alerts.captured(table, PLACE, QUEUE, NOW + HOUR_MS)
    assert told(table) == [(AlertKind.DEAD_LETTERS, 3)] * 2


def test_a_watched_queue_is_told_of_when_it_holds_more_than_before():
    table = MemoryTable()
    looked(table, 0, 0, 4, 4, 4)
    assert told(table) == [(AlertKind.DEAD_LETTERS, 4)]


def test_what_it_held_when_it_was_first_seen_is_told_too():
    table = MemoryTable()
    looked(table, 7, 7)
    assert told(table) == [(AlertKind.DEAD_LETTERS, 7)]


def test_a_count_that_wavers_is_no_arrival():
    table = MemoryTable()
    looked(table, 7, 6, 7, 6, 7, step=HOUR_MS)
    assert told(table) == [(AlertKind.DEAD_LETTERS, 7)]


def test_messages_that_somebody_holds_are_still_in_the_queue():
    table = MemoryTable()
    before = queue_alerts.watched(table, a_queue(5), a_queue(0, in_flight=5), NOW)
    queue_alerts.watched(table, replace(before, waiting_before=None), a_queue(5), NOW)
    assert told(table) == []


def test_new_messages_after_others_left_are_told_again():
    table = MemoryTable()
    looked(table, 5, 0, 0, 5, step=HOUR_MS)
    assert told(table) == [(AlertKind.DEAD_LETTERS, 5)] * 2


def test_messages_that_expire_within_a_day_are_told_once():
    table = MemoryTable()
    known = a_queue(3, retention_s=14 * 86_400, oldest_age_s=13 * 86_400 + 3_600)
    for minutes in range(3):
        queue_alerts.watched(table, known, known, NOW + minutes * MINUTE_MS)
    (alert,) = alerts.newest(table, PLACE, 5)
    assert (alert.kind, alert.count) == (AlertKind.EXPIRING, 3)
    assert alert.message == "The oldest is gone after 2026-11-24 17:53 UTC."


def test_captured_queues_ordinary_queues_and_young_messages_are_left_alone():
    table = MemoryTable()
    for queue in (a_queue(3, custody=Custody.CAPTURED), a_queue(3, is_dead_letter_queue=False)):
        assert queue_alerts.watched(table, None, queue, NOW) == queue
    young = a_queue(3, retention_s=14 * DAY_MS // 1000, oldest_age_s=60)
    queue_alerts.watched(table, young, young, NOW)
    assert told(table) == []


def test_a_capture_that_could_not_be_told_comes_again_and_is_told_then():
    table = MemoryTable()
    event = {"Records": [a_record("m-1"), a_record("m-2")]}
    whole = MemoryTable()
    capture(event, connection(whole))
    told_last = whole.writes - 1
    table.faults = iter([None] * told_last + [Fault.REFUSED])
    assert capture(event, connection(table)) == {
        "batchItemFailures": [{"itemIdentifier": "m-1"}, {"itemIdentifier": "m-2"}]}
    assert told(table) == []
    assert capture(event, connection(table)) == {"batchItemFailures": []}
    assert told(table) == [(AlertKind.DEAD_LETTERS, 2)]
