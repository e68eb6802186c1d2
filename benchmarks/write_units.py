"""Write units, counted from the sizes of the items that are written: 1 KB each, twice in a transaction, and once more
in the index (twice where its key changes, which is counted so wherever it may)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from store.items import marshal
from store.keys import Key
from store.table import Condition, Table, Write

UNIT = 1_024
JOB_ROW = 1
"""Units of an update of a job's row, which is under a kilobyte."""


class Metered(Table):
    """A table that counts what is written through it."""

    units = 0

    def put(self, key: Key, item: Mapping[str, Any], condition: Condition | None = None) -> None:
        self.units += _units({**item, **key._asdict()})
        super().put(key, dict(item), condition)

    def update(self, key: Key, changes: Mapping[str, Any], condition: Condition | None = None) -> dict[str, Any]:
        item = super().update(key, changes, condition)
        self.units += _units(item)
        return item

    def write_together(self, writes: Sequence[Write]) -> None:
        for write in writes:
            whole = _units({**write.changes, **write.key._asdict()}) if write.whole else 2 * JOB_ROW
            self.units += 2 * whole if "open" not in write.changes else whole // 2 * 2 + whole
        super().write_together(writes)


def size(value: Any) -> int:
    """Bytes of one attribute value as DynamoDB counts them."""
    ((kind, inside),) = value.items()
    if kind == "S":
        return len(inside.encode("utf-8", "surrogatepass"))
    if kind == "B":
        return len(inside)
    if kind == "N":
        return len(inside) // 2 + 2
    if kind == "M":
        return 3 + sum(len(name) + size(one) + 1 for name, one in inside.items())
    return 3 + sum(size(one) + 1 for one in inside) if kind == "L" else 1


def _units(item: Mapping[str, Any]) -> int:
    """Of the table and, for open work, of the index."""
    kilobytes = -(-sum(len(name) + size(value) for name, value in marshal(item).items()) // UNIT)
    return kilobytes * 3 if "open" in item else kilobytes
