"""Reading idempotency tables: records as Powertools itself writes them, and as the classic schema has them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig

from operations import idempotency
from operations.errors import UnknownKeySchema
from operations.idempotency import RecordState, Schema, describe, look, recent, stuck
from operations.idempotency_record import decode
from store.errors import TableMissing
from store.items import marshal
from tests.builders import NOW

NOW_S = NOW // 1000


def create(client: Any, name: str, partition: str = "id", sort: str | None = None, kind: str = "S") -> None:
    names = [(partition, "HASH"), *([(sort, "RANGE")] if sort else [])]
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": kind} for one, _ in names],
        KeySchema=[{"AttributeName": one, "KeyType": key} for one, key in names],
    )


def put(client: Any, name: str, **item: Any) -> None:
    client.put_item(TableName=name, Item=marshal(item))


@pytest.fixture
def client(aws: boto3.Session):
    return aws.client("dynamodb")


def powertools(client: Any, monkeypatch: pytest.MonkeyPatch, remaining_ms: int | None = 30_000,
               **options: Any) -> DynamoDBPersistenceLayer:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orders-pay")
    layer = DynamoDBPersistenceLayer("payments", boto3_client=client, **options)
    config = IdempotencyConfig()
    if remaining_ms is not None:
        config.register_lambda_context(SimpleNamespace(get_remaining_time_in_millis=lambda: remaining_ms))  # type: ignore[arg-type]
    layer.configure(config, function_name="app.pay")
    return layer


def found(client: Any, key: str, partition: str | None = None) -> Any:
    record = look(client, "payments", key, partition)
    assert record is not None
    return record


@pytest.mark.parametrize("composite", [False, True])
def test_a_record_powertools_wrote_is_found_by_the_key_we_compute(client: Any, monkeypatch, composite: bool):
    create(client, "payments", "id", "sk" if composite else None)
    layer = powertools(client, monkeypatch, sort_key_attr="sk" if composite else None)
    layer.save_inprogress({"order": 1}, remaining_time_in_millis=30_000)
    key = idempotency.key_for('{"order": 1}', "orders-pay.app.pay", "python")
    record = found(client, key)
    started = record.expires_at - 3_600_000
    assert (record.key, record.schema, record.status) == (key, Schema.POWERTOOLS, "INPROGRESS")
    assert abs(record.locked_until - started - 30_000) <= 1_000  # expiry is kept in whole seconds
    assert record.state(started) is RecordState.RUNNING
    assert record.state(record.locked_until + 1) is RecordState.TIMED_OUT
    layer.save_success({"order": 1}, {"paid": True})
    done = found(client, key)
    assert (done.state(done.locked_until + 1), json.loads(done.result)) == (RecordState.COMPLETED, {"paid": True})


def test_a_record_without_a_lambda_context_is_stuck_until_it_expires(client: Any, monkeypatch):
    create(client, "payments")
    with pytest.warns(UserWarning, match="Couldn't determine the remaining time left"):
        powertools(client, monkeypatch, None).save_inprogress({"order": 1})
    record = found(client, idempotency.key_for('{"order": 1}', "orders-pay.app.pay", "python"))
    assert record.state(record.expires_at) is RecordState.STUCK
    assert "no Lambda context was registered" in record.explanation(record.expires_at)
    assert record.state(record.expires_at + 1) is RecordState.EXPIRED


@pytest.mark.parametrize(("item", "state", "said"), [
    ({"status": "COMPLETED", "expiration": NOW_S + 60, "in_progress_expiration": 5}, RecordState.COMPLETED, "It ran."),
    ({"status": "COMPLETED", "expiration": NOW_S - 1}, RecordState.EXPIRED, "counts no more"),
    ({"status": "INPROGRESS", "expiration": NOW_S + 60, "in_progress_expiration": NOW}, RecordState.RUNNING, "may run"),
    ({"status": "INPROGRESS", "expiration": NOW_S + 60, "in_progress_expiration": NOW - 1}, RecordState.TIMED_OUT,
     "nothing to release"),
    ({"status": "INPROGRESS", "expiration": NOW_S}, RecordState.STUCK, "every attempt is refused"),
    ({"status": "EXPIRED", "expiration": NOW_S + 60}, RecordState.UNKNOWN, "EXPIRED, which no known library"),
    ({"expiration": "soon", "in_progress_expiration": True}, RecordState.UNKNOWN, "missing"),
    ({}, RecordState.UNKNOWN, "missing"),
])
def test_a_powertools_record_is_explained(item: dict[str, Any], state: RecordState, said: str):
    record = decode("payments", {"id": "k"}, {"id": "k", **item})
    assert record.state(NOW) is state
    assert said in record.explanation(NOW)


@pytest.mark.parametrize(("item", "state", "said"), [
    ({"status": "IN_PROGRESS", "expiresAt": NOW_S + 60}, RecordState.STUCK, "without a time limit"),
    ({"status": "IN_PROGRESS", "expiresAt": NOW_S - 60}, RecordState.STUCK, "That time has passed"),
    ({"status": "COMPLETED", "expiresAt": NOW_S - 60}, RecordState.COMPLETED, "the row still counts"),
    ({"status": "FAILED", "expiresAt": NOW_S + 60}, RecordState.FAILED, "the next attempt runs"),
    ({"status": "ODD", "expiresAt": NOW_S + 60}, RecordState.UNKNOWN, "ODD, which this schema does not know"),
])
def test_a_classic_record_is_explained(item: dict[str, Any], state: RecordState, said: str):
    record = decode("payments", {"idempotencyKey": "k"}, {"idempotencyKey": "k", "result": {"paid": True}, **item})
    assert (record.schema, record.state(NOW), record.result) == (Schema.CLASSIC, state, '{"paid": true}')
    assert said in record.explanation(NOW)


def test_native_results_of_typescript_are_shown_as_text():
    record = decode("payments", {"id": "k"}, {"id": "k", "data": {"ü": [1, None, b"\x00"]}})
    assert record.result == '{"ü": [1, null, "b\'\\\\x00\'"]}'


def test_a_literal_partition_of_early_dotnet_is_found(client: Any):
    create(client, "payments", "id", "sk")
    put(client, "payments", id="idempotency#%s", sk="orders-pay.Pay#1", status="COMPLETED", expiration=NOW_S)
    put(client, "payments", id="mine", sk="orders-pay.Pay#2", status="COMPLETED", expiration=NOW_S)
    assert found(client, "orders-pay.Pay#1").address["id"] == "idempotency#%s"
    assert look(client, "payments", "orders-pay.Pay#2") is None
    assert found(client, "orders-pay.Pay#2", "mine").key == "orders-pay.Pay#2"


def test_the_newest_records_come_first_and_the_read_is_bounded(client: Any, monkeypatch):
    create(client, "payments")
    for n in range(12):
        put(client, "payments", id=f"k-{n}", status="COMPLETED", expiration=NOW_S + n)
    monkeypatch.setattr(idempotency, "PAGE_ITEMS", 5)
    newest = recent(client, "payments", 3)
    assert ([record.key for record in newest], newest.scanned, newest.complete) == (["k-11", "k-10", "k-9"], 12, True)
    monkeypatch.setattr(idempotency, "SCAN_ITEMS", 7)
    assert (recent(client, "payments").scanned, recent(client, "payments").complete) == (7, False)


def test_what_is_in_progress_is_listed_worst_first(client: Any):
    create(client, "payments")
    put(client, "payments", id="done", status="COMPLETED", expiration=NOW_S + 60)
    put(client, "payments", id="runs", status="INPROGRESS", expiration=NOW_S + 60, in_progress_expiration=NOW + 5)
    put(client, "payments", id="cut off", status="INPROGRESS", expiration=NOW_S + 60, in_progress_expiration=NOW - 5)
    put(client, "payments", id="stuck", status="INPROGRESS", expiration=NOW_S + 60)
    put(client, "payments", id="over", status="INPROGRESS", expiration=NOW_S - 60)
    assert [record.key for record in stuck(client, "payments", NOW)] == ["stuck", "cut off", "runs"]
    assert len(stuck(client, "payments", NOW, limit=1)) == 1


def test_keys_are_described(client: Any):
    create(client, "payments", "pk", "sk")
    assert describe(client, "payments") == idempotency.KeySchema("payments", "pk", "sk")


def test_a_table_keyed_by_numbers_holds_no_records(client: Any):
    create(client, "counters", kind="N")
    with pytest.raises(UnknownKeySchema, match="not keyed by strings"):
        look(client, "counters", "k")


def test_a_missing_table_is_a_sentence(client: Any):
    with pytest.raises(TableMissing, match="There is no payments"):
        recent(client, "payments")
