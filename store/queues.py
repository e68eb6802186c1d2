"""Queues as last looked at, with who feeds and who reads them."""

from __future__ import annotations

from collections.abc import Iterator

from store import keys
from store.items import from_item, to_item
from store.records import Place
from store.recovery import Queue
from store.table import Table

CAPTURE_SUFFIX = "-capture-dead-letters"
"""What the template names the function that takes dead letters into the table, after the stack's name."""


def put(table: Table, queue: Queue) -> None:
    table.put(keys.queue(queue.place, queue.name), to_item(queue))


def get(table: Table, place: Place, name: str) -> Queue | None:
    item = table.get(keys.queue(place, name))
    return from_item(Queue, item) if item else None


def of_place(table: Table, place: Place) -> Iterator[Queue]:
    """Every known queue, by name."""
    for item in table.query(keys.queue(place, "").pk, keys.queue(place, "").sk):
        yield from_item(Queue, item)
