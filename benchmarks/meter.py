"""A table in memory that counts what DynamoDB would charge: 1 KB a write unit, also for a write that is refused; 4 KB
a read unit, read consistently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from benchmarks.write_units import size
from store.clock import Clock
from store.items import Item, marshal
from store.keys import Key
from store.table import Condition
from tests.collectors.memory import MemoryTable

WRITE_BYTES, READ_BYTES = 1_024, 4_096


class Meter(MemoryTable):
    """Units by kind of item (its partition key up to the first `#`), and write units by partition and minute."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.written: Counter[str] = Counter()
        self.read: Counter[str] = Counter()
        self.heat: Counter[tuple[str, int]] = Counter()
        self.sizes: dict[Key, int] = {}
        self.partitions: dict[str, set[Key]] = {}

    def reset(self) -> None:
        """Count from here on."""
        self.written, self.read, self.heat = Counter(), Counter(), Counter()

    def get(self, key: Key) -> Item | None:
        self.read[_kind(key.pk)] += max(1, -(-self.sizes.get(key, 0) // READ_BYTES))
        return super().get(key)

    def put(self, key: Key, item: Item, condition: Condition | None = None) -> None:
        self._charge(key, _bytes(key, item))
        super().put(key, item, condition)

    def update(self, key: Key, changes: Mapping[str, Any], condition: Condition | None = None) -> Item:
        item = super().update(key, changes, condition)
        self._charge(key, _bytes(key, item))
        return item

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        self._charge(key, self.sizes.pop(key, 1))
        super().delete(key, condition)
        self.partitions.get(key.pk, set()).discard(key)

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        for key, item in items:
            self._charge(key, _bytes(key, item))
            self._write(key, {**item, **key._asdict()})

    def query(self, pk: str, prefix: str = "", *, between: tuple[str, str] | None = None, newest_first: bool = False,
              limit: int | None = None) -> Iterator[Item]:
        low, high = between or (prefix, prefix + "\uffff")
        keys = sorted((key for key in self.partitions.get(pk, ()) if low <= key.sk <= high), reverse=newest_first)
        found = sum(self.sizes[key] for key in keys[:limit])
        self.read[_kind(pk)] += max(1, -(-found // READ_BYTES))
        living = [item for key in keys[:limit] if (item := super(Meter, self).get(key)) is not None]
        return iter(living)

    def query_open(self, work: str, *, newest_first: bool = False, limit: int | None = None) -> Iterator[Item]:
        """Nothing is anybody's work here."""
        self.read["index"] += 1
        return iter(())

    def _write(self, key: Key, item: Item) -> None:
        super()._write(key, item)
        self.sizes[key] = _bytes(key, item)
        self.partitions.setdefault(key.pk, set()).add(key)

    def _charge(self, key: Key, bytes_: int) -> None:
        units = -(-max(bytes_, self.sizes.get(key, 0)) // WRITE_BYTES)
        self.written[_kind(key.pk)] += units
        self.heat[key.pk, self.clock() // 60_000] += units


def _kind(pk: str) -> str:
    return pk.partition("#")[0]


def _bytes(key: Key, item: Mapping[str, Any]) -> int:
    return sum(len(name) + size(value) for name, value in marshal({**item, **key._asdict()}).items())
