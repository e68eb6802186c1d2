"""Structured loggers, by what each wrote when it was run."""

import json
from typing import Any

import pytest

from collectors.lines import Ignored, InitReported, InitStarted, Line, Reported, Said, Started, Uncaught, Unrecognised
from collectors.recognise import recognise

ID = "8f507cfc-0000-4697-b07a-ac58fc914c95"
TRACE = "1-62e900b2-710d76f009d6e7785905449a"
STACK = "TypeError: boom\n    at f (a.js:1:1)"
PYTHON = "Traceback (most recent call last):\n  File \"/var/task/h.py\", line 10, in h\nKeyError: 'k'"

SHAPES: list[tuple[str, dict[str, Any], Line]] = [
    (
        "powertools python",
        {"level": "INFO", "location": "h:9", "message": "hi", "timestamp": "2026-11-23 19:11:29,994+0000",
         "service": "payment", "cold_start": True, "function_name": "fn", "function_memory_size": 128,
         "function_request_id": ID, "correlation_id": "corr", "order": 1, "xray_trace_id": TRACE},
        Said("hi", "INFO", ID, cold_start=True, trace_id=TRACE),
    ),
    (
        "powertools python error",
        {"level": "ERROR", "message": "failed", "function_request_id": ID, "exception": PYTHON,
         "exception_name": "KeyError", "messageId": "m-1"},
        Said("failed", "ERROR", ID, "KeyError", "'k'", PYTHON, message_ids=("m-1",)),
    ),
    (
        "powertools python error told twice",
        {"level": "ERROR", "message": "failed", "function_request_id": ID, "exception": PYTHON,
         "exception_name": "KeyError", "stack_trace": {"type": "KeyError", "value": "'k'", "module": "builtins",
                                                       "frames": [{"file": "/var/task/h.py", "line": 9}]}},
        Said("failed", "ERROR", ID, "KeyError", "'k'", PYTHON),
    ),
    (
        "powertools typescript",
        {"level": "CRITICAL", "message": "failed", "cold_start": False, "function_memory_size": "128",
         "function_request_id": ID, "tenant_id": "t1", "xray_trace_id": TRACE,
         "error": {"name": "TypeError", "location": "a.js:1", "message": "boom", "stack": STACK}},
        Said("failed", "FATAL", ID, "TypeError", "boom", STACK, False, TRACE, "t1"),
    ),
    (
        "powertools .net",
        {"cold_start": True, "function_request_id": ID, "level": "Error", "name": "x", "message": "failed",
         "exception": {"type": "System.Exception", "message": "boom", "stack_trace": "   at F.G()"}},
        Said("failed", "ERROR", ID, "System.Exception", "boom", "   at F.G()", True),
    ),
    (
        "pino",
        {"level": 50, "time": 1795461089770, "pid": 8, "err": {"type": "TypeError", "message": "boom", "stack": STACK},
         "msg": "failed"},
        Said("failed", "ERROR", None, "TypeError", "boom", STACK),
    ),
    (
        "winston",
        {"level": "error", "message": "failed boom", "service": "s", "stack": STACK},
        Said("failed boom", "ERROR", None, "TypeError", "boom", STACK),
    ),
    (
        "bunyan",
        {"name": "svc", "pid": 1, "level": 60, "err": {"message": "boom", "name": "TypeError", "stack": STACK},
         "msg": "failed", "v": 0},
        Said("failed", "FATAL", None, "TypeError", "boom", STACK),
    ),
    (
        "structlog",
        {"event": "failed", "level": "error", "exception": PYTHON},
        Said("failed", "ERROR", None, "KeyError", "'k'", PYTHON),
    ),
    (
        "python-json-logger",
        {"asctime": "2026-11-23 19:11:30,027", "levelname": "WARNING", "name": "pj", "message": "careful"},
        Said("careful", "WARN"),
    ),
    ("slog", {"time": "x", "level": "ERROR+4", "msg": "m", "requestId": ID}, Said("m", "ERROR", ID)),
    (
        "serilog",
        {"@t": "x", "@m": "failed", "@l": "Error", "@x": "System.Exception: boom\n   at F.G()"},
        Said("failed", "ERROR", None, "System.Exception", "boom", "System.Exception: boom\n   at F.G()"),
    ),
    ("serilog at its usual level", {"@t": "x", "@mt": "hi {X}"}, Said("hi {X}", "INFO")),
    (
        "rust tracing",
        {"level": "INFO", "fields": {"message": "hi"}, "target": "a", "span": {"requestId": ID}},
        Said("hi", "INFO", ID),
    ),
    (
        "the guide's own",
        {"timestamp": "x", "level": "ERROR", "message": "failed", "requestId": ID, "functionName": "f",
         "functionVersion": "7", "traceId": f"Root={TRACE};Parent=1;Sampled=1",
         "error": {"name": "TypeError", "message": "boom", "stack": STACK}},
        Said("failed", "ERROR", ID, "TypeError", "boom", STACK, None, TRACE, None, "7"),
    ),
    (
        "python runtime",
        {"timestamp": "2026-11-23T19:12:31Z", "level": "INFO", "message": "hello x", "logger": "app", "requestId": ID,
         "tenantId": "BlueTenant"},
        Said("hello x", "INFO", ID, tenant_id="BlueTenant"),
    ),
    (
        "python runtime, uncaught",
        {"timestamp": "x", "log_level": "ERROR", "errorMessage": "bad\nvalue", "errorType": "ValueError",
         "requestId": ID, "stackTrace": ["  File …\n", "  File 2\n"]},
        Uncaught("ValueError", "bad\nvalue", "  File …\n  File 2", ID, "ERROR"),
    ),
    (
        "python runtime, import failure",
        {"timestamp": "x", "log_level": "ERROR", "errorMessage": "No module", "errorType":
         "Runtime.ImportModuleError", "requestId": "", "stackTrace": []},
        Uncaught("Runtime.ImportModuleError", "No module", None, None, "ERROR"),
    ),
    (
        "node runtime, an error object",
        {"timestamp": "x", "level": "ERROR", "requestId": ID,
         "message": {"errorType": "MyErr", "errorMessage": "alone", "stackTrace": ["MyErr: alone", "    at x"]}},
        Said("alone", "ERROR", ID, "MyErr", "alone", "MyErr: alone\n    at x"),
    ),
    (
        "node runtime, a structured line inside",
        {"timestamp": "x", "level": "INFO", "requestId": ID, "message": '{"level":"ERROR","message":"in"}'},
        Said("in", "ERROR", ID),
    ),
    (
        ".net runtime, uncaught",
        {"timestamp": "x", "level": "Critical", "requestId": ID, "message": "", "errorType": "System.Exception",
         "errorMessage": "boom", "stackTrace": ["at F"]},
        Uncaught("System.Exception", "boom", "at F", ID, "FATAL"),
    ),
    (
        "java runtime, uncaught",
        {"timestamp": "x", "level": "ERROR", "AWSRequestId": ID,
         "message": "woops: java.lang.Error\njava.lang.Error: woops\n\tat a.B.c(B.java:1)\n"},
        Uncaught("java.lang.Error", "woops", "java.lang.Error: woops\n\tat a.B.c(B.java:1)", ID, "ERROR"),
    ),
    (
        "a web framework's request id",
        {"level": "info", "message": "GET /", "request_id": "abc-1"},
        Said("GET /", "INFO"),
    ),
    (
        "platform.start",
        {"time": "t", "type": "platform.start", "record": {"requestId": ID, "version": "$LATEST", "tenantId": "T",
         "tracing": {"type": "X-Amzn-Trace-Id", "value": f"Root={TRACE};Parent=1;Sampled=1"}}},
        Started(ID, "$LATEST", TRACE, "T", time="t", structured=True),
    ),
    (
        "platform.report",
        {"time": "t", "type": "platform.report", "record": {"metrics": {"durationMs": 11.642, "billedDurationMs": 12,
         "memorySizeMB": 128, "maxMemoryUsedMB": 67, "initDurationMs": 174.055}, "status": "success", "requestId": ID}},
        Reported(ID, 11.642, 12, 128, 67, 174.055, status="success", time="t", structured=True),
    ),
    (
        "platform.initStart",
        {"time": "t", "type": "platform.initStart", "record": {"initializationType": "provisioned-concurrency",
         "runtimeVersion": "nodejs:18.v28"}},
        InitStarted("nodejs:18.v28", "provisioned-concurrency", time="t"),
    ),
    (
        "platform.initReport",
        {"time": "t", "type": "platform.initReport", "record": {"initializationType": "on-demand", "phase": "init",
         "status": "timeout", "metrics": {"durationMs": 10000.487}}},
        InitReported(10000.487, "init", "timeout", init_type="on-demand"),
    ),
    ("an unknown platform event", {"time": "t", "type": "platform.new", "record": {}}, Ignored("platform.new")),
]  # fmt: skip


