"""The table: get, put, conditional put, update, query, and DynamoDB's errors turned into ours."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from store.clock import Clock
from store.errors import ConditionLost, EndpointUnreachable, Throttled
from store.faults import translated
from store.items import Item, Value, marshal, refuse_newer, unmarshal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from store.keys import Key

OPEN_INDEX = "open"
BATCH_GET_KEYS = 100  # BatchGetItem's limit
BATCH_WRITE_ITEMS = 25  # BatchWriteItem's limit
CUT = "An answer from {} was cut short."
AGAIN = "It will be tried again."
IN_VAIN = 10
"""Batches in a row of which nothing is done; the SDK waits between tries of an error, not between these."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition expression with its names and values, spelled `#name` and `:value`."""

    expression: str
    values: Mapping[str, Value] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = {"ConditionExpression": self.expression}
        if self.values:
            arguments["ExpressionAttributeValues"] = marshal({f":{k}": v for k, v in self.values.items()})
        if self.names:
            arguments["ExpressionAttributeNames"] = {f"#{name}": name for name in self.names}
        return arguments


ABSENT = Condition("attribute_not_exists(pk)")
TOGETHER = 100
"""TransactWriteItems' limit."""


@dataclass(frozen=True, slots=True)
class Write:
    """One of several writes made together: the whole item, or changes to what stands (None removes one)."""

    key: Key
    changes: Mapping[str, Value]
    condition: Condition | None = None
    whole: bool = False


@dataclass
class Patience:
    """With a batch of which DynamoDB does nothing, again and again: a hot partition answers so, and never an error."""

    subject: str
    left: int = IN_VAIN

    def after(self, done: int) -> None:
        """Note how much of a batch was done. Raises Throttled after `IN_VAIN` times of nothing."""
        self.left = IN_VAIN if done else self.left - 1
        if self.left == 0:
            raise Throttled(f"{self.subject} is throttled (unprocessed items).", AGAIN)


