"""Lines become invocations: a fold over log events that can stop and go on."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.events import LogEvent
from collectors.lines import Metric
from store.records import Invocation


@dataclass(frozen=True, slots=True)
class Init:
    """An init that failed, or that no invocation followed. Durations ms, times epoch ms."""

    log_stream: str
    log_group: str
    status: str
    phase: str | None = None
    init_type: str | None = None
    runtime_version: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    stack: str | None = None
    init_ms: float | None = None
    restore_ms: float | None = None
    started_at: int | None = None
    ended_at: int | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class MetricSaid:
    """One embedded metric, the event it came in, and the invocation it was said in, if that is known."""

    metric: Metric
    event: LogEvent
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """An event, or a part of one, that could not be read, with the reason."""

    reason: str
    sample: str
    event: LogEvent


class Assembler:
    """Folds log events, in stream order, into what they tell. Feed one event at a time; drain when you like."""

    def feed(self, event: LogEvent) -> None: ...

    def closed(self, batch_ended: bool = True) -> list[Invocation]:
        """Drain finished invocations. At the end of a batch everything that has its REPORT is finished;
        in the middle of one (`batch_ended=False`) late lines may still come, until the stream's next START."""
        raise NotImplementedError

    def open(self) -> list[Invocation]:
        """What has begun and not ended, as it stands. Nothing is drained."""
        raise NotImplementedError

    def inits(self, batch_ended: bool = True) -> list[Init]: ...  # type: ignore[empty-body]
    def metrics(self) -> list[MetricSaid]: ...  # type: ignore[empty-body]
    def unrecognised(self) -> list[Unread]: ...  # type: ignore[empty-body]
