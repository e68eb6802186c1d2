"""What was observed, as records. Times are UTC epoch ms, durations ms, memory MB; an absent fact is None,
never 0. `operations` add their own records in `store.recovery`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something lives. Stands in every key, so that accounts and regions never mix."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}#{self.region}"


class Status(StrEnum):
    """How an invocation ended, decided once."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    OOM = "oom"
    CRASH = "crash"
    OPEN = "open"

    @property
    def failed(self) -> bool:
        return self not in (Status.OK, Status.OPEN)


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """One message of a batch that the function said it failed, with the error of that very line."""

    message_id: str
    error_type: str | None = None
    error_message: str | None = None
    stack: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation as the logs tell it: (request id, log stream, occurrence).

    `event_id` is the CloudWatch id of the event that closed it (REPORT, or what stands in for it) and is its
    identity in every count. `levels` counts log lines per TRACE, DEBUG, INFO, WARN, ERROR, FATAL.
    `lines` are the log lines of a failed one, capped; `message_ids` the SQS message ids it spoke of, of which it
    said that it failed `failed_messages`: in a batch with partial failures the invocation itself is ok.
    `events` is the number of lines all this rests on: of two tellings the one with more is believed."""

    request_id: str
    log_stream: str
    status: Status
    version: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    stack: str | None = None
    cold_start: bool | None = None
    duration_ms: float | None = None
    billed_ms: float | None = None
    memory_mb: int | None = None
    max_memory_mb: int | None = None
    init_ms: float | None = None
    restore_ms: float | None = None
    trace_id: str | None = None
    tenant_id: str | None = None
    started_at: int | None = None
    ended_at: int | None = None
    levels: Mapping[str, int] = field(default_factory=dict)
    event_id: str | None = None
    occurrence: int = 0
    lines: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    failed_messages: tuple[FailedMessage, ...] = ()
    events: int = 0
    execution_arn: str | None = None

    @property
    def failed_message_ids(self) -> tuple[str, ...]:
        return tuple(failed.message_id for failed in self.failed_messages)


@dataclass(frozen=True, slots=True)
class KeptInvocation:
    """An invocation worth keeping whole (failed, cold or slow), with the function and group it belongs to."""

    place: Place
    function: str
    invocation: Invocation
    at: int
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionInfo:
    """A function as configured. `memory_mb`, `timeout_s` and the rest are None when only its logs are known.

    `seen_at` is when this was written last, `details_at` when its concurrency, destinations, aliases and versions were
    asked for; `deleted_at` when it was first missing from the list. What else belongs to it: `store.configured`."""

    place: Place
    name: str
    log_group: str
    runtime: str | None = None
    memory_mb: int | None = None
    timeout_s: int | None = None
    architecture: str | None = None
    version: str | None = None
    code_sha256: str | None = None
    last_modified: int | None = None
    reserved_concurrency: int | None = None
    dead_letter_arn: str | None = None
    on_failure_arn: str | None = None
    """Where its failed asynchronous events go: a queue, topic, bus, bucket or function."""
    tracing: str | None = None
    log_format: str | None = None
    seen_at: int = 0
    storage_mb: int | None = None
    package_bytes: int | None = None
    layers: tuple[str, ...] = ()
    """ARNs with their versions."""
    snap_start: str | None = None
    vpc_id: str | None = None
    application_log_level: str | None = None
    system_log_level: str | None = None
    on_success_arn: str | None = None
    details_at: int = 0
    deleted_at: int | None = None
    sources_hash: str = ""
    """Of its event source mappings, which come in every run: unchanged ones are not read again."""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting before and after, in words; either is empty when there was none."""

    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Deploy:
    """A change of a function, first seen at `at`; drawn as a marker on charts. `code` tells a change of its code or
    version from one of its configuration alone; `changes` are those of its configuration."""

    place: Place
    function: str
    at: int
    version: str
    code_sha256: str | None = None
    changes: tuple[Change, ...] = ()
    code: bool = True


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """One root cause in one function. Counts live in the rollups; this says what it is and since when."""

    place: Place
    fingerprint: str
    function: str
    error_type: str
    message: str
    status: Status
    first_seen: int
    last_seen: int
    first_version: str | None = None
    last_version: str | None = None
    stack: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """What a metric is: namespace, name, unit, dimensions. `statistics` are those CloudWatch was asked for; with none,
    or with SampleCount and Sum, a point is exact; else its `total` is that one statistic of the minute."""

    namespace: str
    name: str
    unit: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    source: str = "logs"
    """`logs` (embedded metric format) or `cloudwatch` (GetMetricData)."""
    statistics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One minute of a series, also where values came each second. What a CloudWatch point says: see
    `MetricSeries.statistics`."""

    at: int
    count: int
    total: float
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class CollectorRun:
    """How the last run of a collector went: shown on Health, and the age behind every page."""

    place: Place
    collector: str
    finished_at: int
    took_ms: int
    read: int
    wrote: int
    unrecognised: int = 0
    behind_ms: int | None = None
    problems: tuple[str, ...] = ()
    calls: int = 0
    """Calls that grow with what is collected: per function, per metric."""
    paid_metrics: int = 0
    """Metrics asked of GetMetricData, which bills each."""


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """A line or payload nobody could read: counted, sampled, shown."""

    place: Place
    source: str
    reason: str
    sample: str
    at: int
    event_id: str
