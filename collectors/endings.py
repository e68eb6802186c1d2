"""A draft becomes the record that is kept."""

from __future__ import annotations

from datetime import datetime

from collectors.drafts import Draft, EnvironmentDraft, version_in
from collectors.events import LogEvent
from collectors.lines import Reported, Said
from collectors.statuses import decide
from store.records import FailedMessage, Invocation

MAX_MESSAGE_CHARS = 4_000
MAX_STACK_CHARS = 32_000
"""A record must fit an item of 400 KB with its lines; no real message or stack is this long."""
AHEAD = frozenset({"provisioned-concurrency", "lambda-managed-instances"})
"""Types of init that happen ahead of need."""
LONGEST_INIT_MS = 15_000
"""Lambda gives an init 10 seconds. Text format does not tell its type: an invocation that begins later than this, and
whose REPORT has no Init Duration, found an environment that was ready, as provisioned concurrency makes them."""
_NONE = Reported("")


def invocation(draft: Draft) -> Invocation:
    """The record of a draft as it stands."""
    verdict = decide(draft)
    report = draft.report or _NONE
    return Invocation(
        request_id=draft.request_id,
        log_stream=draft.stream,
        status=verdict.status,
        version=(draft.started.version if draft.started else None) or draft.version or version_in(draft.stream),
        error_type=verdict.error_type,
        error_message=_short(verdict.message, MAX_MESSAGE_CHARS),
        stack=_short(verdict.stack, MAX_STACK_CHARS),
        cold_start=cold_start(_waited(report), draft.environment, draft.said_cold, draft.report is not None,
                              draft.start_event.timestamp if draft.start_event else 0),
        duration_ms=report.duration_ms,
        billed_ms=report.billed_ms,
        memory_mb=report.memory_mb,
        max_memory_mb=report.max_memory_mb,
        init_ms=report.init_ms,
        restore_ms=report.restore_ms,
        trace_id=report.trace_id or draft.trace_id,
        tenant_id=draft.tenant_id,
        started_at=_time(draft.start_event, draft.started.time if draft.started else None),
        ended_at=_time(draft.report_event or draft.closes_at, report.time),
        levels=_levels(draft) if verdict.status.failed else dict(draft.levels),
        event_id=_closing_id(draft),
        occurrence=draft.occurrence,
        lines=_lines(draft) if verdict.status.failed else (),
        message_ids=tuple(draft.message_ids),
        failed_messages=tuple(_failed_message(name, said) for name, said in draft.failed_messages.items()),
        events=_said(draft),
        execution_arn=draft.execution_arn,
    )


def _levels(draft: Draft) -> dict[str, int]:
    """The error its init ended in was said before its START, perhaps twice; it is one line of its level."""
    error = draft.environment.error if draft.environment else None
    if error is None or error.level is None or draft.uncaught is not None:
        return dict(draft.levels)
    return {**draft.levels, error.level: draft.levels.get(error.level, 0) + 1}


def _said(draft: Draft) -> int:
    """Lines this rests on, those of its init included."""
    environment = draft.environment
    return draft.excerpt.said + (1 + environment.excerpt.said if environment is not None else 0)


def _failed_message(message_id: str, said: Said) -> FailedMessage:
    return FailedMessage(message_id, said.error_type, _short(said.error_message, MAX_MESSAGE_CHARS),
                         _short(said.stack, MAX_STACK_CHARS))


def _short(text: str | None, limit: int) -> str | None:
    return text if text is None or len(text) <= limit else text[: limit - 1] + "…"


def _closing_id(draft: Draft) -> str | None:
    event = draft.report_event or draft.closes_at
    return event.id or None if event else None


def _lines(draft: Draft) -> tuple[str, ...]:
    before = draft.environment.excerpt.lines() if draft.environment else ()
    return (*before, *draft.excerpt.lines()) if before else draft.excerpt.lines()


def _waited(report: Reported) -> float | None:
    return report.init_ms if report.init_ms is not None else report.restore_ms


def cold_start(waited: float | None, environment: EnvironmentDraft | None, said: bool | None,
               ended: bool, began: int = 0) -> bool | None:
    """Whether an invocation waited for, or was the first after, an init. One invocation is cold once.

    `waited` is the init or restore duration its REPORT has, `said` what its own logger believes, `began` its START,
    epoch ms. Provisioned concurrency inits ahead of need: its first invocation is not cold unless its REPORT says so;
    in text format one that comes at once after the init cannot be told from a cold one."""
    if waited is not None:
        return True
    if environment is not None and (environment.started is not None or environment.reports):
        if environment.init_type is None and began and environment.event.timestamp:
            return began - environment.event.timestamp <= LONGEST_INIT_MS
        return environment.init_type not in AHEAD
    if said is not None:
        return said
    return False if ended else None


def _time(event: LogEvent | None, said: str | None) -> int | None:
    if event is not None and event.timestamp > 0:
        return event.timestamp
    if said is None:
        return None
    try:
        return int(datetime.fromisoformat(said).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None
