"""Out as lines of JSON and back: nothing lost, nothing believed that does not verify, nothing written over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from operations import letter_lines
from operations.errors import BadImport, NotAllowed, ReasonRequired, UnknownDeadLetters
from operations.export import Export, export
from operations.imports import Imported, import_letters
from operations.permissions import Actor
from store import audit_log, dead_letters
from store.recovery import DeadLetter, Edit, LetterState, MessageAttribute, Note
from store.table import Table
from tests.builders import NOW, PLACE, QUEUE, FakeClock, a_letter
from tests.operations.bench import ADA
from tests.tables import create_table

ROOT = Actor("grace@example.com", "admin")
WHY = "moving to another table"


def a_whole_letter(message_id: str = "m-1", body: str = "grüße \u202e \ud800 💡", **facts: Any) -> DeadLetter:
    sha = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    return a_letter(message_id, body=body, body_sha256=sha, error_message="boom secret", **{
        "attributes": {"tier": MessageAttribute("Number.int", "1e400"),
                       "raw": MessageAttribute("Binary.png", None, b"\x00\xff")},
        "system": {"MessageGroupId": "g"}, "life": 2, "lineage": "m-0", "previous": f"{QUEUE}/m-0",
        "notes": (Note(NOW, "bob", "discard", "why"),), "problem": "refused", "attempts": 3, "ambiguous": 1,
        "state": LetterState.NEEDS_OPERATOR, **facts})


def exported(table: Table, *message_ids: str, actor: Actor = ADA, bodies: bool = True) -> Export:
    return export(table, PLACE, table.clock, actor, True, queue=QUEUE, message_ids=message_ids, reason=WHY,
                  act_id="x-1", bodies=bodies)


def imported(table: Table, lines: list[str], actor: Actor = ROOT, reason: str = WHY) -> Imported:
    return import_letters(table, PLACE, table.clock, actor, True, lines=lambda: lines, reason=reason, act_id="i-1")


@pytest.fixture
def other(table: Table, clock: FakeClock) -> Table:
    create_table(table.client, "elsewhere")
    return Table(table.client, "elsewhere", clock)


def stored(table: Table, message_id: str = "m-1") -> DeadLetter:
    letter = dead_letters.get(table, PLACE, QUEUE, message_id)
    assert letter is not None
    return letter


def test_a_letter_comes_back_with_body_typed_attributes_journal_and_edit(table: Table, other: Table):
    text = '{"fixed": "\\ud800"}'
    edit = Edit("e1", text, hashlib.sha256(text.encode()).hexdigest(), "ab" * 32, NOW, "bob", "why", None)
    dead_letters.capture(table, a_whole_letter(edit=edit))
    dead_letters.capture(table, a_whole_letter("m-2", "plain", attributes={}))
    lines = list(exported(table, "m-1", "m-2").lines())
    assert all(line.isascii() and line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert imported(other, lines) == Imported(QUEUE, 2, 0)
    back, before = stored(other), stored(table)
    assert replace(back, notes=(), evidence=None) == replace(before, notes=(), evidence=None)
    assert back.evidence == "imported by grace@example.com, exported at 2026-11-23T18:53:20.000Z"
    assert [note.did for note in back.notes] == ["discard", "import"]


def test_importing_again_adds_nothing_and_no_journal_is_written_over(table: Table, other: Table):
    dead_letters.capture(table, a_whole_letter())
    lines = list(exported(table, "m-1").lines())
    imported(other, lines)
    standing = dead_letters.save(other, stored(other), replace(stored(other), state=LetterState.DISCARDED))
    assert imported(other, lines) == Imported(QUEUE, 0, 1)
    assert stored(other) == standing


def test_an_import_never_touches_the_parts_of_a_body_that_stands(table: Table, other: Table):
    large, small = "".join(chr(33 + n * 7_919 % 90 + n // 90 % 3) for n in range(1_000_000)), "plain"
    dead_letters.capture(other, a_whole_letter(body=large))
    dead_letters.capture(table, a_whole_letter(body=small))
    imported(other, list(exported(table, "m-1").lines()))
    assert stored(other).body == large


@pytest.mark.parametrize(("state", "said"), [(LetterState.CLAIMED, "was being sent"), (LetterState.SENT, "was sent")])
def test_what_was_under_way_is_in_doubt_after_an_import(table: Table, other: Table, state: LetterState, said: str):
    dead_letters.capture(table, a_whole_letter(state=state, job_id="job-0", redriven_at=NOW))
    imported(other, list(exported(table, "m-1").lines()))
    letter = stored(other)
    assert (letter.state, letter.ambiguous) == (LetterState.NEEDS_OPERATOR, 2)
    assert f"it {said} by redrive job-0 when it was exported" in (letter.problem or "")


def changed(number: int, **facts: Any) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        return [*lines[:number], json.dumps({**json.loads(lines[number]), **facts}), *lines[number + 1:]]
    return change


def forged(**facts: Any) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        line = {name: value for name, value in {**json.loads(lines[1]), **facts}.items() if name != "sha256"}
        return [lines[0], json.dumps({**line, "sha256": letter_lines.digest(line)}), *lines[2:]]
    return change


@pytest.mark.parametrize(("change", "said"), [
    (lambda lines: [], "first line"), (lambda lines: lines[1:], "first line"),
    (lambda lines: lines[:-1], "end is missing"), (lambda lines: [*lines, lines[1]], "after the end"),
    (lambda lines: [lines[0], lines[1], lines[-1]], "holds 1 letters, and not the 2"),
    (lambda lines: [lines[0], lines[2], lines[1], lines[3]], "not those its last line names"),
    (lambda lines: [lines[0], "{", *lines[2:]], "Line 2: it is not JSON"),
    (lambda lines: [lines[0], "[]", *lines[2:]], "Line 2: it is no object"),
    (changed(1, state="dead"), "Line 2: it is not as it was written"),
    (changed(0, region="mars"), "of account 123456789012 in mars"), (changed(0, count="2"), "no count"),
    (changed(0, v=2), "first line"), (changed(1, kind="other"), "Line 2: it is no letter"),
    (forged(body={"text": "other"}), "body is not the one whose sha256"),
    (forged(queue="other-dlq"), "Line 2: it is of other-dlq"), (forged(state="flying"), "cannot be read"),
    (forged(body={"base64": "?"}), "cannot be read"), (forged(message_id="../x#"), "its message id"),
    (forged(captured_at="soon"), "its journal"),
])
def test_what_does_not_verify_is_refused_whole(table: Table, other: Table, change: Any, said: str):
    dead_letters.capture(table, a_whole_letter())
    dead_letters.capture(table, a_whole_letter("m-2"))
    lines = change(list(exported(table, "m-1", "m-2").lines()))
    with pytest.raises(BadImport, match=said):
        imported(other, lines)
    assert dead_letters.of_queue(other, PLACE, QUEUE) == []
    assert audit_log.entries(other, PLACE, NOW) == []


def test_without_bodies_nothing_a_sender_wrote_goes_out_and_nothing_comes_back(table: Table, other: Table):
    dead_letters.capture(table, a_whole_letter(body="top secret"))
    lines = list(exported(table, "m-1", bodies=False).lines())
    assert not any(word in line for line in lines for word in ("secret", "1e400"))
    assert json.loads(lines[1])["attributes"] == {"raw": {"type": "Binary.png"}, "tier": {"type": "Number.int"}}
    with pytest.raises(BadImport, match="exported without its body"):
        imported(other, lines)


def test_who_may_not_takes_nothing_out_and_brings_nothing_in(table: Table):
    dead_letters.capture(table, a_whole_letter())
    with pytest.raises(NotAllowed):
        exported(table, "m-1", actor=Actor("eve", "viewer"))
    with pytest.raises(NotAllowed, match="to import takes admin"):
        imported(table, [], actor=ADA)
    with pytest.raises(ReasonRequired):
        imported(table, [], reason="")
    assert audit_log.entries(table, PLACE, NOW) == []


def outcome(table: Table) -> tuple[str | None, dict[str, str]]:
    (entry,) = audit_log.entries(table, PLACE, NOW)
    return entry.outcome, dict(entry.outcome_details)


def test_an_export_is_announced_before_the_first_line_and_counted_after_the_last(table: Table):
    dead_letters.capture(table, a_whole_letter())
    asked = exported(table, "m-1")
    assert outcome(table) == (None, {})
    assert asked.file_name == f"{QUEUE}-2026-11-23T185320.ndjson"
    list(asked.lines())
    assert outcome(table) == ("exported", {"letters": "1"})


def test_an_export_whose_reader_went_away_says_how_far_it_came(table: Table):
    dead_letters.capture(table, a_whole_letter())
    lines = exported(table, "m-1").lines()
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    assert outcome(table) == ("cut off", {"letters": "0"})


def test_an_export_of_a_letter_that_is_not_there_is_cut_off_with_the_reason(table: Table):
    with pytest.raises(UnknownDeadLetters):
        list(exported(table, "m-9").lines())
    assert outcome(table)[1]["error"].startswith(f"{QUEUE} holds no dead letter m-9")


def test_a_letter_named_twice_is_exported_once(table: Table):
    dead_letters.capture(table, a_whole_letter())
    assert json.loads(list(exported(table, "m-1", "m-1").lines())[0])["count"] == 1
