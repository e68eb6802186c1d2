"""What is about to expire, on moto and on MiniStack."""

from __future__ import annotations

from store import dead_letters, looks, queues
from store.clock import DAY_MS, HOUR_MS
from store.deadlines import Expiring, expiring
from store.looks import Look
from store.recovery import Custody, Queue
from store.table import Table
from tests.builders import NOW, PLACE, QUEUE, a_letter


def watch(table: Table, name: str = QUEUE, **facts: object) -> None:
    defaults = {"is_dead_letter_queue": True, "retention_s": 345_600, "seen_at": NOW}
    queues.put(table, Queue(PLACE, name, f"arn:aws:sqs:eu-central-1:123456789012:{name}", f"https://sqs/{name}",
                            **{**defaults, **facts}))  # type: ignore[arg-type]


def put(table: Table, message_id: str, in_ms: int | None, queue: str = QUEUE, **facts: object) -> None:
    defaults = {"custody": Custody.WATCHED, "expires_at": None if in_ms is None else NOW + in_ms}
    dead_letters.capture(table, a_letter(message_id, queue=queue, **{**defaults, **facts}))


def test_letters_that_expire_within_the_time_are_named_soonest_first(table: Table):
    watch(table)
    looks.put(table, Look(PLACE, QUEUE, NOW, complete=True))
    put(table, "later", 3 * HOUR_MS)
    put(table, "soon", HOUR_MS)
    put(table, "next-week", 7 * DAY_MS)
    put(table, "unknown", None)
    put(table, "archived", HOUR_MS, archived_at=NOW)
    put(table, "ours", None, custody=Custody.CAPTURED)
    assert expiring(table, PLACE, NOW, 6 * HOUR_MS) == [Expiring(QUEUE, NOW + HOUR_MS, ("soon", "later"))]
    assert expiring(table, PLACE, NOW, 60_000) == []


def test_a_look_that_was_not_complete_leaves_open_how_many_more_there_are(table: Table):
    watch(table)
    looks.put(table, Look(PLACE, QUEUE, NOW, complete=False))
    put(table, "soon", HOUR_MS)
    (found,) = expiring(table, PLACE, NOW, DAY_MS)
    assert (found.count, found.more) == (1, True)


def test_a_queue_nobody_looked_into_is_judged_by_its_oldest_message(table: Table):
    watch(table, visible=9, oldest_age_s=345_600 - 1_800)
    watch(table, "fresh-dlq", visible=9, oldest_age_s=60)
    watch(table, "empty-dlq", visible=0, oldest_age_s=345_600)
    watch(table, "captured-dlq", visible=9, oldest_age_s=345_600, custody=Custody.CAPTURED)
    assert expiring(table, PLACE, NOW, HOUR_MS) == [Expiring(QUEUE, NOW + 1_800_000, more=True)]
    looks.put(table, Look(PLACE, QUEUE, NOW, complete=True))
    assert expiring(table, PLACE, NOW, HOUR_MS) == []


def test_queues_stand_in_the_order_of_their_deadlines(table: Table):
    for name, hours in (("a-dlq", 5), ("b-dlq", 1)):
        watch(table, name)
        put(table, "m-1", hours * HOUR_MS, name)
    assert [one.queue for one in expiring(table, PLACE, NOW, DAY_MS)] == ["b-dlq", "a-dlq"]
