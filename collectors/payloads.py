"""Whatever carries log events → the events: CloudWatch documents, subscription payloads, Kinesis and Firehose records,
FilterLogEvents and GetLogEvents answers, single events. What cannot be read comes out as `Unrecognised`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.documents import NOTHING, parse
from collectors.events import LogEvent
from collectors.inflation import Undecodable, unpacked
from collectors.lines import Ignored, Unrecognised, unrecognised

Json = Mapping[str, Any]
Item = LogEvent | Unrecognised | Ignored
UNKNOWN_STREAM = "-"
"""The stream of events whose source did not name one."""
LAST_SECONDS = 100_000_000_000
"""Some senders write seconds: as ms, anything below this is before March 1973."""
MAX_DEPTH = 4
"""Envelopes in envelopes: Kinesis → awslogs → document is three."""
_EVENT_MARKS = frozenset({"eventId", "logStreamName", "ingestionTime", "logGroupName"})
_BARE_EVENT = frozenset({"timestamp", "message"})
_SUBSCRIBED_EVENT = frozenset({"id", "timestamp", "message", "extractedFields"})
CONTROL = Ignored("control message")


def events_in(document: object, log_group: str = "", depth: int = 0) -> Iterator[Item] | None:
    """The events of one parsed JSON value, or None when it is nothing that carries events."""
    if depth > MAX_DEPTH:
        return iter([unrecognised("envelopes nested too deep", str(document)[:400])])
    if isinstance(document, list):
        return _all(document, log_group, depth)
    if not isinstance(document, dict):
        return None
    return _enveloped(document, log_group, depth)


def _all(documents: list[Any], log_group: str, depth: int) -> Iterator[Item] | None:
    readings = [events_in(document, log_group, depth + 1) for document in documents]
    if not any(reading is not None for reading in readings):
        return None
    return (item for reading in readings if reading is not None for item in reading)


def _enveloped(document: Json, log_group: str, depth: int) -> Iterator[Item] | None:
    if isinstance(document.get("awslogs"), dict):
        return decoded(document["awslogs"].get("data"), depth + 1)
    if isinstance(document.get("logEvents"), list):
        return _subscription(document)
    if "messageType" in document:
        return iter([unrecognised("a CloudWatch document without a list of logEvents", str(document)[:400])])
    records = document.get("Records", document.get("records"))
    if isinstance(records, list) and _carries(records):
        return (item for record in records for item in _record(record, depth))
    events = document.get("events")
    if isinstance(events, list) and all(isinstance(event, dict) for event in events):
        group = _text(document.get("logGroupName")) or log_group
        return (_event(event, group, UNKNOWN_STREAM) for event in events)
    if _is_event(document):
        return iter([_event(document, log_group, UNKNOWN_STREAM)])
    return None


def _carries(records: list[Any]) -> bool:
    return any(isinstance(record, dict) and ("kinesis" in record or "data" in record) for record in records)


def _record(record: object, depth: int) -> Iterator[Item]:
    if not isinstance(record, dict):
        return iter([unrecognised("a stream record that is not an object", str(record)[:400])])
    kinesis = record.get("kinesis")
    return decoded(kinesis.get("data") if isinstance(kinesis, dict) else record.get("data"), depth + 1)


def decoded(data: object, depth: int = 0) -> Iterator[Item]:
    """The events in base64 data, gzip inside or not; several JSON documents may stand one after another."""
    if not isinstance(data, str | bytes):
        yield unrecognised("a payload without data", str(data)[:400])
        return
    try:
        raw = unpacked(data)
    except Undecodable as reason:
        yield unrecognised(f"a payload with {reason}", str(data[:400]))
        return
    for document in _documents(raw):
        items = events_in(document, "", depth + 1) if document is not NOTHING else None
        if items is None:
            yield unrecognised("a payload that holds no CloudWatch document", raw[:400].decode("utf-8", "replace"))
            return
        yield from items


def _documents(raw: bytes) -> Iterator[object]:
    whole = parse(raw)
    if whole is not NOTHING:
        yield whole
        return
    # Aggregated records hold documents back to back; CloudWatch writes no blanks between members.
    yield from (parse(part) for part in raw.replace(b'}{"messageType"', b'}\n{"messageType"').splitlines() if part)


def _subscription(document: Json) -> Iterator[Item]:
    if document.get("messageType") == "CONTROL_MESSAGE":
        yield CONTROL
        return
    if document.get("messageType", "DATA_MESSAGE") != "DATA_MESSAGE":
        yield unrecognised("a CloudWatch document of an unknown messageType", str(document)[:400])
        return
    group = _text(document.get("logGroup")) or ""
    stream = _text(document.get("logStream")) or UNKNOWN_STREAM
    for event in document["logEvents"]:
        message, timestamp, event_id = None, None, None
        if isinstance(event, dict):
            message, timestamp, event_id = event.get("message"), event.get("timestamp"), event.get("id")
        # The usual event, without a call: this loop runs once per log line.
        if type(message) is str and type(timestamp) is int and type(event_id) is str and timestamp > LAST_SECONDS:
            yield LogEvent(event_id, timestamp, message, group, stream)
        else:
            yield _event(event, group, stream)


def _event(event: object, log_group: str, log_stream: str) -> Item:
    """One event of any of the APIs. Without a text message it is not one."""
    if not isinstance(event, dict) or not isinstance(event.get("message"), str):
        return unrecognised("a log event without a message", str(event)[:400])
    event_id = event.get("id", event.get("eventId"))
    return LogEvent(
        str(event_id) if isinstance(event_id, str | int) else "",
        epoch_ms(event.get("timestamp")),
        event["message"],
        _text(event.get("logGroupName")) or log_group,
        _text(event.get("logStreamName")) or log_stream,
    )


def _is_event(document: Json) -> bool:
    if not isinstance(document.get("message"), str) or not isinstance(document.get("timestamp"), int):
        return False
    return not _EVENT_MARKS.isdisjoint(document) or document.keys() == _BARE_EVENT or _has_cloudwatch_id(document)


def _has_cloudwatch_id(document: Json) -> bool:
    """CloudWatch ids are 56 digits; a logger's own `id` is not."""
    return str(document.get("id", "")).isdigit() and document.keys() <= _SUBSCRIBED_EVENT


def epoch_ms(value: object) -> int:
    """A timestamp in epoch ms; seconds are told by their size, 0 stands for none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e15:
        return 0
    return int(value * 1000) if value < LAST_SECONDS else int(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
