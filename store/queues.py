"""Queues as last looked at, with who feeds and who reads them."""

from __future__ import annotations

from collections.abc import Iterator

from store import keys
from store.clock import SECOND_MS
from store.items import from_item, to_item
from store.records import Place
from store.recovery import Custody, Queue
from store.table import Table

CAPTURE_SUFFIX = "-capture-dead-letters"
"""What the template names the function that takes dead letters into the table, after the stack's name."""


def put(table: Table, queue: Queue) -> None:
    table.put(keys.queue(queue.place, queue.name), to_item(queue))


def get(table: Table, place: Place, name: str) -> Queue | None:
    item = table.get(keys.queue(place, name))
    return from_item(Queue, item) if item else None


def waiting(queue: Queue) -> int | None:
    """Messages in it, as SQS counts them (approximately); None when it was never looked at."""
    known = [count for count in (queue.visible, queue.in_flight, queue.delayed) if count is not None]
    return sum(known) if known else None


def oldest_expires_at(queue: Queue) -> int | None:
    """When SQS drops the oldest message of a watched queue (epoch ms); None when none is known to be in it. Captured
    ones do not expire."""
    if queue.custody is Custody.CAPTURED or queue.oldest_age_s is None or not queue.retention_s or not queue.visible:
        return None
    return queue.seen_at + (queue.retention_s - queue.oldest_age_s) * SECOND_MS


def of_place(table: Table, place: Place) -> Iterator[Queue]:
    """Every known queue, by name."""
    for item in table.query(keys.queue(place, "").pk, keys.queue(place, "").sk):
        yield from_item(Queue, item)
