"""Payloads that could not be read, kept whole with the reason, so that a better reader can take them in later."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from store import keys
from store.items import SCHEMA_VERSION
from store.records import Place
from store.table import Table

KEEP_S = 14 * 86_400
"""As long as CloudWatch and SQS keep anything by default at most: longer, and the logs themselves may be gone."""
MAX_BYTES = 350_000
"""An item has 400 KB. A Kinesis record may have 1 MiB: of a larger one the beginning is kept, and said to be one."""


@dataclass(frozen=True, slots=True)
class Parked:
    """One payload as it came (base64 of gzip, mostly). `size` is its whole length in bytes."""

    at: int
    source: str
    reason: str
    data: bytes
    size: int


def put(table: Table, place: Place, source: str, reason: str, data: bytes) -> None:
    """Keep a payload; the same one again replaces itself."""
    name = hashlib.blake2b(data, digest_size=8).hexdigest()
    now = table.clock()
    table.put(keys.parked(place, name), {
        "v": SCHEMA_VERSION, "at": now, "source": source, "reason": reason, "data": data[:MAX_BYTES], "size": len(data),
        "ttl": now // 1000 + KEEP_S})


def of_place(table: Table, place: Place, limit: int | None = None) -> Iterator[Parked]:
    for item in table.query(keys.parked(place, "").pk, limit=limit):
        yield Parked(item["at"], item["source"], item["reason"], item["data"], item["size"])
