"""Messages as ReceiveMessage gives them, turned into the records an event source mapping hands to a function."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any


def capture_event(queue_arn: str, messages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Lambda Developer Guide, "Example Amazon SQS message event"."""
    return {"Records": [_record(queue_arn, message) for message in messages]}


def _record(queue_arn: str, message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})), "eventSource": "aws:sqs", "eventSourceARN": queue_arn,
        "messageAttributes": {name: _attribute(one) for name, one in message.get("MessageAttributes", {}).items()},
        "awsRegion": queue_arn.split(":")[3],
    }


def _attribute(one: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"dataType": one["DataType"], "stringListValues": [], "binaryListValues": []}
    if "BinaryValue" in one:
        return {**told, "binaryValue": base64.b64encode(one["BinaryValue"]).decode()}
    return {**told, "stringValue": one["StringValue"]}
