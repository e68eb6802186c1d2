"""`python -m operations dead-letters discard|undo|release|edit|restore|export|import`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operations.__main__ import main
from store import audit_log, dead_letters, keys
from store.recovery import LetterState
from tests.builders import NOW, PLACE, QUEUE
from tests.operations.bench import Bench

BODY = '{"order_id": "88123", "n": 1e400}'
REASON = ("--reason", "the id was cut short")


@pytest.fixture(autouse=True)
def admin(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LAMPLIGHT_TABLE": "lamplight", "LAMPLIGHT_WRITES": "on", "LAMPLIGHT_ROLE": "admin",
                        "LAMPLIGHT_ACTOR": "grace@example.com"}.items():
        monkeypatch.setenv(name, value)
    bench.letters("m-1", body=BODY, body_sha256=hashlib.sha256(BODY.encode()).hexdigest())


def command(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["dead-letters", *words], input=given)


def answered(*words: str) -> Any:
    result = command(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_letter_is_discarded_and_brought_back(bench: Bench):
    assert answered("discard", QUEUE, "--id", "m-1", *REASON) == [{"message id": "m-1", "done": True, "why not": ""}]
    assert bench.letter().state is LetterState.DISCARDED
    assert "it is discarded" in command("discard", QUEUE, "--id", "m-1", *REASON).output
    answered("undo", QUEUE, "--id", "m-1", *REASON)
    assert bench.letter().state is LetterState.DEAD


def test_a_letter_is_released_from_quarantine(bench: Bench):
    bench.letters("m-2", state=LetterState.QUARANTINED)
    assert answered("release", QUEUE, "--id", "m-2", *REASON)[0]["done"]
    assert bench.letter("m-2").state is LetterState.DEAD


def test_an_edit_is_shown_first_and_done_with_the_digest_that_was_shown(bench: Bench, tmp_path: Path):
    patch = tmp_path / "patch.json"
    patch.write_text('[{"op": "replace", "path": "/order_id", "value": "99"}]')
    words = ("edit", QUEUE, "--id", "m-1", "--patch", str(patch))
    assert '+  "order_id": "99",' in command(*words).output
    assert bench.letter().edit is None
    digest = answered(*words)["digest"]
    assert digest in command(*words).output
    assert answered(*words, "--digest", digest, *REASON)[0]["done"]
    edit = bench.letter().edit
    assert edit is not None
    assert edit.text == '{"order_id": "99", "n": 1e400}'
    assert answered("restore", QUEUE, "--id", "m-1", *REASON)[0]["done"]
    assert bench.letter().edit is None


def test_an_edit_that_was_not_shown_is_refused(bench: Bench, tmp_path: Path):
    text = tmp_path / "text.json"
    text.write_text("{}")
    refused = command("edit", QUEUE, "--id", "m-1", "--text", str(text), "--digest", "00", *REASON)
    assert (refused.exit_code, "is not what was shown any more" in refused.output) == (2, True)
    assert bench.letter().edit is None


@pytest.mark.parametrize("pipe", [True, False])
def test_an_export_is_imported_from_a_file_or_a_pipe(bench: Bench, tmp_path: Path, pipe: bool):
    file = tmp_path / "letters.ndjson"
    assert command("export", QUEUE, "--id", "m-1", "--out", str(file), *REASON).exit_code == 0
    assert command("export", QUEUE, "--id", "m-1", *REASON).output.count("\n") == 3
    bench.table.delete(keys.dead_letter(PLACE, QUEUE, "m-1"))
    result = command("import", "-" if pipe else str(file), *REASON, given=file.read_text() if pipe else None)
    assert "Letters restored to orders-fulfil-dlq: 1. There already: 0." in result.output
    assert bench.letter().body == BODY
    assert answered("import", str(file), *REASON) == {"queue": QUEUE, "new": 0, "standing": 1}


def test_a_file_that_is_no_export_is_refused_in_a_sentence(bench: Bench, tmp_path: Path):
    file = tmp_path / "letters.ndjson"
    file.write_text("{}\n")
    refused = command("import", str(file), *REASON)
    assert (refused.exit_code, "Traceback" in refused.output) == (2, False)
    assert "Line 1: its first line does not say" in refused.output


def test_each_act_has_its_entry_in_the_audit(bench: Bench, tmp_path: Path):
    command("discard", QUEUE, "--id", "m-1", *REASON)
    command("export", QUEUE, "--id", "m-1", "--no-bodies", *REASON)
    entries = [entry for month in (NOW, bench.letter().notes[-1].at)
               for entry in audit_log.entries(bench.table, PLACE, month)]
    assert {(entry.action, entry.outcome) for entry in entries} == {("discard", "done"), ("export", "exported")}
    assert len(dead_letters.of_queue(bench.table, PLACE, QUEUE)) == 1
