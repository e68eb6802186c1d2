"""How far each source of a collector has been read, and what stood in the way: hundreds of log groups in one item,
because one each would be written every minute."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from store import keys
from store.items import SCHEMA_VERSION
from store.records import Place
from store.table import Table

MAX_PLAIN = 16 * 1_048_576
PER_ITEM = 2_000
"""Sources of about 100 bytes, compressed: far under an item's 400 KB."""


@dataclass(frozen=True, slots=True)
class SourceReading:
    """One source as a collector's last run left it. `reached_at` is the time (epoch ms) up to which its events are
    read; None when it never was. `tried_at` is when that was last tried."""

    source: str
    reached_at: int | None
    tried_at: int
    events: int = 0
    problem: str | None = None

    @property
    def lag_ms(self) -> int | None:
        """How far what is read was behind the present when it was tried."""
        return None if self.reached_at is None else max(0, self.tried_at - self.reached_at)


def put(table: Table, place: Place, collector: str, readings: Iterable[SourceReading]) -> int:
    """Replace what stands of a collector. Returns the number of items written."""
    rows = [[one.source, one.reached_at, one.tried_at, one.events, one.problem] for one in readings]
    chunks = [rows[start:start + PER_ITEM] for start in range(0, len(rows), PER_ITEM)] or [[]]
    for number, chunk in enumerate(chunks):
        packed = zlib.compress(json.dumps(chunk, separators=(",", ":")).encode())
        table.put(keys.source_readings(place, collector, number),
                  {"v": SCHEMA_VERSION, "of": len(chunks), "rows": packed})
    return len(chunks)


def of_collector(table: Table, place: Place, collector: str) -> list[SourceReading]:
    """Every source of a collector's last run, by name."""
    first = keys.source_readings(place, collector, 0)
    found: list[SourceReading] = []
    items = list(table.query(first.pk, f"{collector}#"))
    for item in items[:items[0]["of"] if items else 0]:  # what follows is left over from a run that had more sources
        plain = zlib.decompressobj().decompress(item["rows"], MAX_PLAIN)
        found += [SourceReading(*row) for row in json.loads(plain)]
    return sorted(found, key=lambda one: one.source)
