"""What the fold over log events yields beside invocations: inits, metrics, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from collectors.drafts import EnvironmentDraft
from collectors.events import LogEvent
from collectors.lines import InitReported, InitStarted, Metric

_UNSAID = InitStarted()
_UNREPORTED = InitReported()


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


class MetricSaid(NamedTuple):
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


def init_of(draft: EnvironmentDraft, report: InitReported | None = None, event: LogEvent | None = None) -> Init:
    """One attempt at an init as a record. Without a report its own error says how it ended, or nothing: `open`."""
    said, known = report or _UNREPORTED, draft.started or _UNSAID
    failed = said.status not in (None, "success")
    error = draft.error if failed or report is None else None
    hint = draft.hint if failed and error is None else None
    duration = said.duration_ms
    return Init(
        log_stream=draft.event.log_stream,
        log_group=draft.event.log_group,
        status=(said.status or "success") if report is not None else "error" if error else "open",
        phase=said.phase,
        init_type=said.init_type or known.init_type,
        runtime_version=known.runtime_version,
        error_type=(error.error_type if error else None) or said.error_type,
        error_message=error.message if error else hint.message if hint else None,
        stack=error.stack if error else None,
        init_ms=None if said.restore else duration,
        restore_ms=duration if said.restore else None,
        started_at=draft.event.timestamp or None,
        ended_at=(event.timestamp or None) if event else None,
        event_id=(event or draft.event).id,
    )
