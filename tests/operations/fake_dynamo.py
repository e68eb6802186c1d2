"""DynamoDB in memory, behind the calls of the SDK's client that the store makes, with faults to order.

Its client tries four times, as ours does: a lost acknowledgement is repeated, and a conditional write may then be
refused by its own first effect. The index can be made to lag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.write_units import size
from tests.operations.fake_calls import Answer, Calls, Fault, refusal
from tests.operations.fake_expressions import Expression, Wire, updated

MAX_ITEM = 400 * 1_024
MAX_ACTIONS = 100
Id = tuple[str, str]


class FakeDynamo:
    """One table, keys `pk` and `sk`, one index `open`."""

    def __init__(self, calls: Calls, tries: int = 4) -> None:
        self.calls = calls
        self.tries = tries
        self.items: dict[str, dict[str, Wire]] = {}
        self.index: dict[Id, Wire] = {}
        self.lagging = False
        """While true the index shows what stood before."""

    def client(self, calls: Calls) -> FakeDynamo:
        """Another client of the same table; only the first one's writes lag."""
        other = FakeDynamo(calls, self.tries)
        other.items, other.index = self.items, self.index
        return other

    def create_table(self, **_: Any) -> Answer:
        """There is one table, and it is there."""
        return {}

    def catch_up(self) -> None:
        """The index shows the table as it stands."""
        self.lagging = False
        self.index.clear()
        self.index.update((_id(item), item) for partition in self.items.values() for item in partition.values())

    def get_item(self, Key: Wire, **_: Any) -> Answer:  # noqa: N803
        def get(_: Fault) -> Answer:
            item = self._standing(Key)
            return {"Item": item} if item else {}
        return self._call("GetItem", get)

    def put_item(self, Item: Wire, **more: Any) -> Answer:  # noqa: N803
        def put(_: Fault) -> Answer:
            self._check(self._standing(Item), more, "PutItem")
            self._keep(Item, "PutItem")
            return {}
        return self._call("PutItem", put)

    def update_item(self, Key: Wire, UpdateExpression: str, **more: Any) -> Answer:  # noqa: N803
        def update(_: Fault) -> Answer:
            standing = self._standing(Key)
            self._check(standing, more, "UpdateItem")
            item = updated(UpdateExpression, more.get("ExpressionAttributeNames", {}),
                           more.get("ExpressionAttributeValues", {}), standing or dict(Key))
            self._keep(item, "UpdateItem")
            return {"Attributes": item}
        return self._call("UpdateItem", update)

    def delete_item(self, Key: Wire, **more: Any) -> Answer:  # noqa: N803
        def delete(_: Fault) -> Answer:
            self._check(self._standing(Key), more, "DeleteItem")
            self._drop(Key)
            return {}
        return self._call("DeleteItem", delete)

    def query(self, KeyConditionExpression: str, **more: Any) -> Answer:  # noqa: N803
        return self._call("Query", lambda _: self._queried(KeyConditionExpression, more))

    def batch_get_item(self, RequestItems: dict[str, Any]) -> Answer:  # noqa: N803
        def get(_: Fault) -> Answer:
            ((table, asked),) = RequestItems.items()
            found = [item for key in asked["Keys"] if (item := self._standing(key))]
            return {"Responses": {table: found}, "UnprocessedKeys": {}}
        return self._call("BatchGetItem", get)

    def batch_write_item(self, RequestItems: dict[str, Any]) -> Answer:  # noqa: N803
        def write(_: Fault) -> Answer:
            ((_table, requests),) = RequestItems.items()
            for request in requests:
                if "PutRequest" in request:
                    self._keep(request["PutRequest"]["Item"], "BatchWriteItem")
                else:
                    self._drop(request["DeleteRequest"]["Key"])
            return {"UnprocessedItems": {}}
        return self._call("BatchWriteItem", write)

    def transact_write_items(self, TransactItems: list[dict[str, Any]], **_: Any) -> Answer:  # noqa: N803
        done = False

        def write(_: Fault) -> Answer:
            nonlocal done
            assert len(TransactItems) <= MAX_ACTIONS
            if done:  # the SDK repeats with the same ClientRequestToken
                return {}
            reasons = [self._reason(action) for action in TransactItems]
            if any(one["Code"] != "None" for one in reasons):
                raise refusal("TransactionCanceledException", "TransactWriteItems", 400, "cancelled",
                              CancellationReasons=reasons)
            for action in TransactItems:
                self._act(*next(iter(action.items())))
            done = True
            return {}
        return self._call("TransactWriteItems", write)

    def _call(self, operation: str, act: Callable[[Fault], Answer]) -> Answer:
        return self.calls.perform("dynamodb", operation, act, self.tries)

    def _reason(self, action: dict[str, Any]) -> dict[str, Any]:
        ((_, given),) = action.items()
        standing = self._standing(given.get("Key") or given["Item"])
        if _holds(standing, given):
            return {"Code": "None"}
        shown = {"Item": standing} if standing and given.get("ReturnValuesOnConditionCheckFailure") else {}
        return {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **shown}

    def _act(self, kind: str, given: dict[str, Any]) -> None:
        if kind == "Put":
            self._keep(given["Item"], "TransactWriteItems")
        elif kind == "Delete":
            self._drop(given["Key"])
        elif kind == "Update":
            standing = self._standing(given["Key"]) or dict(given["Key"])
            self._keep(updated(given["UpdateExpression"], given.get("ExpressionAttributeNames", {}),
                               given.get("ExpressionAttributeValues", {}), standing), "TransactWriteItems")

    def _queried(self, condition: str, more: dict[str, Any]) -> Answer:
        names, values = more.get("ExpressionAttributeNames", {}), more["ExpressionAttributeValues"]
        found = sorted(self._matching(condition, names, values, bool(more.get("IndexName"))),
                       key=_open_order if more.get("IndexName") else _id,
                       reverse=not more.get("ScanIndexForward", True))
        if more.get("FilterExpression"):
            found = [item for item in found if Expression(more["FilterExpression"], names, values, item).holds()]
        start = more.get("ExclusiveStartKey")
        if start:
            found = found[[_id(item) for item in found].index(_id(start)) + 1:]
        page = found[:more.get("Limit", len(found))]
        answer: Answer = {"Items": page, "Count": len(page)}
        if len(page) < len(found):
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in ("pk", "sk")}
        return {name: one for name, one in answer.items() if name != "Items" or more.get("Select") != "COUNT"}

    def _matching(self, condition: str, names: dict[str, str], values: Wire, of_index: bool) -> Iterator[Wire]:
        """In a table's query `:pk` names the partition."""
        if of_index:
            listed = [item for item in self.index.values() if "open" in item and "open_at" in item]
        else:
            listed = list(self.items.get(values[":pk"]["S"], {}).values())
        for item in listed:
            if Expression(condition, names, values, item).holds():
                yield item

    def _check(self, standing: Wire | None, more: dict[str, Any], operation: str) -> None:
        if _holds(standing, more):
            return
        shown = {"Item": standing} if standing and more.get("ReturnValuesOnConditionCheckFailure") else {}
        raise refusal("ConditionalCheckFailedException", operation, 400, "The conditional request failed", **shown)

    def _standing(self, key: Wire) -> Wire | None:
        return self.items.get(key["pk"]["S"], {}).get(key["sk"]["S"])

    def _keep(self, item: Wire, operation: str) -> None:
        if len(str(item)) > MAX_ITEM < sum(len(name) + size(value) for name, value in item.items()):
            raise refusal("ValidationException", operation, 400, "Item size has exceeded the maximum allowed size")
        self.items.setdefault(item["pk"]["S"], {})[item["sk"]["S"]] = item
        if not self.lagging:
            self.index[_id(item)] = item

    def _drop(self, key: Wire) -> None:
        self.items.get(key["pk"]["S"], {}).pop(key["sk"]["S"], None)
        if not self.lagging:
            self.index.pop(_id(key), None)


def _holds(standing: Wire | None, given: dict[str, Any]) -> bool:
    condition = given.get("ConditionExpression")
    return condition is None or Expression(condition, given.get("ExpressionAttributeNames", {}),
                                           given.get("ExpressionAttributeValues", {}), standing).holds()


def _id(item: Wire) -> Id:
    return item["pk"]["S"], item["sk"]["S"]


def _open_order(item: Wire) -> tuple[int, Id]:
    return int(item["open_at"]["N"]), _id(item)
