"""How often a message failed and why, kept by the consumer; SQS moves a message to a dead letter queue without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from decimal import Decimal

    from mypy_boto3_dynamodb.service_resource import Table


@dataclass(frozen=True)
class Failure:
    """What is known about a message's failures."""

    count: int
    error_message: str


def note(table: Table, message_id: str, error: Exception) -> None:
    """Count one more failure of the message. A delivery that died before this line is not counted."""
    table.update_item(
        Key={"pk": f"FAILURE#{message_id}"},
        UpdateExpression="SET error_message = :error ADD failure_count :one",
        ExpressionAttributeValues={":error": f"{type(error).__name__}: {error}", ":one": 1},
    )


def find(table: Table, message_id: str) -> Failure | None:
    """What the consumer noted about the message, if anything."""
    item = table.get_item(Key={"pk": f"FAILURE#{message_id}"}, ConsistentRead=True).get("Item")
    if item is None:
        return None
    return Failure(count=int(cast("Decimal", item["failure_count"])), error_message=str(item["error_message"]))
