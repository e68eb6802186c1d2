"""How an invocation ended: decided once, here, from everything its lines say.

First match wins: out of memory, timeout, an uncaught error the runtime lived to report, crash, ok. A logged ERROR
alone never makes an ok invocation an error; last words (`Killed`, a panic) only give a known failure its name.
"""

from __future__ import annotations

from typing import NamedTuple

from collectors.drafts import Draft
from collectors.lines import Reported, Uncaught
from store.records import Status

OUT_OF_MEMORY_TYPES = frozenset(
    {"Runtime.OutOfMemory", "MemoryError", "java.lang.OutOfMemoryError", "System.OutOfMemoryException", "NoMemoryError"}
)
NEARLY_ALL_MEMORY = 0.95
"""`signal: killed` with less of the memory used is some other kill."""
TIMED_OUT_TYPES = frozenset({"Sandbox.Timedout", "Sandbox.Timeout", "Runtime.InvokeTimeout"})
EXIT_TYPES = frozenset(
    {
        "Runtime.ExitError", "Runtime.InvalidEntrypoint", "Runtime.InvalidWorkingDir", "Runtime.InvalidTaskConfig",
        "Runtime.Unavailable", "Runtime.Unknown", "Runtime.InitError", "Runtime.TruncatedResponse",
        "Runtime.InvalidResponseModeHeader", "Extension.InitError", "Extension.ExitError", "Extension.Crash",
        "Extension.LaunchError", "Sandbox.Failure", "Function.Unknown",
    }
)  # fmt: skip
"""Types the platform itself gives: the process or sandbox is gone. Others name the function's own error."""
RUNTIME_OWN = frozenset(
    {
        "ImportModuleError", "HandlerNotFound", "MalformedHandlerName", "UserCodeSyntaxError",
        "MalformedStreamingHandler", "InvalidStreamingOperation", "NodeJsExit", "UnhandledPromiseRejection",
    }
)  # fmt: skip
"""Node writes these with `Runtime.` in text format and without in JSON format: one name for one thing."""
TIMEOUT_TOLERANCE_MS = 50.0
"""A timeout line is believed over a REPORT without Status only if the run was that long."""
_NONE = Reported("")


class Verdict(NamedTuple):
    """The status, and the error that goes with it."""

    status: Status
    error_type: str | None = None
    message: str | None = None
    stack: str | None = None


class _Evidence(NamedTuple):
    report: Reported
    failed: bool
    platform_type: str | None
    own: Uncaught | None
    exited: bool


def decide(draft: Draft) -> Verdict:
    """The verdict on a draft as it stands; OPEN while neither a REPORT nor what stands in for it is there."""
    if draft.report is None and draft.closes_at is None:
        return Verdict(Status.OPEN)
    evidence = _evidence(draft)
    if _out_of_memory(draft, evidence):
        return _verdict(Status.OOM, draft, evidence)
    if _timed_out(draft, evidence):
        return _verdict(Status.TIMEOUT, draft, evidence)
    if evidence.failed or evidence.exited:
        status = Status.CRASH if _crashed(draft, evidence) else Status.ERROR
        return _verdict(status, draft, evidence)
    if evidence.own is not None:
        return _verdict(Status.ERROR, draft, evidence)
    return Verdict(Status.OK)


def _evidence(draft: Draft) -> _Evidence:
    report = draft.report or _NONE
    done = draft.done
    status = report.status or (done.status if done else None)
    failed = status not in (None, "success")
    platform_type = report.error_type or (done.error_type if done else None)
    exited = draft.fault is not None and draft.fault.kind == "exit"
    return _Evidence(report, failed, platform_type, _own_error(draft, report, failed or exited), exited)


def _own_error(draft: Draft, report: Reported, failed: bool) -> Uncaught | None:
    """What the function's side wrote about its failure. An error of the init counts only if the platform says that
    the invocation failed: an init that fails and then succeeds inside the invoke is no failure."""
    if draft.uncaught is not None:
        return draft.uncaught
    if not failed:
        return None
    if draft.environment is not None and draft.environment.error is not None:
        return draft.environment.error
    logged = draft.logged
    if logged is None or not report.structured:
        return None
    return Uncaught(logged.error_type, logged.error_message or logged.message, logged.stack, None, logged.level)


def _out_of_memory(draft: Draft, evidence: _Evidence) -> bool:
    if evidence.platform_type == "Runtime.OutOfMemory":
        return True
    if evidence.own is not None and evidence.own.error_type in OUT_OF_MEMORY_TYPES:
        return True
    if not (evidence.failed or evidence.exited or evidence.own):
        return False
    if draft.hint is not None and draft.hint.kind == "oom":
        return True
    killed = draft.fault is not None and "signal: killed" in (draft.fault.message or "")
    used, size = evidence.report.max_memory_mb, evidence.report.memory_mb
    return killed and used is not None and size is not None and used >= NEARLY_ALL_MEMORY * size


def _timed_out(draft: Draft, evidence: _Evidence) -> bool:
    said = evidence.report.status or (draft.done.status if draft.done else None)
    if said == "timeout" or evidence.platform_type in TIMED_OUT_TYPES:
        return True
    fault = draft.fault if draft.fault is not None and draft.fault.kind == "timeout" else draft.tentative
    if fault is None:
        return False
    words, duration = (fault.message or "").split(), evidence.report.duration_ms
    if evidence.failed or duration is None or len(words) < 6:
        return True
    return duration >= float(words[4]) * 1_000 - TIMEOUT_TOLERANCE_MS


def _crashed(draft: Draft, evidence: _Evidence) -> bool:
    if evidence.own is None:
        return evidence.platform_type is None or evidence.platform_type in EXIT_TYPES
    if draft.uncaught is None and draft.environment is not None and draft.environment.error is evidence.own:
        return False
    return evidence.exited or evidence.platform_type == "Runtime.ExitError"


def _verdict(status: Status, draft: Draft, evidence: _Evidence) -> Verdict:
    own, hint = evidence.own, draft.hint
    fault = draft.fault or draft.tentative
    platform_type = evidence.platform_type or (fault.error_type if fault else None) or _init_type(draft)
    if own is not None:
        return Verdict(status, _one_name(own.error_type) or platform_type, own.message, own.stack)
    if status is Status.TIMEOUT:
        return Verdict(status, platform_type, fault.message if fault else None)
    message = (hint.message if hint else None) or (fault.message if fault else None)
    return Verdict(status, (hint.error_type if hint else None) or platform_type, message)


def _init_type(draft: Draft) -> str | None:
    reports = draft.environment.reports if draft.environment else []
    return next((report.error_type for report, _ in reversed(reports) if report.error_type), None)


def _one_name(error_type: str | None) -> str | None:
    return f"Runtime.{error_type}" if error_type in RUNTIME_OWN else error_type
