"""Payloads that could not be read: seen, fixed, read again."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner, Result

from collectors import deliveries
from collectors.__main__ import main
from store import parked
from tests.builders import PLACE
from tests.collectors.payload_stories import direct, document, kinesis, payload
from tests.collectors.stories import STREAM
from tests.collectors.test_deliveries import NOTHING_FAILED, Receiver
from tests.collectors.test_pushed import assert_counted, folded, life

EVENTS = life([0, 2], STREAM)
STRANGE = payload(document(EVENTS, messageType="DATA_MESSAGE_V2"))


@pytest.fixture
def receiver(monkeypatch) -> Receiver:
    made = Receiver()
    monkeypatch.setattr("collectors.parked_command.connect", lambda settings: made.connection)
    monkeypatch.setenv("LAMPLIGHT_TABLE", "memory")
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["parked", *words])


def name_of(receiver: Receiver) -> str:
    (one,) = parked.of_place(receiver.table, PLACE)
    return one.name


def test_what_is_parked_is_listed_with_its_reason_and_shown_as_it_came(receiver: Receiver):
    assert run("list").output == "No payload is parked.\n"
    receiver.take(direct(STRANGE))
    assert "unknown messageType" in run("list").output
    (row,) = json.loads(run("list", "--json").output)
    assert (row["name"], row["source"], row["size"]) == (name_of(receiver), "subscription", len(STRANGE))
    assert run("show", row["name"]).output == STRANGE
    assert run("show", "0").output == "Error: Nothing is parked under 0.\n"


def test_what_still_cannot_be_read_stays_parked(receiver: Receiver):
    receiver.take(direct(STRANGE))
    answer = run("replay", "--all")
    assert answer.exit_code == 1
    assert "unknown messageType" in answer.output
    assert len(receiver.parked()) == 1


def test_after_a_fix_it_is_read_and_parked_no_longer(receiver: Receiver, monkeypatch):
    refused = payload(document(EVENTS, logStream="a:b"))
    assert receiver.take(kinesis([refused, payload(document(EVENTS[:4]))])) == NOTHING_FAILED
    monkeypatch.setattr(deliveries, "LOG_STREAM", re.compile(".+"))
    name = name_of(receiver)
    assert run("replay", name).output == f"{name}  read\n"
    assert receiver.parked() == []
    assert receiver.table.snapshot("PARK") == {}
    folded(receiver.table)
    assert_counted(receiver.table, [EVENTS])


def test_of_a_payload_that_is_not_whole_nothing_is_read_again(receiver: Receiver):
    receiver.take(direct("x" * 400_000))
    answer = run("replay", "--all")
    assert (answer.exit_code, "only its beginning is kept" in answer.output) == (1, True)
    assert run("forget", name_of(receiver)).exit_code == 0
    assert receiver.table.snapshot("PARK") == {}


@pytest.mark.parametrize("words", [("replay",), ("forget",), ("replay", "a", "--all")])
def test_a_command_that_does_not_say_which_is_refused(receiver: Receiver, words: tuple[str, ...]):
    assert run(*words).exit_code == 2


def test_a_name_that_is_not_parked_is_told_and_nothing_is_done(receiver: Receiver):
    receiver.take(direct(STRANGE))
    assert run("forget", name_of(receiver), "other").output == "Error: Nothing is parked under other.\n"
    assert len(receiver.parked()) == 1
