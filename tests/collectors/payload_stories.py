"""Subscription payloads as CloudWatch Logs sends them, and the events of functions that carry them."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any

from collectors.events import LogEvent
from tests.builders import PLACE

STREAM_ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/lamplight-logs"


def document(events: list[LogEvent], **other: Any) -> dict[str, Any]:
    """One CloudWatch document with events of one stream."""
    return {
        "messageType": "DATA_MESSAGE", "owner": PLACE.account, "logGroup": events[0].log_group,
        "logStream": events[0].log_stream, "subscriptionFilters": ["lamplight-memory"],
        "logEvents": [{"id": one.id, "timestamp": one.timestamp, "message": one.message} for one in events], **other}


CONTROL = {"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
           "subscriptionFilters": [], "logEvents": [
               {"id": "", "timestamp": 1_795_461_000_000,
                "message": "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."}]}


def payload(*documents: Any) -> str:
    """Documents, each a gzip member of its own, one behind the other, in base64."""
    members = (gzip.compress(json.dumps(one).encode(), mtime=0) for one in documents)
    return base64.b64encode(b"".join(members)).decode()


def direct(data: object) -> dict[str, Any]:
    return {"awslogs": {"data": data}}


def kinesis(payloads: Iterable[object], first: int = 0) -> dict[str, Any]:
    """One batch of a shard, as the event source mapping hands it over. Sequence numbers count from `first`."""
    return {"Records": [
        {"eventSource": "aws:kinesis", "eventSourceARN": STREAM_ARN, "eventID": f"shardId-000000000000:{number}",
         "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": "a", "sequenceNumber": str(number), "data": data}}
        for number, data in enumerate(payloads, first)]}
