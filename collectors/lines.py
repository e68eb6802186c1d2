"""What one log line says. `recognise` makes these; `invocations` folds them.

Durations are ms, memory MB. A fact the line does not state is None. They are named tuples and not dataclasses
because one is made per log event: a frozen dataclass of this width costs five times as much to make.
"""

from __future__ import annotations

from typing import NamedTuple


class Started(NamedTuple):
    """START, platform.start: an invocation began. `time` is the line's own ISO time, if it has one."""

    request_id: str
    version: str | None = None
    trace_id: str | None = None
    tenant_id: str | None = None
    managed: bool = False
    """A Managed Instance: invocations interleave in one stream."""
    time: str | None = None
    structured: bool = False
    """From a platform.start: a stream is written in one format, so its other platform lines are JSON too."""


class Ended(NamedTuple):
    """END, platform.end: the handler is done; a REPORT follows in text format."""

    request_id: str


class RuntimeDone(NamedTuple):
    """platform.runtimeDone: the runtime answered, or failed to."""

    request_id: str
    status: str | None = None
    error_type: str | None = None
    trace_id: str | None = None


class Reported(NamedTuple):
    """REPORT, platform.report: what the invocation cost and how the platform says it ended."""

    request_id: str
    duration_ms: float | None = None
    billed_ms: float | None = None
    memory_mb: int | None = None
    max_memory_mb: int | None = None
    init_ms: float | None = None
    restore_ms: float | None = None
    status: str | None = None
    error_type: str | None = None
    trace_id: str | None = None
    time: str | None = None
    structured: bool = False
    """From a platform.report: JSON format has no END line before it."""


class Traced(NamedTuple):
    """The second line of a REPORT, when something cut the event at its line break."""

    trace_id: str


class InitStarted(NamedTuple):
    """INIT_START, platform.initStart, RESTORE_START: an environment is being made ready."""

    runtime_version: str | None = None
    init_type: str | None = None
    restore: bool = False
    time: str | None = None
    phase: str | None = None
    """`invoke`: an init that failed before is made again inside the invocation. Only JSON says so."""


class InitReported(NamedTuple):
    """INIT_REPORT, platform.initReport, RESTORE_REPORT, platform.restoreReport."""

    duration_ms: float | None = None
    phase: str | None = None
    status: str | None = None
    error_type: str | None = None
    init_type: str | None = None
    restore: bool = False


class Said(NamedTuple):
    """The function's own words. A plain print has no level."""

    message: str
    level: str | None = None
    request_id: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    stack: str | None = None
    cold_start: bool | None = None
    trace_id: str | None = None
    tenant_id: str | None = None
    version: str | None = None
    message_ids: tuple[str, ...] = ()
    execution_arn: str | None = None
    """Of the durable execution this invocation is a step of."""


class Uncaught(NamedTuple):
    """What a runtime writes when the handler, or the module, raised. The invocation has failed."""

    error_type: str | None
    message: str
    stack: str | None = None
    request_id: str | None = None
    level: str | None = None


class Fault(NamedTuple):
    """The platform's or the process's last words. `kind` is timeout, exit, oom or crash."""

    kind: str
    request_id: str | None = None
    error_type: str | None = None
    message: str | None = None


class Metric(NamedTuple):
    """One metric of one embedded metric object, under one set of dimensions."""

    namespace: str
    name: str
    unit: str
    values: tuple[float, ...]
    dimensions: tuple[tuple[str, str], ...]
    timestamp: int
    """Epoch ms."""
    resolution_s: int = 60


class Metrics(NamedTuple):
    """An embedded metric object. `refused` says what in it breaks the format's rules, one sentence each."""

    points: tuple[Metric, ...]
    refused: tuple[str, ...] = ()
    request_id: str | None = None


class Ignored(NamedTuple):
    """Known, and without bearing on any record: extensions, telemetry, spans, unknown platform types."""

    what: str


class Unrecognised(NamedTuple):
    """It claims to be something and cannot be read. `sample` is its beginning."""

    reason: str
    sample: str


Line = (
    Started | Ended | RuntimeDone | Reported | Traced | InitStarted | InitReported | Said | Uncaught | Fault | Metrics
    | Ignored | Unrecognised
)  # fmt: skip

SAMPLE_CHARS = 300
"""Enough to recognise a line by eye, little enough to keep thousands of them."""


def unrecognised(reason: str, text: str) -> Unrecognised:
    """Refuse a text with a reason, keeping its beginning."""
    return Unrecognised(reason, text[:SAMPLE_CHARS])
