"""Many small rows in few items, changed by several writers without losing one: a write costs by the item and by the
kilobyte, so what a run changes of every function, or of every log group, is written as one.

Each item carries a revision and is replaced only on the one that was read; whoever loses reads again and applies its
changes to what then stands."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from store.errors import ConditionLost, StoreError
from store.items import SCHEMA_VERSION
from store.keys import Key
from store.table import ABSENT, Condition, Table

PER_ITEM = 200
"""Rows of up to a kilobyte, compressed to about a third: an item has 400 KB. Of small rows there may be more."""
MAX_PLAIN = 16 * 1_048_576
ATTEMPTS = 20
"""Two or three writers a minute meet; twenty lost races in a row are no coincidence."""

Row = Any
"""What JSON holds."""
Change = Callable[[Row | None], Row | None]
"""From what stands (None: nothing) to what is to stand (None: nothing)."""
Naming = Callable[[int], Key]
"""The key of the item with a number."""


@dataclass(frozen=True, slots=True)
class _Item:
    number: int
    revision: int
    rows: dict[str, Row]


def read(table: Table, naming: Naming) -> dict[str, Row]:
    """Every row, by name."""
    found: dict[str, Row] = {}
    for item in _items(table, naming):
        found |= item.rows
    return found


def change(table: Table, naming: Naming, changes: Mapping[str, Change], per_item: int = PER_ITEM) -> int:
    """Apply changes to the rows of these names. Returns the number of items written: none when all stands as wanted.
    Raises StoreError when others write without end."""
    wrote = 0
    for _ in range(ATTEMPTS):
        items = _items(table, naming)
        lost = False
        for number, rows in _changed(items, changes, per_item).items():
            if _put(table, naming(number), rows, next((one for one in items if one.number == number), None)):
                wrote += 1
            else:
                lost = True
        if not lost:
            return wrote
    raise StoreError("Others changed the same rows all the time; nothing was lost, the next run goes on.",
                     "See whether more collectors run than one per place.")


def _items(table: Table, naming: Naming) -> list[_Item]:
    first = naming(0)
    prefix = first.sk.rpartition("#")[0]
    return [_Item(item["number"], item["revision"], _unpacked(item["rows"]))
            for item in table.query(first.pk, f"{prefix}#" if prefix else "")]


def _changed(items: list[_Item], changes: Mapping[str, Change], per_item: int) -> dict[int, dict[str, Row]]:
    """Items that have to be written, by number, with all their rows. The fullest are left alone by new rows."""
    rows = {item.number: dict(item.rows) for item in items}
    where = {name: item.number for item in items for name in item.rows}
    for name, apply in changes.items():
        number = where.get(name)
        if number is None:
            number = min(rows, key=lambda one: (len(rows[one]) >= per_item, one), default=0)
            if len(rows.get(number, ())) >= per_item:
                number = max(rows) + 1
        standing = rows.setdefault(number, {})
        wanted = apply(standing.get(name))
        if wanted is None:
            standing.pop(name, None)
        else:
            standing[name] = wanted
    before = {item.number: item.rows for item in items}
    return {number: found for number, found in rows.items() if found != before.get(number, {})}


def _put(table: Table, key: Key, rows: dict[str, Row], standing: _Item | None) -> bool:
    seen = ABSENT if standing is None else Condition("#revision = :seen", {"seen": standing.revision}, ("revision",))
    number = int(key.sk.rpartition("#")[2])
    try:
        table.put(key, {"v": SCHEMA_VERSION, "number": number, "revision": standing.revision + 1 if standing else 1,
                        "rows": _packed(rows)}, seen)
    except ConditionLost:
        return False
    return True


def _packed(rows: dict[str, Row]) -> bytes:
    return zlib.compress(json.dumps(rows, separators=(",", ":"), sort_keys=True).encode(), 9)


def _unpacked(packed: bytes) -> dict[str, Row]:
    rows: dict[str, Row] = json.loads(zlib.decompressobj().decompress(packed, MAX_PLAIN))
    return rows
