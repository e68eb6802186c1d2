"""Whatever carries log events → the events: CloudWatch documents, subscription payloads, Kinesis and Firehose records,
FilterLogEvents and GetLogEvents answers, single events. What cannot be read comes out as `Unrecognised`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from collectors import elements, insights, telemetry
from collectors.documents import NOTHING, parse, shown, text_of
from collectors.events import Batch, LogEvent
from collectors.inflation import Undecodable, unpacked
from collectors.lines import Ignored, Unrecognised, unrecognised

Json = Mapping[str, Any]
Single = LogEvent | Unrecognised | Ignored
Item = Single | Batch
"""What comes out: events alone, or as the batch they came in."""
BASE64_GZIP = "H4sI"
"""What base64 of gzip begins with."""
UNKNOWN_STREAM = "-"
"""The stream of events whose source did not name one."""
LAST_SECONDS = 100_000_000_000
"""Some senders write seconds: as ms, anything below this is before March 1973."""
_ID, _TIMESTAMP, _MESSAGE = itemgetter("id"), itemgetter("timestamp"), itemgetter("message")
MAX_DEPTH = 4
"""Envelopes in envelopes: Kinesis → awslogs → document is three."""
LAST_TIME = 253_402_300_800_000
"""Year 10000, as ms: no later time can be written, so it is none."""
_EVENT_MARKS = frozenset({"eventId", "logStreamName", "ingestionTime", "logGroupName"})
_BARE_EVENT = frozenset({"timestamp", "message"})
_SUBSCRIBED_EVENT = frozenset({"id", "timestamp", "message", "extractedFields"})
_DOCUMENT_MARKS = frozenset({"messageType", "logGroup", "logStream", "subscriptionFilters"})
_ANSWER_MARKS = frozenset({"searchedLogStreams", "nextToken", "nextForwardToken", "nextBackwardToken"})
_TYPES = ("DATA_MESSAGE", "CONTROL_MESSAGE")
CONTROL = Ignored("control message")


def events_in(document: object, log_group: str = "", depth: int = 0) -> Iterator[Item] | None:
    """The events of one parsed JSON value, or None when it is nothing that carries events: a function may print any."""
    if isinstance(document, list):
        return _all(document, log_group, depth) if depth < MAX_DEPTH else None
    if not isinstance(document, dict):
        return None
    return _enveloped(document, log_group, depth)


def _all(documents: list[Any], log_group: str, depth: int) -> Iterator[Item] | None:
    if documents and all(isinstance(row, dict) and "@message" in row for row in documents):
        return map(row_event, insights.in_order(documents))
    if telemetry.is_batch(documents):
        return telemetry.events(documents, log_group, UNKNOWN_STREAM)
    if (rows := insights.rows_of(documents)) is not None:
        return map(row_event, insights.in_order(rows))
    readings = [events_in(document, log_group, depth + 1) for document in documents]
    if not any(reading is not None for reading in readings):
        return None
    return _each(documents, readings)


def _each(documents: list[Any], readings: list[Iterator[Item] | None]) -> Iterator[Item]:
    for document, reading in zip(documents, readings, strict=True):
        if reading is None:
            yield unrecognised("an element that carries no events, in a list of others that do", shown(document))
        else:
            yield from reading


def _enveloped(document: Json, log_group: str, depth: int) -> Iterator[Item] | None:
    pushed = document.get("awslogs")
    records = document.get("Records", document.get("records"))
    if isinstance(pushed, dict) and "data" in pushed:
        return _opened([pushed["data"]], depth)
    if isinstance(records, list) and _carries(records):
        return _opened([_data(record) for record in records], depth)
    if _is_subscription(document):
        return _subscription(document)
    if _is_answer(document):
        group = _text(document.get("logGroupName")) or log_group
        return (_event(event, group, UNKNOWN_STREAM) for event in document["events"])
    if _is_event(document):
        return iter([_event(document, log_group, UNKNOWN_STREAM)])
    return _found(document)


def _opened(payloads: list[object], depth: int) -> Iterator[Item]:
    if depth >= MAX_DEPTH:
        return iter([unrecognised("envelopes nested too deep", shown(payloads))])
    return (item for payload in payloads for item in decoded(payload, depth + 1))


def _carries(records: list[Any]) -> bool:
    """Whether any record holds log events: a function that reads a stream may well print what it was invoked with."""
    return any(_is_payload(_data(record)) for record in records)


def _is_payload(data: object) -> bool:
    if not isinstance(data, str):
        return False
    if data.startswith(BASE64_GZIP):
        return True
    try:
        return b'"logEvents"' in base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        # Services write base64 and nothing else: this is a damaged payload and not somebody's data.
        return True


def _data(record: object) -> object:
    """What a record of Kinesis (in an event, or in a GetRecords answer) or of Firehose holds."""
    if not isinstance(record, dict):
        return None
    kinesis = record.get("kinesis")
    return kinesis.get("data") if isinstance(kinesis, dict) else record.get("data", record.get("Data"))


def _is_subscription(document: Json) -> bool:
    if isinstance(document.get("logEvents"), list):
        return not _DOCUMENT_MARKS.isdisjoint(document) or len(document) == 1
    return document.get("messageType") in _TYPES


def _is_answer(document: Json) -> bool:
    events = document.get("events")
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        return False
    return not _ANSWER_MARKS.isdisjoint(document) or document == {"events": []} or any(map(_is_event, events))


def _found(document: Json) -> Iterator[Item] | None:
    """Insights: an answer, or one row of an export."""
    if "@message" in document:
        return iter([row_event(document)])
    rows = insights.rows_in(document)
    return None if rows is None else (row_event(row) for row in insights.in_order(rows))


def row_event(row: Json) -> Item:
    """The log event in a row of Insights. The console's export holds a JSON message as the object it is."""
    message = row.get("@message")
    if isinstance(message, dict):
        message = text_of(message)
    if not isinstance(message, str):
        return unrecognised("a row of Insights without @message", shown(row))
    group = (_text(row.get("@log")) or "").rpartition(":")[2]
    stream = _text(row.get("@logStream")) or UNKNOWN_STREAM
    return LogEvent(_text(row.get("@ptr")) or "", epoch_ms(row.get("@timestamp")), message, group, stream)


