"""Platform lines of functions with the JSON log format, at the levels they have by default.

An on-demand init that went well shows initStart only; initReport and the runtimeDone of a success need
system level DEBUG, which `debug_platform` functions have."""

from __future__ import annotations

import json
import math
from typing import Any

from demo.history_plan import Call, Environment
from demo.history_text import RUNTIME_VERSIONS, Line, runtime_arn
from store.clock import iso
from store.records import Status


def opening(environment: Environment, call: Call) -> list[Line]:
    """From platform.initStart, when cold, to platform.start."""
    lines = _init(environment, call) if call.cold else []
    return [*lines, _event(call.began_at, "start", {
        "requestId": call.request_id, "version": environment.version, **_tracing(call)})]


def closing(environment: Environment, call: Call) -> list[Line]:
    """platform.runtimeDone, where its level lets it through, and platform.report."""
    status = _status(environment, call)
    metrics: dict[str, Any] = {
        "durationMs": call.duration_ms, "billedDurationMs": math.ceil(call.duration_ms + (call.init_ms or 0)),
        "memorySizeMB": environment.profile.memory_mb, "maxMemoryUsedMB": call.used_mb}
    if call.init_ms is not None:
        metrics["initDurationMs"] = call.init_ms
    report = _event(call.ended_at, "report", {
        "requestId": call.request_id, "metrics": metrics, **_tracing(call), "status": status})
    if status == "success" and not environment.profile.debug_platform:
        return [report]
    return [_event(call.ended_at, "runtimeDone", {
        "requestId": call.request_id, "status": status,
        "metrics": {"durationMs": call.duration_ms, "producedBytes": call.number % 900}}), report]


def _init(environment: Environment, call: Call) -> list[Line]:
    profile = environment.profile
    init = {"initializationType": "on-demand", "phase": "init"}
    start = _event(call.arrived_at, "initStart", {
        **init, "runtimeVersion": RUNTIME_VERSIONS[profile.runtime], "runtimeVersionArn": runtime_arn(profile),
        "functionName": profile.name, "functionVersion": environment.version})
    if not profile.debug_platform:
        return [start]
    return [start, _event(call.began_at, "initRuntimeDone", {**init, "status": "success"}),
            _event(call.began_at, "initReport", {**init, "status": "success",
                                                 "metrics": {"durationMs": call.init_ms}})]


def _status(environment: Environment, call: Call) -> str:
    """Node tells the platform of a thrown error; Python's platform lines call the same invocation a success."""
    if call.status is Status.TIMEOUT:
        return "timeout"
    thrown = call.status is Status.ERROR and environment.profile.family == "nodejs"
    return "error" if thrown else "success"


def _tracing(call: Call) -> dict[str, Any]:
    if call.trace_id is None:
        return {}
    value = f"Root={call.trace_id};Parent={call.trace_id[-16:]};Sampled=1"
    return {"tracing": {"spanId": call.trace_id[-16:], "type": "X-Amzn-Trace-Id", "value": value}}


def _event(at: int, kind: str, record: dict[str, Any]) -> Line:
    text = json.dumps({"time": iso(at), "type": f"platform.{kind}", "record": record}, separators=(",", ":"))
    return at, text + "\n"
