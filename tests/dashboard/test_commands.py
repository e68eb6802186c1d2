from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from dashboard import commands
from store.commands import Command, CommandState, Kind
from tests.builders import NOW, PLACE, QUEUE


def a_command(kind: Kind = Kind.LOOK, **facts: Any) -> Command:
    return Command(PLACE, "c-1", kind, QUEUE, "ada@example.com", "operator", "why not", NOW, NOW + 900_000, **facts)


@pytest.mark.parametrize(("command", "said"), [
    (a_command(), "Look into the queue"),
    (a_command(Kind.ARCHIVE, message_ids=("m-1", "m-2")), "Keep letters here: 2 messages"),
    (a_command(Kind.SWITCH, arguments={"to": "watched"}), "Switch custody: to watched"),
    (a_command(Kind.EXTEND, arguments={"days": "14"}), "Extend the retention: to 14 days"),
    (a_command(Kind.MOVE, arguments={"rate": "10"}), "Move everything back: at 10 a second"),
    (a_command(Kind.LOOK, arguments={"groups": "stop"}), "Look into the queue: FIFO groups stand still"),
    (a_command(Kind.STOP_MOVE, arguments={"odd": "thing", "none": ""}), "Stop moving: odd thing"),
])
def test_what_was_asked_is_a_few_words(command, said):
    assert commands.what(command) == said


@pytest.mark.parametrize(("facts", "later_ms", "state", "said"), [
    ({}, 0, CommandState.ASKED, "The worker takes it up within a minute."),
    ({}, 900_001, CommandState.EXPIRED, "No worker took it in time; nothing was done."),
    ({"state": CommandState.RUNNING}, 900_001, CommandState.RUNNING, "–"),
    ({"state": CommandState.RUNNING, "outcome": "Running: 3 of 9."}, 0, CommandState.RUNNING, "Running: 3 of 9."),
    ({"state": CommandState.DONE, "outcome": "Seen."}, 0, CommandState.DONE, "Seen."),
])
def test_what_came_of_it_is_told_as_it_stands(facts, later_ms, state, said):
    command = a_command(**facts)
    assert (commands.state(command, NOW + later_ms), commands.outcome(command, NOW + later_ms)) == (state, said)


def test_every_kind_and_state_has_words():
    assert set(commands.KINDS) == set(Kind)
    assert set(commands.STATES) == set(CommandState)


def test_each_command_is_a_printable_row():
    row = commands.frame([a_command(outcome="one\nline", state=CommandState.DONE)], NOW, UTC).iloc[0]
    assert (row["state"], row["what"], row["outcome"]) == ("done", "Look into the queue", "one line")
