"""How the last look into a queue went: what was seen, whether that was everything, and what looking cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from store import keys
from store.items import from_item, to_item
from store.records import Place
from store.table import Table

MAX_MESSAGES = 1_000
"""Of one look: 100 receives and 100 give-backs. What is over that is seen by no look, and the look says so."""
EMPTY_POLLS = 3
"""Long polls in a row that have to find nothing."""
BATCH = 10
"""Messages of one call."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look into one queue. Every message seen was received once more by it, and hidden until it was given back.

    `complete` means that nothing was in the queue that was not seen; only then does a letter that was not seen count
    as missing. `refused` says why nobody looked at all."""

    place: Place
    queue: str
    at: int
    took_ms: int = 0
    complete: bool = False
    seen: int = 0
    about: int | None = None
    """What the queue itself said it holds, approximately, before the look."""
    new: int = 0
    gone: int = 0
    watching: int = 0
    """Letters of this queue that wait in it, as the table knows them after the look."""
    requests: int = 0
    groups_locked_ms: int | None = None
    """How long the message groups of a FIFO queue stood still for this look."""
    refused: str | None = None
    problem: str | None = None


def cost(visible: int | None) -> int:
    """About how many requests a look into a queue makes that holds so many messages: attributes before and after,
    receives, the polls that find nothing more, give-backs. Each message is also received once more."""
    return 2 + 2 * -(-min(visible or 0, MAX_MESSAGES) // BATCH) + EMPTY_POLLS


def put(table: Table, look: Look) -> None:
    table.put(keys.look(look.place, look.queue), to_item(look))


def get(table: Table, place: Place, queue: str) -> Look | None:
    item = table.get(keys.look(place, queue))
    return from_item(Look, item) if item else None


def of_place(table: Table, place: Place) -> Iterator[Look]:
    """The last look into each queue, by the queue's name."""
    prefix = keys.look(place, "")
    for item in table.query(prefix.pk, prefix.sk):
        yield from_item(Look, item)
