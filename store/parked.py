"""Payloads that could not be read, kept with the reason, so that a better reader can take them in later.

A row and its payload are two items: the rows are counted every minute, and a payload may have 350 KB."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from store import keys
from store.items import SCHEMA_VERSION, from_item, to_item
from store.records import Place
from store.table import Table

KEEP_S = 14 * 86_400
"""As long as CloudWatch and SQS keep anything by default at most: longer, and the logs themselves may be gone."""
MAX_BYTES = 350_000
"""An item has 400 KB. A Kinesis record may have more: of a larger one the beginning is kept, and said to be one."""


@dataclass(frozen=True, slots=True)
class Parked:
    """One payload (base64 of gzip, mostly), named by its content. `at` is when it came last, epoch ms; `size` its
    whole length in bytes."""

    name: str
    at: int
    source: str
    reason: str
    size: int

    @property
    def whole(self) -> bool:
        """Whether all of it is kept."""
        return self.size <= MAX_BYTES


def put(table: Table, place: Place, source: str, reason: str, data: bytes) -> Parked:
    """Keep a payload; the same one again replaces itself. The payload goes first: a row always has one."""
    now = table.clock()
    parked = Parked(hashlib.blake2b(data, digest_size=8).hexdigest(), now, source, reason, len(data))
    ttl = now // 1000 + KEEP_S
    table.put(keys.parked_data(place, parked.name), {"v": SCHEMA_VERSION, "data": data[:MAX_BYTES], "ttl": ttl})
    table.put(keys.parked(place, parked.name), {**to_item(parked), "ttl": ttl})
    return parked


def of_place(table: Table, place: Place, limit: int | None = None) -> Iterator[Parked]:
    for item in table.query(keys.parked(place, "").pk, limit=limit):
        yield from_item(Parked, item)


def data(table: Table, place: Place, name: str) -> bytes | None:
    """The payload as it came, or its first `MAX_BYTES`."""
    item = table.get(keys.parked_data(place, name))
    return item["data"] if item else None


def done(table: Table, place: Place, parked: Parked) -> None:
    """Give a payload up: it was read after all, or never will be. The row goes first, so that none is without one."""
    table.delete(keys.parked(place, parked.name))
    table.delete(keys.parked_data(place, parked.name))
