"""Platform events in JSON format: `time`, `type`, `record`. Key order varies; unknown types are skipped.

Schema: AWS Lambda telemetry schema reference, 2025-01-29, and the runtime interface emulator for what it omits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from collectors.lines import (
    Ended,
    Ignored,
    InitReported,
    InitStarted,
    Line,
    Reported,
    RuntimeDone,
    Started,
    unrecognised,
)
from collectors.platform_text import SHAPES as TEXT_SHAPES
from collectors.shapes import is_request_id, trace_of

Json = Mapping[str, Any]
Costs = tuple[float | None, float | None, int | None, int | None, float | None, float | None]
"""Duration and billed duration (ms), memory and most memory used (MB), init and restore duration (ms)."""
_NO_RECORD: Json = {}
_FAULT = next(shape.read for shape in TEXT_SHAPES if shape.name == "fault")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    if type(value) is float or type(value) is int:  # not bool
        return float(value) if 0 <= value < math.inf else None
    return None


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _metrics(record: Json) -> Json:
    metrics = record.get("metrics")
    return metrics if isinstance(metrics, dict) else _NO_RECORD


def costs(record: Json) -> Costs:
    """What a `platform.report` says of time and memory."""
    metrics = _metrics(record)
    return (
        _number(metrics.get("durationMs")),
        _number(metrics.get("billedDurationMs")),
        _whole(metrics.get("memorySizeMB")),
        _whole(metrics.get("maxMemoryUsedMB")),
        _number(metrics.get("initDurationMs")),
        _number(metrics.get("restoreDurationMs")),
    )


def went_well(record: Json) -> bool:
    """Whether a record tells of no other end than success."""
    return _text(record.get("status")) in (None, "success") and _text(record.get("errorType")) is None


def trace(record: Json) -> str | None:
    """The trace id a record was given."""
    tracing = record.get("tracing")
    return trace_of(tracing.get("value")) if isinstance(tracing, dict) else None


def _start(record: Json, time: str | None) -> Line:
    return Started(
        record["requestId"],
        _text(record.get("version")),
        trace(record),
        _text(record.get("tenantId")),
        time=time,
        structured=True,
    )


def _report(record: Json, time: str | None) -> Line:
    return Reported(
        record["requestId"],
        *costs(record),
        _text(record.get("status")),
        _text(record.get("errorType")),
        trace(record),
        time,
        structured=True,
    )


def _runtime_done(record: Json, time: str | None) -> Line:
    status, error_type = _text(record.get("status")), _text(record.get("errorType"))
    return RuntimeDone(record["requestId"], status, error_type, trace(record))


def _end(record: Json, time: str | None) -> Line:
    return Ended(record["requestId"])


def _init_start(record: Json, time: str | None) -> Line:
    return InitStarted(
        _text(record.get("runtimeVersion")),
        _text(record.get("initializationType")),
        time=time,
        phase=_text(record.get("phase")),
    )


def _restore_start(record: Json, time: str | None) -> Line:
    return InitStarted(_text(record.get("runtimeVersion")), "snap-start", restore=True, time=time)


def _init_report(record: Json, time: str | None) -> Line:
    return InitReported(
        _number(_metrics(record).get("durationMs")),
        _text(record.get("phase")),
        _text(record.get("status")),
        _text(record.get("errorType")),
        _text(record.get("initializationType")),
    )


def _restore_report(record: Json, time: str | None) -> Line:
    status, error_type = _text(record.get("status")), _text(record.get("errorType"))
    return InitReported(_number(_metrics(record).get("durationMs")), None, status, error_type, restore=True)


_OF_AN_INVOCATION: dict[str, Callable[[Json, str | None], Line]] = {
    "platform.start": _start,
    "platform.report": _report,
    "platform.runtimeDone": _runtime_done,
    "platform.end": _end,
}
_OF_AN_ENVIRONMENT: dict[str, Callable[[Json, str | None], Line]] = {
    "platform.initStart": _init_start,
    "platform.initReport": _init_report,
    "platform.restoreStart": _restore_start,
    "platform.restoreReport": _restore_report,
}


def _fault(record: object) -> Line | None:
    """The old Logs API writes the text line as the record; the emulator wraps it in an object."""
    words = record.get("fault") if isinstance(record, dict) else record
    return _FAULT(words) if isinstance(words, str) else None


def read(document: Json, text: str) -> Line:
    """One platform event, already parsed. Types nobody here knows are Ignored, named by their type."""
    kind, record = document["type"], document.get("record")
    time = _text(document.get("time"))
    if kind == "platform.fault":
        return _fault(record) or unrecognised("a platform.fault whose record cannot be read", text)
    if kind == "platform.logsDropped":
        return unrecognised("log records that the platform dropped before delivery", text)
    if kind in _OF_AN_INVOCATION:
        if not isinstance(record, dict) or not is_request_id(record.get("requestId")):
            return unrecognised(f"a {kind} without a request id", text)
        return _OF_AN_INVOCATION[kind](record, time)
    if kind in _OF_AN_ENVIRONMENT:
        return _OF_AN_ENVIRONMENT[kind](record if isinstance(record, dict) else _NO_RECORD, time)
    return Ignored(kind[:80])
