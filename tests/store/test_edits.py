"""Contract of edits, on moto and on MiniStack."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from store import dead_letters, edits, keys
from store.errors import ConditionLost, StoreError
from store.recovery import DeadLetter, Edit, LetterState
from store.table import Table
from tests.builders import NOW, PLACE, QUEUE, a_letter


def an_edit(text: str = '{"fixed": "\ud800"}', name: str = "e1") -> Edit:
    return Edit(name, text, "ab" * 32, "cd" * 32, NOW, "ada", "cut short", '[{"op": "test", "path": "", "value": 1}]')


def stored(table: Table) -> DeadLetter:
    letter = dead_letters.get(table, PLACE, QUEUE, "m-1")
    assert letter is not None
    return letter


def edited(table: Table, edit: Edit | None) -> DeadLetter:
    return dead_letters.save(table, stored(table), replace(stored(table), edit=edit))


def test_an_edited_letter_comes_back_with_its_edit_and_its_original(table: Table):
    dead_letters.capture(table, a_letter(body="original"))
    edited(table, an_edit())
    assert (stored(table).edit, stored(table).body) == (an_edit(), "original")
    assert dead_letters.dead_in_queue(table, PLACE, QUEUE)[0].edit == an_edit()


def test_an_edit_taken_back_stays_in_the_table(table: Table):
    dead_letters.capture(table, a_letter())
    edited(table, an_edit())
    edited(table, None)
    edited(table, an_edit("other", "e2"))
    assert stored(table).edit == an_edit("other", "e2")
    assert sorted(one.id for one in edits.of_letter(table, stored(table))) == ["e1", "e2"]


def test_an_edit_of_one_mebibyte_is_kept_whole(table: Table):
    text = "".join(chr(33 + byte % 90) for byte in random.Random(8).randbytes(1_048_576))
    dead_letters.capture(table, a_letter())
    edited(table, an_edit(text))
    assert stored(table).edit == an_edit(text)


def test_a_journal_written_beside_keeps_the_edit(table: Table):
    dead_letters.capture(table, a_letter())
    edited(table, an_edit())
    dead_letters.save(table, stored(table), replace(stored(table), state=LetterState.CLAIMED, job_id="job-1"))
    assert (stored(table).edit, stored(table).state) == (an_edit(), LetterState.CLAIMED)


def test_an_edit_that_lost_its_race_is_named_by_no_letter(table: Table):
    dead_letters.capture(table, a_letter())
    before = stored(table)
    edited(table, an_edit())
    with pytest.raises(ConditionLost):
        dead_letters.save(table, before, replace(before, edit=an_edit("other", "e2")))
    assert stored(table).edit == an_edit()


@pytest.mark.parametrize("part", [0, 1])
def test_an_edit_that_lost_a_part_is_an_error_and_never_the_original(table: Table, part: int):
    text = "".join(chr(33 + byte % 90) for byte in random.Random(8).randbytes(900_000))
    dead_letters.capture(table, a_letter())
    edited(table, an_edit(text))
    table.delete(keys.dead_letter_edit(PLACE, QUEUE, "m-1", "e1", part))
    with pytest.raises(StoreError, match="has lost"):
        stored(table)
