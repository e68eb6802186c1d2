"""Rows as a table: aligned, cut, and unable to command a terminal."""

from __future__ import annotations

import pytest

from operations import terminal
from operations.terminal import Terminal
from tests.builders import a_letter


def test_columns_are_as_wide_as_their_widest_cell():
    assert terminal.table([{"id": "m-1", "n": 5}, {"id": "m-10", "n": None}]) == "ID    N\nm-1   5\nm-10  –"


def test_a_long_cell_is_cut_in_a_table():
    assert terminal.table([{"id": "x" * 99}]).splitlines()[1] == "x" * 59 + "…"


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\r", "\u202e", "\x9b1m", "\x07"])
def test_text_from_outside_cannot_command_the_terminal(hostile: str):
    assert terminal.printable(hostile).isprintable()
    assert terminal.table([{"error": hostile}]).count("\n") == 1


def test_json_has_every_fact_and_null_for_what_is_absent(capsys: pytest.CaptureFixture[str]):
    Terminal(as_json=True).one(terminal.facts(a_letter(body="\x1b")))
    printed = capsys.readouterr().out
    assert '"body": "\\u001b"' in printed
    assert '"job_id": null' in printed


def test_an_empty_list_is_a_sentence_or_an_empty_array(capsys: pytest.CaptureFixture[str]):
    Terminal().rows([], "Nothing waits.")
    Terminal(as_json=True).rows([], "Nothing waits.")
    assert capsys.readouterr().out == "Nothing waits.\n[]\n"
