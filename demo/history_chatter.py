"""What the functions themselves say: ordinary log lines of a dozen loggers, handled errors, embedded metrics."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from demo.history_failures import node_stack, python_stack
from demo.history_plan import Call, Environment
from demo.history_text import Line
from store.clock import iso, utc
from store.records import Status

WARN_SHARE = 0.04
HANDLED_SHARE = 0.006
"""Ok invocations that log an error they dealt with: an ERROR line alone is not a failure."""

_SAID = {
    "checkout-api": ("order {n} priced", "payment intent created for order {n}", "slow payment provider, {n} ms"),
    "cart-api": ("cart loaded with {n} lines", "item added to cart", "coupon {n} is about to expire"),
    "pricing": ("priced {n} lines in EUR", "rates refreshed", "rate older than {n} s"),
    "search-index": ("indexed {n} documents", "shard flushed", "bulk of {n} documents is over the soft limit"),
    "recommendations": ("ranked {n} candidates", "profile cache hit", "profile cache miss for segment {n}"),
    "invoices": ("invoice {n} rendered", "tax rules loaded", "invoice {n} has no customer reference"),
    "thumbnails-large": ("resizing image {n} to 1600x1200", "stored 3 renditions", "image {n} has no EXIF block"),
    "inventory-sync": ("pulled page {n}", "levels written", "page {n} came back empty, trying again"),
    "auth-authorizer": ("token accepted", "key set refreshed", "token expires in {n} s"),
    "webhooks": ("event {n} accepted", "signature verified", "event {n} was seen before"),
    "report-nightly": ("region {n} summed", "sheet written", "region {n} has no orders"),
    "ledger-writer": ("{n} rows written", "batch committed", "row {n} was written before"),
}


def said(environment: Environment, call: Call, rng: Random) -> list[Line]:
    """The application lines of one invocation, in order, between its start and its end."""
    if call.fault is not None and call.fault.at_init:
        return []
    write = _LOGGERS[environment.profile.logger]
    moments = sorted(rng.uniform(0.05, 0.9) for _ in range(_how_many(environment.profile.chatty, rng)))
    times = [call.began_at + int(call.duration_ms * share) for share in moments]
    spoken = [(at, write(environment, call, at, *_remark(environment, rng))) for at in times]
    if call.status is Status.OK and rng.random() < HANDLED_SHARE:
        spoken.append((call.ended_at, write(environment, call, call.ended_at, "ERROR", "gave up on a side task")))
    if call.status is Status.ERROR and environment.profile.logger in ("structured", "powertools"):
        spoken.append((call.ended_at, write(environment, call, call.ended_at, "ERROR", "request failed")))
    if environment.profile.metrics and call.status in (Status.OK, Status.ERROR):
        spoken.append((call.ended_at, _metrics(call)))
    return spoken


def _how_many(mean: float, rng: Random) -> int:
    return int(mean) + (rng.random() < mean % 1)


def _remark(environment: Environment, rng: Random) -> tuple[str, str]:
    """A level and a sentence; the last sentence of each function is its warning."""
    usual, other, warning = _SAID[environment.profile.name]
    if rng.random() < WARN_SHARE:
        return "WARN", warning.replace("{n}", str(rng.randrange(100, 9_999)))
    return "INFO", (usual if rng.random() < 0.6 else other).replace("{n}", str(rng.randrange(1, 900)))


def _dense(body: dict[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":")) + "\n"


def _python(_: Environment, call: Call, at: int, level: str, text: str) -> str:
    name = "WARNING" if level == "WARN" else level
    return f"[{name}]\t{iso(at)}\t{call.request_id}\t{text}\n"


def _node_json(_: Environment, call: Call, at: int, level: str, text: str) -> str:
    return _dense({"timestamp": iso(at), "level": level, "requestId": call.request_id, "message": text})


def _structured(environment: Environment, call: Call, at: int, level: str, text: str) -> str:
    """The structured logger most teams write themselves: one object, the context, the error when there is one."""
    body: dict[str, Any] = {
        "timestamp": iso(at), "level": level, "message": text, "requestId": call.request_id,
        "functionName": environment.profile.name, "functionVersion": environment.version, "traceId": call.trace_id}
    if level == "ERROR" and call.fault is not None:
        body["error"] = {"name": call.fault.error_type, "message": call.error_message,
                         "stack": "\n".join(node_stack(call, call.fault))}
    return _dense(body)


def _powertools(environment: Environment, call: Call, at: int, level: str, text: str) -> str:
    name = environment.profile.name
    body: dict[str, Any] = {
        "level": "WARNING" if level == "WARN" else level, "location": "handler:48", "message": text,
        "timestamp": f"{utc(at):%Y-%m-%d %H:%M:%S},{at % 1000:03d}+0000", "service": "cart",
        "cold_start": call.cold, "function_name": name, "function_memory_size": environment.profile.memory_mb,
        "function_arn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}:{environment.version}",
        "function_request_id": call.request_id, "xray_trace_id": call.trace_id}
    if level == "ERROR" and call.fault is not None:
        kind = call.fault.error_type
        body["exception"] = "\n".join(["Traceback (most recent call last):", *python_stack(call.fault),
                                       f"{kind}: {call.error_message}"])
        body["exception_name"] = kind
        body["stack_trace"] = {"type": kind, "value": call.error_message, "module": "builtins", "frames": [
            {"file": f"/var/task/{f.file}", "line": f.line, "function": f.function, "statement": f.code}
            for f in call.fault.frames]}
    return _dense(body)


def _pino(_: Environment, call: Call, at: int, level: str, text: str) -> str:
    number = {"INFO": 30, "WARN": 40, "ERROR": 50}[level]
    return _dense({"level": number, "time": at, "pid": 8, "hostname": "169.254.1.1",
                   "awsRequestId": call.request_id, "msg": text})


def _log4j2(environment: Environment, call: Call, at: int, level: str, text: str) -> str:
    name = "Indexer" if environment.profile.name == "search-index" else "Ranker"
    return f"{utc(at):%Y-%m-%d %H:%M:%S} {call.request_id} {level:<5} {name}:{len(text) + 40} - {text}\n"


def _dotnet(_: Environment, call: Call, at: int, level: str, text: str) -> str:
    label = {"INFO": "info", "WARN": "warn", "ERROR": "fail"}[level]
    return f"{iso(at)}\t{call.request_id}\t{label}\t{text}\n"


def _go(_: Environment, call: Call, at: int, level: str, text: str) -> str:
    return _dense({"time": iso(at), "level": level, "msg": text, "requestId": call.request_id})


def _ruby(_: Environment, call: Call, at: int, level: str, text: str) -> str:
    stamp = f"{utc(at):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}000"
    return f"{level[0]}, [{stamp} #8] {level:>5} {call.request_id} -- : {text}\n"


def _metrics(call: Call) -> str:
    """An embedded metric blob as Powertools flushes it: values are always lists."""
    outcome = "CartSuccess" if call.status is Status.OK else "CartError"
    names = [{"Name": "CartDuration", "Unit": "Milliseconds"}, {"Name": outcome, "Unit": "Count"}]
    return _dense({
        "_aws": {"Timestamp": call.ended_at, "CloudWatchMetrics": [
            {"Namespace": "cart/Lambda", "Dimensions": [["service"]], "Metrics": names}]},
        "service": "cart", "function_request_id": call.request_id,
        "CartDuration": [call.duration_ms], outcome: [1.0]})


_LOGGERS: dict[str, Callable[[Environment, Call, int, str, str], str]] = {
    "structured": _structured, "powertools": _powertools, "go": _go, "log4j2": _log4j2, "dotnet": _dotnet,
    "python": _python, "pino": _pino, "console": _node_json, "ruby": _ruby}
