"""The table in memory, for tests that write it thousands of times. Items pass through the wire format."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from store.clock import Clock
from store.errors import ConditionLost, EndpointUnreachable, Throttled
from store.items import Item, marshal, unmarshal
from store.keys import Key
from store.table import Condition, Table
from tests.builders import FakeClock

_SIGNS = {"<": operator.lt, ">": operator.gt, "=": operator.eq}


class Killed(Exception):
    """The process ended between two writes."""


class Fault(StrEnum):
    REFUSED = "throttled, and not written"
    LOST = "written, and the answer lost"


class MemoryTable(Table):
    """Holds items by key. `writes_left` counts down; at zero the process is killed before the write. `faults` says of
    each write, as long as it says anything, what goes wrong with it."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.name = "memory"
        self.clock = clock or FakeClock()
        self.items: dict[Key, dict[str, Any]] = {}
        self.writes = 0
        self.writes_left: int | None = None
        self.faults: Iterator[Fault | None] = iter(())

    def get(self, key: Key) -> Item | None:
        found = self.items.get(key)
        return self._living(unmarshal(found)) if found else None

    def put(self, key: Key, item: Item, condition: Condition | None = None) -> None:
        self._check(key, condition)
        self._write(key, {**item, **key._asdict()})

    def update(self, key: Key, changes: Mapping[str, Any], condition: Condition | None = None) -> Item:
        self._check(key, condition)
        item = {**unmarshal(self.items.get(key, {})), **key._asdict(), **changes}
        self._write(key, {name: value for name, value in item.items() if value is not None})
        return unmarshal(self.items[key])

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        self._check(key, condition)
        fault = self._step()
        self.items.pop(key, None)
        _lose(fault)

    def query(self, pk: str, prefix: str = "", *, between: tuple[str, str] | None = None,
              newest_first: bool = False, limit: int | None = None) -> Iterator[Item]:
        low, high = between or (prefix, prefix + "\uffff")
        keys = sorted((key for key in self.items if key.pk == pk and low <= key.sk <= high), reverse=newest_first)
        living = [item for key in keys if (item := self.get(key)) is not None]
        return iter(living[:limit])

    def query_open(self, work: str, *, newest_first: bool = False, limit: int | None = None) -> Iterator[Item]:
        found = [item for key in sorted(self.items) if (item := self.get(key)) and item.get("open") == work]
        return iter(sorted(found, key=lambda item: item["open_at"], reverse=newest_first)[:limit])

    def count_open(self, work: str) -> int:
        return len(list(self.query_open(work)))

    def get_many(self, wanted: Iterable[Key]) -> list[Item]:
        return [item for key in dict.fromkeys(wanted) if (item := self.get(key)) is not None]

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        for key, item in items:
            self._write(key, {**item, **key._asdict()})

    def snapshot(self, *kinds: str) -> dict[Key, dict[str, Any]]:
        """Everything under partitions that begin with one of these letters, or all of it."""
        return {key: item for key, item in self.items.items() if key.pk.startswith(kinds or ("",))}

    def _write(self, key: Key, item: Item) -> None:
        fault = self._step()
        self.writes += 1
        self.items[key] = marshal(item)
        _lose(fault)

    def _step(self) -> Fault | None:
        """What comes before a write: the end of the process, a refusal, or word of what will come after it."""
        if self.writes_left is not None:
            if self.writes_left == 0:
                raise Killed
            self.writes_left -= 1
        fault = next(self.faults, None)
        if fault is Fault.REFUSED:
            raise Throttled("memory is throttled")
        return fault

    def _check(self, key: Key, condition: Condition | None) -> None:
        standing = self.items.get(key)
        if condition and not _holds(condition, unmarshal(standing) if standing else None):
            raise ConditionLost("memory", unmarshal(standing) if standing else None)


def _lose(fault: Fault | None) -> None:
    if fault is Fault.LOST:
        raise EndpointUnreachable("no answer from memory")


def _holds(condition: Condition, standing: Item | None) -> bool:
    return any(_term(term.strip(), condition, standing) for term in condition.expression.split(" OR "))


def _term(term: str, condition: Condition, standing: Item | None) -> bool:
    if term == "attribute_not_exists(pk)":
        return standing is None
    absent = re.fullmatch(r"attribute_not_exists\(#(\w+)\)", term)
    if absent:
        return standing is None or absent.group(1) not in standing
    compared = re.fullmatch(r"#(\w+) ([<>=]) :(\w+)", term)
    assert compared, f"the memory table does not know {term!r}"
    name, sign, value = compared.groups()
    if standing is None or name not in standing:
        return False
    return bool(_SIGNS[sign](standing[name], condition.values[value]))
