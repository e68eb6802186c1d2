"""What CloudWatch Logs pushes: subscription payloads, handed to a function directly or through Kinesis.

Delivery is at least once, and in any order between streams. A payload that cannot be read is parked with its reason:
delivering it again would change nothing. One that cannot be stored is left to be delivered again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from collectors import payloads
from collectors.events import LogEvent
from collectors.inflation import Undecodable, unpacked
from collectors.lines import Unrecognised
from collectors.pushed import Push
from store import parked
from store.clients import Connection
from store.errors import ItemTooLarge, StoreError
from store.records import Place

Json = Mapping[str, Any]
ACCOUNT = re.compile(r"[0-9]{12}")
LOG_GROUP = re.compile(r"[A-Za-z0-9_./#-]{1,512}")
"""As CloudWatch Logs allows them. Groups and streams stand in keys: others never came from there."""
LOG_STREAM = re.compile(r"[^:*]{1,512}")
NO_DOCUMENT = "a payload that holds no CloudWatch document"
NO_SUCH_STREAM = "log events of a log group or stream that cannot be"


def deliver(connection: Connection, push: Push, event: Json) -> dict[str, Any]:
    """Take in one invocation's event. For Kinesis, returns the record to go on from as a batch item failure when the
    table could not be written; for a direct delivery raises StoreError, and Lambda delivers it again."""
    records = event.get("Records")
    if not isinstance(records, list):
        whole = event.get("awslogs")
        _take(connection, push, whole.get("data") if isinstance(whole, dict) else None, "subscription")
        return {}
    for record in records:
        known = record if isinstance(record, dict) else {}
        kinesis = known.get("kinesis")
        carried = kinesis if isinstance(kinesis, dict) else {}
        try:
            _take(connection, push, carried.get("data"), str(known.get("eventSourceARN", "kinesis")))
        except StoreError:
            # A shard is read in order: what follows comes again with this record.
            return {"batchItemFailures": [{"itemIdentifier": str(carried.get("sequenceNumber", ""))}]}
    return {"batchItemFailures": []}


def _take(connection: Connection, push: Push, data: object, source: str) -> None:
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data if isinstance(data, bytes) else b""
    reasons = dict.fromkeys(taken_in(connection, push, data))
    if reasons:
        parked.put(connection.table, connection.place, source, "; ".join(reasons), raw)


def taken_in(connection: Connection, push: Push, data: object) -> list[str]:
    """Count what can be read of a payload (base64 of gzip). Returns why the rest cannot. Raises StoreError when the
    table could not be written."""
    if not isinstance(data, str | bytes):
        return ["a payload without data"]
    try:
        documents = list(payloads.documents(unpacked(data)))
    except Undecodable as reason:
        return [f"a payload with {reason}"]
    if not documents:
        return [NO_DOCUMENT]
    return [reason for document in documents for reason in _document(connection, push, document)]


def _document(connection: Connection, push: Push, document: object) -> list[str]:
    items = payloads.events_in(document)
    if items is None or not isinstance(document, dict):
        return [NO_DOCUMENT]
    found = list(payloads.each(items))
    events = [item for item in found if isinstance(item, LogEvent)]
    readable = [event for event in events
                if LOG_GROUP.fullmatch(event.log_group) and LOG_STREAM.fullmatch(event.log_stream)]
    reasons = [item.reason for item in found if isinstance(item, Unrecognised)]
    try:
        push.take(_place(connection.place, document.get("owner")), readable)
    except ItemTooLarge as error:
        reasons.append(str(error))
    return reasons if len(readable) == len(events) else [*reasons, NO_SUCH_STREAM]


def _place(here: Place, owner: object) -> Place:
    """The account that owns the logs, which need not be the one that reads them."""
    return Place(owner, here.region) if isinstance(owner, str) and ACCOUNT.fullmatch(owner) else here
