"""What each runtime writes when a handler throws: the stack, in the runtime's own words."""

from __future__ import annotations

import json

from demo.fleet import Fault
from demo.history_plan import CARRIAGE, SPLIT, Call, Environment
from store.clock import iso, utc
from store.records import Status

_NO_BREAK = "\u00a0"
"""Python's runtime indents the stack of an uncaught error with U+00A0."""


def uncaught(environment: Environment, call: Call, at: int) -> list[str]:
    """The log events of an error nobody caught, or of a process that died; none when there was no time to write."""
    fault = call.fault
    if fault is None or fault.status not in (Status.ERROR, Status.CRASH):
        return []
    family = environment.profile.family
    if environment.profile.log_format == "JSON":
        return [_node_json(call, fault, at) if family == "nodejs" else _python_json(call, fault, at)]
    if family in ("python", "java"):
        return _framed(environment, _python(call, fault) if family == "python" else _java(call, fault))
    return {"nodejs": _node, "dotnet": _dotnet, "provided": _go, "ruby": _ruby}[family](call, fault, at)


def node_stack(call: Call, fault: Fault) -> list[str]:
    """`Error.stack` as a list of lines."""
    frames = [f"    at {f.function} ({f.file})" if f.line == 0 else
              f"    at {f.function} (/var/task/{f.file}:{f.line}:{f.line % 37 + 3})" for f in fault.frames]
    return [f"{fault.error_type}: {call.error_message}", *frames]


def python_stack(fault: Fault, blank: str = " ") -> list[str]:
    """The frames of a traceback, two lines each."""
    return [line for f in fault.frames for line in (
        f'{blank * 2}File "/var/task/{f.file}", line {f.line}, in {f.function}', f"{blank * 4}{f.code}")]


def _framed(environment: Environment, text: str) -> list[str]:
    if environment.framing == CARRIAGE:
        return [text.rstrip("\n").replace("\n", "\r") + "\n"]
    if environment.framing == SPLIT:
        return [line + "\n" for line in text.rstrip("\n").split("\n")]
    return [text]


def _python(call: Call, fault: Fault) -> str:
    return "\n".join([f"[ERROR] {fault.error_type}: {call.error_message}", "Traceback (most recent call last):",
                      *python_stack(fault, _NO_BREAK)])


def _python_json(call: Call, fault: Fault, at: int) -> str:
    frames = python_stack(fault)
    pairs = [f"{where}\n{code}\n" for where, code in zip(frames[::2], frames[1::2], strict=True)]
    return json.dumps({"timestamp": f"{utc(at):%Y-%m-%dT%H:%M:%SZ}", "log_level": "ERROR",
                       "errorMessage": call.error_message, "errorType": fault.error_type,
                       "requestId": call.request_id, "stackTrace": pairs}) + "\n"


def _node(call: Call, fault: Fault, at: int) -> list[str]:
    body = {"errorType": fault.error_type, "errorMessage": call.error_message, "name": fault.error_type,
            "stack": node_stack(call, fault)}
    text = json.dumps(body, separators=(",", ":"))
    return [f"{iso(at)}\t{call.request_id}\tERROR\tInvoke Error \t{text}\n"]


def _node_json(call: Call, fault: Fault, at: int) -> str:
    message = {"errorType": fault.error_type, "errorMessage": call.error_message,
               "stackTrace": node_stack(call, fault)}
    return json.dumps({"timestamp": iso(at), "level": "ERROR", "requestId": call.request_id, "message": message},
                      separators=(",", ":")) + "\n"


def _java(call: Call, fault: Fault) -> str:
    frames = "".join(f"\tat {f.function}({f.file}:{f.line})\n" for f in fault.frames)
    return (f"{call.error_message}: {fault.error_type}\n{fault.error_type}: {call.error_message}\n{frames}"
            "\tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(Unknown Source)\n\n")


def _dotnet(call: Call, fault: Fault, at: int) -> list[str]:
    frames = "".join(f"\n   at {f.function} in /src/Invoices/{f.file}:line {f.line}" for f in fault.frames)
    return [f"{iso(at)}\t{call.request_id}\tfail\t{fault.error_type}: {call.error_message}{frames}\n"]


def _go(call: Call, fault: Fault, at: int) -> list[str]:
    """The handler's error as the Go library logs it; after a panic, the process says that it leaves."""
    stamp = f"{utc(at):%Y/%m/%d %H:%M:%S}"
    body: dict[str, object] = {"errorMessage": call.error_message, "errorType": fault.error_type}
    if fault.status is not Status.CRASH:
        return [f"{stamp} {json.dumps(body, separators=(',', ':'))}\n"]
    body["stackTrace"] = [{"path": f.file, "line": f.line, "label": f.function} for f in fault.frames]
    return [f"{stamp} {json.dumps(body, separators=(',', ':'))}\n",
            f"{stamp} calling the handler function resulted in a panic, the process should exit\n"]


def _ruby(call: Call, fault: Fault, _at: int) -> list[str]:
    frames = [f"/var/task/{f.file}:{f.line}:in `{f.function}'" for f in fault.frames]
    body = {"errorMessage": call.error_message, "errorType": f"Function<{fault.error_type}>",
            "stackTrace": frames}
    return ["Error raised from handler method\n", json.dumps(body, indent=2) + "\n"]