class Table:
    """One DynamoDB table. Raises the StoreError family and nothing of the SDK's."""

    def __init__(self, client: DynamoDBClient, name: str, clock: Clock) -> None:
        self.client = client
        self.name = name
        self.clock = clock

    def get(self, key: Key) -> Item | None:
        """The item at `key`, read consistently. Raises EndpointUnreachable for an answer that was cut."""
        with translated(self.name):
            answer = self.client.get_item(TableName=self.name, Key=marshal(key._asdict()), ConsistentRead=True)
        found = answer.get("Item")
        if not found and _cut_short(answer):
            raise EndpointUnreachable(CUT.format(self.name), AGAIN)
        return self._living(unmarshal(found)) if found else None

    def put(self, key: Key, item: Item, condition: Condition | None = None) -> None:
        """Replace the item at `key`. With a condition: raises ConditionLost with the item that stands there."""
        arguments: dict[str, Any] = {"TableName": self.name, "Item": marshal({**item, **key._asdict()})}
        if condition:
            arguments |= {**condition.arguments(), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        with translated(self.name):
            self.client.put_item(**arguments)

    def put_if_absent(self, key: Key, item: Item) -> bool:
        """True when this call wrote the item, False when one stood there already."""
        try:
            self.put(key, item, ABSENT)
        except ConditionLost:
            return False
        return True

    def put_if_newer(self, key: Key, item: Item, version: str) -> bool:
        """Write unless an item with the same or a higher `version` attribute stands there; one without it is older."""
        newer = Condition(
            f"attribute_not_exists(#{version}) OR #{version} < :mine", {"mine": item[version]}, (version,)
        )
        try:
            self.put(key, item, newer)
        except ConditionLost:
            return False
        return True

    def update(self, key: Key, changes: Mapping[str, Value], condition: Condition | None = None) -> Item:
        """Set attributes (None removes one) and return the whole item as it then stands.

        Raises ConditionLost, carrying the standing item, when the condition fails."""
        with translated(self.name):
            answer = self.client.update_item(
                TableName=self.name,
                Key=marshal(key._asdict()),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_update_arguments(changes, condition),
            )
        return unmarshal(_part(answer, "Attributes", self.name))

    def write_together(self, writes: Sequence[Write]) -> None:
        """All of them, or none: at most 100, each to another item. Raises ConditionLost when a condition fails or
        another transaction is at one of the items. Costs twice the write units of single writes."""
        with translated(self.name):
            self.client.transact_write_items(TransactItems=[self._action(write) for write in writes])

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        """Remove the item at `key`, if there is one. Raises ConditionLost when the condition fails."""
        arguments = condition.arguments() if condition else {}
        with translated(self.name):
            self.client.delete_item(TableName=self.name, Key=marshal(key._asdict()), **arguments)

    def query(self, pk: str, prefix: str = "", *, between: tuple[str, str] | None = None,
              newest_first: bool = False, limit: int | None = None) -> Iterator[Item]:
        """Items of one partition in key order, every page followed. `limit` counts living items.

        Expired items (TTL passed, not yet swept: up to two days) never come out."""
        condition, values = "pk = :pk", {"pk": pk}
        if between:
            condition += " AND sk BETWEEN :low AND :high"
            values |= {"low": between[0], "high": between[1]}
        elif prefix:
            condition += " AND begins_with(sk, :prefix)"
            values["prefix"] = prefix
        return self._pages(
            {"KeyConditionExpression": condition, "ConsistentRead": True}, values, newest_first, limit
        )

    def query_open(self, work: str, *, newest_first: bool = False, limit: int | None = None) -> Iterator[Item]:
        """Open work of one kind from the sparse index, by `open_at`. Eventually consistent."""
        return self._pages(
            {"IndexName": OPEN_INDEX, "KeyConditionExpression": "#open = :open",
             "ExpressionAttributeNames": {"#open": "open"}},
            {"open": work}, newest_first, limit,
        )

    def count_open(self, work: str) -> int:
        """How many rows of one kind are open, without reading them out."""
        total, start = 0, None
        while True:
            arguments: dict[str, Any] = {"ExclusiveStartKey": start} if start else {}
            with translated(self.name):
                page = self.client.query(
                    TableName=self.name, IndexName=OPEN_INDEX, Select="COUNT",
                    KeyConditionExpression="#open = :open", ExpressionAttributeNames={"#open": "open"},
                    ExpressionAttributeValues=marshal({":open": work}), **arguments,
                )
            total += int(_part(page, "Count", self.name))
            start = page.get("LastEvaluatedKey")
            if not start:
                return total

    def get_many(self, wanted: Iterable[Key]) -> list[Item]:
        """Items at these keys, in no order; absent ones are left out, unprocessed ones asked for again. Raises
        Throttled when nothing more is given."""
        unique = list(dict.fromkeys(wanted))
        found: list[Item] = []
        for start in range(0, len(unique), BATCH_GET_KEYS):
            asking: Any = {self.name: {
                "Keys": [marshal(key._asdict()) for key in unique[start:start + BATCH_GET_KEYS]],
                "ConsistentRead": True,
            }}
            patience = Patience(self.name)
            while asking:
                with translated(self.name):
                    answer = self.client.batch_get_item(RequestItems=asking)
                given = _part(answer, "Responses", self.name).get(self.name, [])
                found += [unmarshal(wire) for wire in given]
                asking = answer.get("UnprocessedKeys")
                patience.after(len(given))
        return [item for item in found if self._living(item)]

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        """Unconditional puts, 25 a call; for items whose content follows from their key, so order and
        repetition do not matter. Unprocessed ones are sent again until none is left. Raises Throttled when no more are
        taken."""
        waiting = {key: {**item, **key._asdict()} for key, item in items}
        queue = [{"PutRequest": {"Item": marshal(item)}} for item in waiting.values()]
        patience = Patience(self.name)
        while queue:
            sent = queue[:BATCH_WRITE_ITEMS]
            with translated(self.name):
                answer = self.client.batch_write_item(RequestItems=cast(Any, {self.name: sent}))
            left = _part(answer, "UnprocessedItems", self.name).get(self.name, [])
            queue = left + queue[BATCH_WRITE_ITEMS:]
            patience.after(len(sent) - len(left))

    def _action(self, write: Write) -> Any:
        if not write.whole:
            return {"Update": {"TableName": self.name, "Key": marshal(write.key._asdict()),
                               **_update_arguments(write.changes, write.condition)}}
        condition = write.condition.arguments() if write.condition else {}
        return {"Put": {"TableName": self.name, "Item": marshal({**write.changes, **write.key._asdict()}), **condition}}

    def _pages(self, arguments: dict[str, Any], values: dict[str, Value], newest_first: bool,
               limit: int | None) -> Iterator[Item]:
        given, start = 0, None
        while True:
            paging: dict[str, Any] = {"ExclusiveStartKey": start} if start else {}
            if limit is not None:
                paging["Limit"] = max(1, limit - given)
            with translated(self.name):
                page = self.client.query(
                    TableName=self.name, ScanIndexForward=not newest_first,
                    ExpressionAttributeValues=marshal({f":{k}": v for k, v in values.items()}),
                    **arguments, **paging,
                )
            for wire in _part(page, "Items", self.name):
                item = self._living(unmarshal(wire))
                if item:
                    yield item
                    given += 1
            start = page.get("LastEvaluatedKey")
            if not start or (limit is not None and given >= limit):
                return

    def _living(self, item: Item) -> Item | None:
        refuse_newer(item)
        expires = item.get("ttl")
        return None if expires is not None and expires * 1000 <= self.clock() else item


def _part(answer: Any, name: str, table: str) -> Any:
    """What every answer holds. Raises EndpointUnreachable without it: the SDK takes one that was cut on its way for
    an empty one."""
    if name not in answer:
        raise EndpointUnreachable(CUT.format(table), AGAIN)
    return answer[name]


def _cut_short(answer: Any) -> bool:
    """Whether an answer without anything was longer when it was sent: DynamoDB tells its checksum."""
    told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-crc32")
    return told is not None and told != str(zlib.crc32(b"{}"))


def _update_arguments(changes: Mapping[str, Value], condition: Condition | None) -> dict[str, Any]:
    sets = {name: value for name, value in changes.items() if value is not None}
    removals = [name for name, value in changes.items() if value is None]
    expression = ""
    if sets:
        expression = "SET " + ", ".join(f"#{name} = :set_{name}" for name in sets)
    if removals:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in removals)
    names = {f"#{name}": name for name in (*changes, *(condition.names if condition else ()))}
    values: dict[str, Value] = {f":set_{name}": value for name, value in sets.items()}
    arguments: dict[str, Any] = {"UpdateExpression": expression.strip(), "ExpressionAttributeNames": names}
    if condition:
        arguments["ConditionExpression"] = condition.expression
        values |= {f":{name}": value for name, value in condition.values.items()}
    if values:
        arguments["ExpressionAttributeValues"] = marshal(values)
    return arguments
