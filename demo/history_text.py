"""Platform lines of functions with the text log format: INIT_START … REPORT, and how failures stand in them."""

from __future__ import annotations

import hashlib
import math

from demo.fleet import FunctionProfile
from demo.history_failures import uncaught
from demo.history_plan import Call, Environment
from store.clock import iso
from store.records import Status

Line = tuple[int, str]
"""When (epoch ms) and what: one log event."""

RUNTIME_VERSIONS = {
    "nodejs20.x": "nodejs:20.v84", "nodejs22.x": "nodejs:22.mainline.v98", "python3.12": "python:3.12.mainlinev2.v43",
    "python3.13": "python:3.13.v71", "java21": "java:21.mainline.v82", "dotnet8": "dotnet:8.v56",
    "ruby3.3": "ruby:3.3.v31", "provided.al2023": "provided:al2023.v104",
}


def runtime_arn(profile: FunctionProfile) -> str:
    """The runtime version's ARN, as INIT_START shows it."""
    digest = hashlib.sha256(RUNTIME_VERSIONS[profile.runtime].encode()).hexdigest()
    return f"arn:aws:lambda:us-east-1::runtime:{digest}"


def published(environment: Environment) -> list[Line]:
    """What publishing a SnapStart version leaves: an init without an invocation."""
    spent = environment.published_in_ms
    if spent is None:
        return []
    return [_started("INIT_START", environment, environment.born_at),
            (environment.born_at + math.ceil(spent), f"INIT_REPORT Init Duration: {spent:.2f} ms\n")]


def opening(environment: Environment, call: Call) -> list[Line]:
    """Everything up to and with START."""
    start = (call.began_at, f"START RequestId: {call.request_id} Version: {environment.version}\n")
    if not call.cold:
        return [start]
    if call.restore_ms is not None:
        return [_started("RESTORE_START", environment, call.arrived_at),
                (call.began_at, f"RESTORE_REPORT Restore Duration: {call.restore_ms:.2f} ms\n"), start]
    lines = [_started("INIT_START", environment, call.arrived_at)]
    if environment.profile.extension:
        lines.append((call.began_at, f"EXTENSION\tName: {environment.profile.extension}\tState: Ready\t"
                                     "Events: [INVOKE,SHUTDOWN]\n"))
    if call.fault is not None and call.fault.at_init:
        lines += _failed_init(environment, call)
    return [*lines, start]


def closing(environment: Environment, call: Call) -> list[Line]:
    """From the platform's own failure line, if it writes one, to REPORT."""
    at = call.ended_at
    end, report = (at, f"END RequestId: {call.request_id}\n"), (at, _report(environment, call))
    if not environment.old_style or call.status not in (Status.TIMEOUT, Status.OOM, Status.CRASH):
        return [end, report]
    line = (at, _old_failure(environment, call, at))
    after_report = call.status is Status.TIMEOUT and call.number % 3 == 0  # seen on either side of REPORT
    return [end, report, line] if after_report else [line, end, report]


def _started(word: str, environment: Environment, at: int) -> Line:
    version = RUNTIME_VERSIONS[environment.profile.runtime]
    return at, f"{word} Runtime Version: {version}\tRuntime Version ARN: {runtime_arn(environment.profile)}\n"


def _failed_init(environment: Environment, call: Call) -> list[Line]:
    """A failed init is tried again when the invocation comes, and tells of itself both times."""
    fault, spent = call.fault, float(call.began_at - call.arrived_at)
    if fault is None:
        return []
    half = call.arrived_at + int(spent / 2)
    lines: list[Line] = []
    for at, phase in ((half, "init"), (call.began_at, "invoke")):
        lines += [(at, text) for text in uncaught(environment, call, at)]
        lines.append((at, f"INIT_REPORT Init Duration: {spent / 2:.2f} ms\tPhase: {phase}\tStatus: error\t"
                          f"Error Type: {fault.error_type}\n"))
    return lines


def _old_failure(environment: Environment, call: Call, at: int) -> str:
    if call.status is Status.TIMEOUT:
        seconds = environment.profile.timeout_s
        return f"{iso(at)} {call.request_id} Task timed out after {seconds:.2f} seconds\n\n"
    reason = "signal: killed" if call.status is Status.OOM else "exit status 2"
    return f"RequestId: {call.request_id} Error: Runtime exited with error: {reason}\nRuntime.ExitError\n"


def _report(environment: Environment, call: Call) -> str:
    billed = math.ceil(call.duration_ms + (call.init_ms or 0))
    restore_billed = math.ceil(call.restore_ms * 0.6) if call.restore_ms is not None else 0
    parts = [f"REPORT RequestId: {call.request_id}", f"Duration: {call.duration_ms:.2f} ms",
             f"Billed Duration: {billed + restore_billed} ms",
             f"Memory Size: {environment.profile.memory_mb} MB", f"Max Memory Used: {call.used_mb} MB"]
    if call.init_ms is not None:
        parts.append(f"Init Duration: {call.init_ms:.2f} ms")
    if call.restore_ms is not None:
        parts += [f"Restore Duration: {call.restore_ms:.2f} ms", f"Billed Restore Duration: {restore_billed} ms"]
    status = _status_fields(environment, call)
    text = "\t".join(parts + status) + ("\n" if status else "\t\n")
    if call.trace_id is None:
        return text
    return f"{text}XRAY TraceId: {call.trace_id}\tSegmentId: {call.trace_id[-16:]}\tSampled: true\t\n"


def _status_fields(environment: Environment, call: Call) -> list[str]:
    """What newer environments add to REPORT; an error thrown by the handler never shows there."""
    if call.fault is not None and call.fault.at_init:
        return ["Status: error", f"Error Type: {call.fault.error_type}"]
    if environment.old_style:
        return []
    return {Status.TIMEOUT: ["Status: timeout"],
            Status.OOM: ["Status: error", "Error Type: Runtime.OutOfMemory"],
            Status.CRASH: ["Status: error", "Error Type: Runtime.ExitError"]}.get(call.status, [])
