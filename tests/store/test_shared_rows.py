"""Contract of rows that share items, on moto and on MiniStack: no writer loses another's."""

from __future__ import annotations

import pytest

from store import keys, shared_rows
from store.errors import ConditionLost, StoreError
from store.table import Table
from tests.builders import PLACE
from tests.collectors.memory import MemoryTable


def naming(number: int) -> keys.Key:
    return keys.live(PLACE, number)


def put(value):
    return lambda _: value


def test_rows_are_written_read_and_removed_by_name(table: Table):
    assert shared_rows.read(table, naming) == {}
    assert shared_rows.change(table, naming, {"a": put(1), "b": put([2, None])}) == 1
    assert shared_rows.change(table, naming, {"a": put(1)}) == 0
    assert shared_rows.change(table, naming, {"a": lambda row: (row or 0) + 1, "b": put(None), "c": put(None)}) == 1
    assert shared_rows.read(table, naming) == {"a": 2}


def test_many_rows_stand_over_several_items_and_stay_where_they_are(table: Table):
    names = [f"f{number:03d}" for number in range(25)]
    assert shared_rows.change(table, naming, {name: put(0) for name in names}, per_item=10) == 3
    assert shared_rows.change(table, naming, {"f011": put(1)}, per_item=10) == 1
    assert shared_rows.change(table, naming, {name: put(None) for name in names[:20]}, per_item=10) == 2
    assert shared_rows.change(table, naming, {"new": put(1)}, per_item=10) == 1
    assert shared_rows.read(table, naming).keys() == {*names[20:], "new"}


class Meeting(MemoryTable):
    """Another writer gets there first, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def put(self, key, item, condition=None):
        if condition is not None and self.times:
            self.times -= 1
            other = MemoryTable(self.clock)
            other.items = self.items
            shared_rows.change(other, naming, {"theirs": lambda row: (row or 0) + 1})
            raise ConditionLost("somebody was first", None)
        super().put(key, item, condition)


def test_whoever_loses_reads_again_and_nothing_is_lost():
    table = Meeting(times=3)
    assert shared_rows.change(table, naming, {"mine": lambda row: (row or 0) + 1}) == 1
    assert shared_rows.read(table, naming) == {"mine": 1, "theirs": 3}


def test_whoever_always_loses_says_so():
    with pytest.raises(StoreError, match="all the time"):
        shared_rows.change(Meeting(times=1_000), naming, {"mine": put(1)})
