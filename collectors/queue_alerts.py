"""What is worth telling about dead-letter queues: messages that arrive, and messages that are about to expire.

A queue is told of at most once an hour, however many messages come: who looks, sees the rest."""

from __future__ import annotations

from dataclasses import replace

from store import alerts, dead_letters
from store.alerts import Alert, AlertKind
from store.clock import DAY_MS, HOUR_MS, floor_to, utc
from store.queues import oldest_expires_at, waiting
from store.records import Place
from store.recovery import Custody, Queue
from store.table import Table

SOON_MS = DAY_MS
"""A message that expires within a day is told while there is still time."""


def captured(table: Table, place: Place, queue: str, now: int) -> None:
    """Messages of a queue were taken into the table. Raises StoreError."""
    name = _arrival(queue, now)
    if not alerts.stands(table, place, name):
        alerts.put(table, Alert(place, name, AlertKind.DEAD_LETTERS, now, queue=queue,
                                count=dead_letters.count_dead(table, place, queue)))


def watched(table: Table, before: Queue | None, queue: Queue, now: int) -> Queue:
    """Compare a queue whose messages stay in it with what it held before; it, to be kept for the next time.

    SQS counts approximately: what is no more than one of the last two looks counted is no arrival. Raises
    StoreError; the alerts go first, so that a run that is killed before the queue is kept finds the same again."""
    if queue.custody is not Custody.WATCHED or not queue.is_dead_letter_queue:
        return queue
    held, earlier = waiting(queue), waiting(before) if before else 0
    known = [count for count in (earlier, before.waiting_before if before else None) if count is not None]
    if held and held > max(known, default=held):
        alerts.put(table, Alert(queue.place, _arrival(queue.name, now), AlertKind.DEAD_LETTERS, now, queue=queue.name,
                                count=held))
    _expiring(table, queue, now)
    return replace(queue, waiting_before=earlier)


def _expiring(table: Table, queue: Queue, now: int) -> None:
    ends = oldest_expires_at(queue)
    if ends is None or ends - now > SOON_MS:
        return
    # The day of the end, as its minute moves with each look.
    name = f"expires#{queue.name}#{utc(ends):%Y%m%d}"
    alerts.put(table, Alert(queue.place, name, AlertKind.EXPIRING, now, queue=queue.name, count=waiting(queue),
                            message=f"The oldest is gone after {utc(ends):%Y-%m-%d %H:%M} UTC."))


def _arrival(queue: str, now: int) -> str:
    return f"dead#{queue}#{floor_to(now, HOUR_MS)}"