def decoded(data: object, depth: int = 0) -> Iterator[Item]:
    """The events in base64 data, gzip inside or not; several JSON documents may stand one after another."""
    if not isinstance(data, str | bytes):
        yield unrecognised("a payload without data", shown(data))
        return
    try:
        raw = unpacked(data)
    except Undecodable as reason:
        yield unrecognised(f"a payload with {reason}", str(data[:400]))
        return
    for document in documents(raw):
        items = events_in(document, "", depth + 1) if document is not NOTHING else None
        if items is None:
            yield unrecognised("a payload that holds no CloudWatch document", raw[:400].decode("utf-8", "replace"))
            return
        yield from items


def documents(raw: bytes) -> Iterator[object]:
    """The JSON values of a payload that is unpacked; `NOTHING` for what is none."""
    whole = parse(raw)
    if whole is not NOTHING:
        yield whole
        return
    # Aggregated records hold documents back to back; CloudWatch writes nothing between them.
    yield from (parse(part) for part in elements.values(raw))


def _subscription(document: Json) -> Iterator[Item]:
    if document.get("messageType") == "CONTROL_MESSAGE":
        yield CONTROL
        return
    if document.get("messageType", "DATA_MESSAGE") != "DATA_MESSAGE":
        yield unrecognised("a CloudWatch document of an unknown messageType", shown(document))
        return
    group = _text(document.get("logGroup")) or ""
    stream = _text(document.get("logStream")) or UNKNOWN_STREAM
    if not isinstance(document.get("logEvents"), list):
        yield unrecognised("a CloudWatch document without a list of logEvents", shown(document))
        return
    batch = _batch(document["logEvents"], group, stream)
    if batch is not None:
        yield batch
        return
    for event in document["logEvents"]:
        yield _event(event, group, stream)


def _batch(events: list[Any], group: str, stream: str) -> Batch | None:
    """The events of a document as CloudWatch writes it, all at once; None if one is not as usual."""
    try:
        ids, timestamps, messages = [*map(_ID, events)], [*map(_TIMESTAMP, events)], [*map(_MESSAGE, events)]
        # Joining them asks every one for being a text, in a tenth of the time that asking takes.
        "".join(ids), "".join(messages)  # noqa: B018
    except (KeyError, TypeError):
        return None
    if {*map(type, timestamps)} != {int} or "" in ids:
        return None
    ordered = sorted(timestamps)  # they mostly are, and then it takes half as long as min and max
    usual = ordered[0] > LAST_SECONDS and ordered[-1] < LAST_TIME
    return Batch(group, stream, ids, timestamps, messages) if usual else None


def each(items: Iterable[Item]) -> Iterator[Single]:
    """The items with every event alone."""
    for item in items:
        if isinstance(item, Batch):
            yield from item.events()
        else:
            yield item


def _event(event: object, log_group: str, log_stream: str) -> Item:
    """One event of any of the APIs. Without a text message it is not one."""
    if not isinstance(event, dict) or not isinstance(event.get("message"), str):
        return unrecognised("a log event without a message", shown(event))
    event_id = event.get("id", event.get("eventId"))
    return LogEvent(
        str(event_id) if isinstance(event_id, str | int) else "",
        epoch_ms(event.get("timestamp")),
        event["message"],
        _text(event.get("logGroupName")) or log_group,
        _text(event.get("logStreamName")) or log_stream,
    )


def _is_event(document: Json) -> bool:
    if not isinstance(document.get("message"), str) or "timestamp" not in document:
        return False
    if not _EVENT_MARKS.isdisjoint(document):
        return True
    if not isinstance(document["timestamp"], int):
        return False
    return document.keys() == _BARE_EVENT or _has_cloudwatch_id(document)


def _has_cloudwatch_id(document: Json) -> bool:
    """CloudWatch ids are 56 digits; a logger's own `id` is not."""
    event_id = document.get("id")
    return isinstance(event_id, str) and event_id.isdigit() and document.keys() <= _SUBSCRIBED_EVENT


def epoch_ms(value: object) -> int:
    """A timestamp in epoch ms; seconds are told by their size, text may be digits or ISO (UTC), 0 stands for none."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 20 else _iso_seconds(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LAST_TIME:
        return 0
    return round(value * 1000) if value < LAST_SECONDS else int(value)


def _iso_seconds(text: str) -> float:
    try:
        time = datetime.fromisoformat(text[:40])
    except (ValueError, OverflowError):
        return 0
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
