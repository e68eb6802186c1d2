"""Contract of `store.table`, on moto and on MiniStack."""

from __future__ import annotations

import pytest

from store.errors import ConditionLost, TableMissing
from store.keys import Key
from store.table import Condition, Table
from tests.builders import NOW, FakeClock


def test_what_is_put_comes_back_with_numbers_bytes_and_nesting_as_they_were(table: Table):
    facts = {"whole": 3, "part": 1.5, "flag": True, "raw": b"\x00\xff", "many": [1, "two", {"three": 3}], "map": {}}
    table.put(Key("a", "1"), facts)
    assert table.get(Key("a", "1")) == {**facts, "pk": "a", "sk": "1"}


def test_an_absent_fact_has_no_attribute(table: Table):
    table.put(Key("a", "1"), {"known": 1, "unknown": None})
    item = table.get(Key("a", "1"))
    assert item is not None
    assert "unknown" not in item


def test_a_missing_item_is_none(table: Table):
    assert table.get(Key("nobody", "here")) is None


def test_the_first_of_two_conditional_puts_wins(table: Table):
    assert table.put_if_absent(Key("a", "1"), {"who": "first"})
    assert not table.put_if_absent(Key("a", "1"), {"who": "second"})
    assert table.get(Key("a", "1")) == {"who": "first", "pk": "a", "sk": "1"}


def test_the_loser_of_a_conditional_write_is_handed_the_item_that_won(table: Table):
    table.put(Key("a", "1"), {"n": 5})
    with pytest.raises(ConditionLost) as lost:
        table.update(Key("a", "1"), {"n": 6}, Condition("#n = :seen", {"seen": 4}, ("n",)))
    assert lost.value.existing == {"n": 5, "pk": "a", "sk": "1"}


def test_an_older_version_never_wins(table: Table):
    assert table.put_if_newer(Key("a", "1"), {"n": 5}, "n")
    assert not table.put_if_newer(Key("a", "1"), {"n": 5}, "n")
    assert not table.put_if_newer(Key("a", "1"), {"n": 4}, "n")
    assert table.put_if_newer(Key("a", "1"), {"n": 6}, "n")


def test_an_update_sets_removes_and_returns_the_whole_item(table: Table):
    table.put(Key("a", "1"), {"keep": 1, "drop": 2})
    assert table.update(Key("a", "1"), {"drop": None, "add": 3}) == {"keep": 1, "add": 3, "pk": "a", "sk": "1"}


def test_a_query_follows_every_page_in_key_order(table: Table):
    table.put_many((Key("a", f"{n:03d}"), {"fill": "x" * 30_000}) for n in range(60))  # 1.8 MB, pages hold 1 MB
    assert [item["sk"] for item in table.query("a")] == [f"{n:03d}" for n in range(60)]


def test_a_query_can_run_newest_first_within_bounds_and_a_limit(table: Table):
    table.put_many((Key("a", f"{n:02d}"), {"n": n}) for n in range(10))
    found = table.query("a", between=("02", "08"), newest_first=True, limit=3)
    assert [item["n"] for item in found] == [8, 7, 6]


def test_expired_items_never_come_out(table: Table):
    table.put(Key("a", "1"), {"ttl": NOW // 1000 - 1})
    table.put(Key("a", "2"), {"ttl": NOW // 1000 + 60})
    assert table.get(Key("a", "1")) is None
    assert [item["sk"] for item in table.query("a")] == ["2"]
    assert table.get_many([Key("a", "1"), Key("a", "2")]) == [table.get(Key("a", "2"))]


def test_a_limit_counts_living_items_only(table: Table):
    table.put_many((Key("a", f"{n}"), {"ttl": NOW // 1000 + (60 if n % 2 else -60)}) for n in range(8))
    assert [item["sk"] for item in table.query("a", limit=2)] == ["1", "3"]


def test_many_keys_are_read_once_each_however_often_they_are_asked_for(table: Table):
    table.put_many((Key("a", f"{n:03d}"), {"n": n}) for n in range(130))  # a batch reads 100 keys at most
    wanted = [Key("a", f"{n:03d}") for n in range(130)] * 2 + [Key("a", "absent")]
    assert sorted(item["n"] for item in table.get_many(wanted)) == list(range(130))


def test_open_work_is_found_until_it_is_closed(table: Table):
    table.put(Key("a", "1"), {"open": "JOB", "open_at": 2})
    table.put(Key("a", "2"), {"open": "JOB", "open_at": 1})
    table.put(Key("a", "3"), {"n": 1})
    assert [item["sk"] for item in table.query_open("JOB")] == ["2", "1"]
    assert table.count_open("JOB") == 2
    table.update(Key("a", "2"), {"open": None, "open_at": None})
    assert [item["sk"] for item in table.query_open("JOB")] == ["1"]


def test_a_missing_table_is_said_in_one_sentence_with_what_to_do(table: Table):
    elsewhere = Table(table.client, "not-there", FakeClock())
    with pytest.raises(TableMissing) as missing:
        elsewhere.get(Key("a", "1"))
    assert "not-there" in missing.value.sentence
    assert "LAMPLIGHT_TABLE" in missing.value.advice
