"""Letters that wait for an operator, without their bodies: for whoever goes through all of a queue's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from store import keys
from store.items import from_item
from store.letter_items import spelled_out
from store.letters import Custody
from store.records import Place
from store.table import Table


@dataclass(frozen=True, slots=True)
class Waiting:
    """What decides about a waiting letter as long as nobody opens it."""

    message_id: str
    captured_at: int
    custody: Custody = Custody.CAPTURED
    sent_at: int | None = None
    expires_at: int | None = None
    archived_at: int | None = None


def waiting(table: Table, place: Place, queue: str, limit: int | None = None) -> Iterator[Waiting]:
    """Every letter of a queue that is nobody's yet or in a job's hands, the first sent first. One is held at a time:
    their bodies together can be more than a function's memory. From an index, so seconds old."""
    for item in table.query_open(keys.dead_in_queue(place, queue), limit=limit):
        yield from_item(Waiting, spelled_out(item))