@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=["bare", "LF", "CRLF"])
@pytest.mark.parametrize(("document", "line"), [pytest.param(d, line, id=name) for name, d, line in SHAPES])
def test_a_structured_line_is_recognised_whatever_its_key_order(document, line, end):
    assert recognise(json.dumps(document) + end) == line
    assert recognise(json.dumps(dict(reversed(document.items()))) + end) == line
    assert recognise(json.dumps(document, indent=2) + end) == line


@pytest.mark.parametrize("label", ["INFO", "DEBUG"])
def test_a_structured_line_behind_nodes_prefix_knows_its_own_level(label):
    text = f'2026-11-23T19:11:29.835Z\t{ID}\t{label}\t{{"level":"error","message":"in"}}'
    assert recognise(text) == Said("in", "ERROR", ID)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"_aws":{"Timestamp":1', "embedded metrics"),
        ('{"time":"x","type":"platform.report","record":{', "a platform event"),
        ('{"level":"ERROR","message":"cut of', "structured log line"),
        ('{"type":"platform.report","record":{"requestId":"nobody"}}', "without a request id"),
        ('{"type":"platform.fault","record":"words"}', "cannot be read"),
    ],
)
def test_json_that_claims_to_be_something_and_cannot_be_read_is_shown(text, reason):
    line = recognise(text)
    assert isinstance(line, Unrecognised)
    assert reason in line.reason


@pytest.mark.parametrize(
    "text", ["{}", "{ a: 1 }", "{", "[1, 2]", '{"a": NaN}', '"text"', "{" * 5_000, '{"a":' * 3_000]
)
def test_braces_that_claim_nothing_are_a_print(text):
    assert type(recognise(text)) is Said
