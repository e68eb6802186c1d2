"""Looking into idempotency tables. Only reads; `operations.release` is the one thing that changes them.

Attribute names are the libraries' defaults. Records kept in Redis or Valkey are out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operations.errors import UnknownKeySchema
from operations.idempotency_key import Language, key_for
from operations.idempotency_record import IdempotencyRecord, RecordState, Schema, decode
from store.faults import translated
from store.items import Item, marshal, unmarshal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["Found", "IdempotencyRecord", "KeySchema", "Language", "RecordState", "Schema", "describe", "key_for",
           "look", "recent", "stuck"]

SCAN_ITEMS = 5_000
"""Rows one look reads at most: about 0.6 read units each, a third of a cent a thousand looks."""
PAGE_ITEMS = 500
STATIC_PARTITIONS = ("idempotency#{function}", "idempotency#%s")
"""Partition keys in composite mode; the second is what early .NET versions wrote, literally."""


@dataclass(frozen=True, slots=True)
class KeySchema:
    """How a table is keyed: by the idempotency key alone, or by a static partition and the key."""

    table: str
    partition: str
    sort: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Records of a bounded read. `complete` is False when the table holds more than was read."""

    records: tuple[IdempotencyRecord, ...]
    scanned: int
    complete: bool

    def __iter__(self) -> Iterator[IdempotencyRecord]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)


def describe(client: DynamoDBClient, table_name: str) -> KeySchema:
    """The keys of an idempotency table. Raises UnknownKeySchema when they are no strings, or StoreError."""
    with translated(table_name):
        table = client.describe_table(TableName=table_name)["Table"]
    names = {part["KeyType"]: part["AttributeName"] for part in table["KeySchema"]}
    types = {part["AttributeName"]: part["AttributeType"] for part in table["AttributeDefinitions"]}
    if any(types[name] != "S" for name in names.values()):
        raise UnknownKeySchema(f"{table_name} is not keyed by strings, so it holds no idempotency records.",
                               "Correct LAMPLIGHT_IDEMPOTENCY_TABLES.")
    return KeySchema(table_name, names["HASH"], names.get("RANGE"))


def look(client: DynamoDBClient, table_name: str, key: str, partition: str | None = None,
         schema: KeySchema | None = None) -> IdempotencyRecord | None:
    """The record of one idempotency key, or None. In a composite table `partition` is the static partition key;
    without it the ones the libraries use are tried. `schema` as `describe` told it saves asking again. Raises
    UnknownKeySchema or StoreError."""
    schema = schema or describe(client, table_name)
    for address in _addresses(schema, key, partition):
        with translated(table_name):
            answer = client.get_item(TableName=table_name, Key=marshal(address), ConsistentRead=True)
        if answer.get("Item"):
            return decode(table_name, address, unmarshal(answer["Item"]))
    return None


def recent(client: DynamoDBClient, table_name: str, limit: int = 100) -> Found:
    """Records that expire last, hence written last, among the first SCAN_ITEMS rows. Raises as `look`."""
    records, complete = _scan(client, describe(client, table_name))
    newest = sorted(records, key=lambda record: record.expires_at or 0, reverse=True)
    return Found(tuple(newest[:limit]), len(records), complete)


def stuck(client: DynamoDBClient, table_name: str, now: int, limit: int = 100) -> Found:
    """Records in progress at `now` (epoch ms) among the first SCAN_ITEMS rows: stuck ones first, then those that
    were cut off, then those that run. Raises as `look`."""
    order = [RecordState.STUCK, RecordState.TIMED_OUT, RecordState.RUNNING]
    records, complete = _scan(client, describe(client, table_name))
    held = [record for record in records if record.state(now) in order]
    held.sort(key=lambda record: (order.index(record.state(now)), record.expires_at or 0))
    return Found(tuple(held[:limit]), len(records), complete)


def _scan(client: DynamoDBClient, schema: KeySchema) -> tuple[list[IdempotencyRecord], bool]:
    records: list[IdempotencyRecord] = []
    start: Any = None
    while len(records) < SCAN_ITEMS:
        paging: dict[str, Any] = {"ExclusiveStartKey": start} if start else {}
        with translated(schema.table):
            page = client.scan(TableName=schema.table, Limit=min(PAGE_ITEMS, SCAN_ITEMS - len(records)), **paging)
        records += [_decoded(schema, unmarshal(wire)) for wire in page["Items"]]
        start = page.get("LastEvaluatedKey")
        if not start:
            return records, True
    return records, False


def _decoded(schema: KeySchema, item: Item) -> IdempotencyRecord:
    names = [schema.partition, *([schema.sort] if schema.sort else [])]
    return decode(schema.table, {name: item[name] for name in names}, item)


def _addresses(schema: KeySchema, key: str, partition: str | None) -> list[dict[str, str]]:
    if schema.sort is None:
        return [{schema.partition: key}]
    function = key.split("#", 1)[0].split(".", 1)[0]
    partitions = [partition] if partition else [form.format(function=function) for form in STATIC_PARTITIONS]
    return [{schema.partition: one, schema.sort: key} for one in partitions]
