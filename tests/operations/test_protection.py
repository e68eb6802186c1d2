"""What idempotency tables say of letters that would be sent."""

from __future__ import annotations

import json
from dataclasses import replace

import boto3
import pytest

from operations import worker
from operations.leased import PRESUME_MS
from operations.plan import plan
from operations.preflight import WarningKind
from operations.protection import KeyRule, checked, key_of, proof, rules
from store.errors import SettingsError
from store.items import marshal
from store.recovery import JobState, Outcome
from tests.builders import NOW, PLACE, QUEUE, a_letter
from tests.operations.bench import Bench

RULE = KeyRule("orders-fulfil", "orders-idempotency", "orders-fulfil.orders.fulfil.fulfil", "python", "/order_id")
ABC = "orders-fulfil.orders.fulfil.fulfil#ebd9f4c7b06cb0aaf5d13d80e49d8b90"
"""Powertools for Python, of the text abc."""


@pytest.fixture
def records(aws: boto3.Session) -> object:
    client = aws.client("dynamodb")
    client.create_table(TableName=RULE.table, BillingMode="PAY_PER_REQUEST",
                        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    return client


def warned(bench: Bench, client: object, *message_ids: str) -> dict[WarningKind, tuple[str, ...]]:
    planned = checked(bench.table, plan(bench.table, PLACE, QUEUE, message_ids), client, (RULE,))  # type: ignore[arg-type]
    return {one.kind: one.letters for one in planned.warnings}


def test_a_key_is_made_of_what_the_pointer_finds():
    assert key_of(RULE, a_letter(body='{"order_id": "abc"}')) == ABC
    assert key_of(RULE, a_letter(body='{"other": 1}')) is None
    assert key_of(RULE, a_letter(body="no json")) is None


@pytest.mark.parametrize(("record", "kind"), [
    ({"status": "COMPLETED", "expiration": NOW // 1000 + 60}, WarningKind.STORED_RESULT),
    ({"status": "INPROGRESS", "expiration": NOW // 1000 + 60, "in_progress_expiration": NOW + 5_000},
     WarningKind.LOCKED),
    ({"status": "INPROGRESS", "expiration": NOW // 1000 + 60}, WarningKind.STUCK),
    ({"status": "COMPLETED", "expiration": NOW // 1000 - 60}, None),
    ({"status": "INPROGRESS", "expiration": NOW // 1000 + 60, "in_progress_expiration": NOW - 5_000}, None),
])
def test_each_state_of_a_record_is_warned_of_as_what_it_means(bench: Bench, records: object,
                                                               record: dict[str, object], kind: WarningKind | None):
    bench.letters("m-1", body='{"order_id": "abc"}', function="orders-fulfil")
    bench.letters("m-2", body='{"order_id": "abc"}', function="another")
    records.put_item(TableName=RULE.table, Item=marshal({"id": ABC, **record}))  # type: ignore[attr-defined]
    assert warned(bench, records, "m-1", "m-2") == ({kind: ("m-1",)} if kind else {})


def test_a_letter_no_key_can_be_made_of_is_unprotected(bench: Bench, records: object):
    bench.letters("m-1", body='{"other": 1}', function="orders-fulfil")
    assert warned(bench, records, "m-1") == {WarningKind.UNPROTECTED: ("m-1",)}


def test_without_a_record_or_a_rule_nothing_is_warned_of(bench: Bench, records: object):
    bench.letters("m-1", body='{"order_id": "abc"}', function="orders-fulfil")
    assert warned(bench, records, "m-1") == {}
    planned = plan(bench.table, PLACE, QUEUE, ["m-1"])
    assert checked(bench.table, planned, records, ()) == planned  # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "outcome"), [("COMPLETED", Outcome.SUCCEEDED), ("INPROGRESS", Outcome.PRESUMED)])
def test_what_did_not_come_back_succeeded_when_its_record_is_completed(bench: Bench, records: object, status: str,
                                                                        outcome: Outcome):
    bench.ask(bench.letters("m-1", body='{"order_id": "abc"}', function="orders-fulfil"))
    bench.run()
    records.put_item(TableName=RULE.table, Item=marshal(  # type: ignore[attr-defined]
        {"id": ABC, "status": status, "expiration": NOW // 1000 + 86_400}))
    bench.clock.advance(PRESUME_MS)
    shown = proof(records, (RULE, replace(RULE, table="denied")), bench.clock)  # type: ignore[arg-type]
    worker.run(bench.table, bench.clock, {}, "w", lambda: 600_000, bench.pause, proof=shown)
    result = bench.results()["m-1"]
    assert (result.outcome, bench.job().state) == (outcome, JobState.DONE)
    assert ("is completed" in result.detail) is (outcome is Outcome.SUCCEEDED)


def test_rules_are_read_from_the_setting():
    rule = {"function": "f", "table": "t", "prefix": "p", "language": "java"}
    assert rules("") == ()
    assert rules(json.dumps([rule])) == (KeyRule("f", "t", "p", "java", ""),)


@pytest.mark.parametrize("text", ["{", "[1]", '[{"function": "f"}]', '{"a": 1}',
                                  '[{"function": "f", "table": 1, "prefix": "p", "language": "java"}]',
                                  '[{"function": "f", "table": "t", "prefix": "p", "language": "cobol"}]'])
def test_rules_that_cannot_be_read_name_the_setting(text: str):
    with pytest.raises(SettingsError, match="LAMPLIGHT_IDEMPOTENCY_KEYS"):
        rules(text)
