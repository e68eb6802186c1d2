"""`python -m operations idempotency`, as people and scripts use it."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from operations import idempotency as records
from operations.__main__ import main
from tests.operations.bench import Bench
from tests.operations.test_idempotency import create, put


@pytest.fixture(autouse=True)
def client(bench: Bench, aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {"LAMPLIGHT_TABLE": "lamplight", "LAMPLIGHT_WRITES": "on", "LAMPLIGHT_ROLE": "operator",
                        "LAMPLIGHT_IDEMPOTENCY_TABLES": "payments"}.items():
        monkeypatch.setenv(name, value)
    client = aws.client("dynamodb")
    create(client, "payments")
    now = int(time.time())
    put(client, "payments", id="stuck", status="INPROGRESS", expiration=now + 600)
    put(client, "payments", id="done", status="COMPLETED", expiration=now + 900, data='{"paid": true}')
    return client


def command(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["idempotency", *words], input=given)


def test_one_record_is_explained():
    output = command("show", "payments", "done").output
    assert output.startswith("It ran. Duplicates get the stored result until ")
    assert '{"paid": true}' in output
    assert json.loads(command("show", "payments", "done", "--json").output)["state"] == "completed"


def test_the_newest_records_are_listed():
    assert [row["key"] for row in json.loads(command("show", "payments", "--json").output)] == ["done", "stuck"]


def test_a_listing_that_did_not_read_all_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(records, "SCAN_ITEMS", 1)
    assert "The table is larger than the 1 rows that were read." in command("show", "payments").output


def test_what_is_in_progress_is_listed_with_the_reason():
    (row,) = json.loads(command("stuck", "payments", "--json").output)
    assert (row["key"], row["state"]) == ("stuck", "stuck")
    assert "no Lambda context was registered" in row["explanation"]


def test_a_key_is_computed_from_an_option_or_standard_input():
    expected = "orders-pay#69n0x7BssKr10T2A5J2LkA==\n"
    assert command("key", "orders-pay", "--language", "typescript", "--payload", '"abc"').output == expected
    assert command("key", "orders-pay", "--language", "typescript", given='"abc"\n').output == expected
    as_json = command("key", "orders-pay", "--language", "typescript", "--payload", '"abc"', "--json").output
    assert json.loads(as_json)["key"] == expected.strip()


def test_a_stuck_record_is_released(client: Any):
    output = command("release", "payments", "stuck", "--reason", "its function is gone", "--window", "3600").output
    assert "The next attempt with this key runs." in output
    assert records.look(client, "payments", "stuck") is None


@pytest.mark.parametrize(("words", "said"), [
    (("show", "payments", "nobody"), "payments holds no record nobody"),
    (("release", "payments", "nobody", "--reason", "it is stuck", "--window", "60"), "holds no record nobody"),
    (("release", "payments", "done", "--reason", "it is stuck", "--window", "60"), "It completed"),
    (("show", "lamplight"), "lamplight is not among the idempotency tables of the settings"),
    (("key", "f", "--language", "java", "--payload", "abc"), "The payload is not JSON"),
])
def test_what_cannot_be_done_is_one_sentence_and_exit_code_two(words: tuple[str, ...], said: str):
    result = command(*words)
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert said in result.output


def test_a_viewer_releases_nothing(client: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LAMPLIGHT_ROLE", "viewer")
    result = command("release", "payments", "stuck", "--reason", "its function is gone", "--window", "3600")
    assert "to release takes operator" in result.output
    assert records.look(client, "payments", "stuck") is not None
