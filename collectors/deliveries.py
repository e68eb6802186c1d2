"""What CloudWatch Logs pushes: subscription payloads, handed to a function directly or through Kinesis.

Delivery is at least once, and in any order between streams. A payload that cannot be read is parked with its reason:
delivering it again would change nothing. One that cannot be stored is left to be delivered again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors import payloads
from collectors.events import LogEvent
from collectors.inflation import Undecodable, unpacked
from collectors.lines import Unrecognised
from collectors.pushed import Push
from store import parked
from store.clients import Connection
from store.errors import StoreError
from store.records import Place

Json = Mapping[str, Any]
MAX_ACCOUNT_CHARS = 12


def deliver(connection: Connection, push: Push, event: Json) -> dict[str, Any]:
    """Take in one invocation's event. For Kinesis, returns the record to go on from as a batch item failure when the
    table could not be written; for a direct delivery raises StoreError, and CloudWatch Logs delivers again."""
    records = event.get("Records")
    if not isinstance(records, list):
        whole = event.get("awslogs")
        _take(connection, push, whole.get("data") if isinstance(whole, dict) else None, "subscription")
        return {}
    for record in records:
        kinesis = record.get("kinesis", {})
        try:
            _take(connection, push, kinesis.get("data"), str(record.get("eventSourceARN", "kinesis")))
        except StoreError:
            # A shard is read in order: what follows comes again with this record.
            return {"batchItemFailures": [{"itemIdentifier": kinesis.get("sequenceNumber", "")}]}
    return {"batchItemFailures": []}


def _take(connection: Connection, push: Push, data: object, source: str) -> None:
    if not isinstance(data, str | bytes):
        parked.put(connection.table, connection.place, source, "a payload without data", b"")
        return
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        plain = unpacked(data)
    except Undecodable as reason:
        parked.put(connection.table, connection.place, source, f"a payload with {reason}", raw)
        return
    for document in payloads.documents(plain):
        refused = _document(connection, push, document)
        if refused:
            parked.put(connection.table, connection.place, source, refused, raw)


def _document(connection: Connection, push: Push, document: object) -> str | None:
    """Count one CloudWatch document; the reason when it is none."""
    items = payloads.events_in(document)
    if items is None or not isinstance(document, dict):
        return "a payload that holds no CloudWatch document"
    found = list(items)
    push.take(_place(connection.place, document.get("owner")), _events(found))
    return next((item.reason for item in found if isinstance(item, Unrecognised)), None)


def _events(items: list[payloads.Item]) -> Iterator[LogEvent]:
    return (item for item in items if isinstance(item, LogEvent))


def _place(here: Place, owner: object) -> Place:
    """The account that owns the logs, which need not be the one that reads them."""
    known = isinstance(owner, str) and owner.isdecimal() and len(owner) == MAX_ACCOUNT_CHARS
    return Place(str(owner), here.region) if known else here
