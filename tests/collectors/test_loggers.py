"""Loggers by name, each with the keys it really writes: one request id, level and error, whatever they are called."""

import json
from typing import Any

import pytest

from collectors.lines import Said, Uncaught, Unrecognised
from collectors.recognise import recognise
from tests.collectors.stories import A, end, only, report, start

ID = "8f507cfc-0000-4697-b07a-ac58fc914c95"
TRACE = "1-62e900b2-710d76f009d6e7785905449a"
T = "2026-11-23T19:12:31.752Z"
JAVA = "java.lang.IllegalStateException: bad\n\tat a.B.c(B.java:1)"
DURABLE = "arn:aws:lambda:us-east-1:123456789012:function:order:3/durable-execution/a1/b2"

LOGGERS: list[tuple[str, dict[str, Any], Said | Uncaught]] = [
    ("powertools java", {"level": "ERROR", "message": "failed", "error": {"message": "bad", "name":
     "java.lang.IllegalStateException", "stack": JAVA}, "cold_start": True, "function_memory_size": 512,
     "function_request_id": ID, "function_version": "7", "service": "s", "timestamp": T, "xray_trace_id": TRACE},
     Said("failed", "ERROR", ID, "java.lang.IllegalStateException", "bad", JAVA, True, TRACE, None, "7")),
    ("powertools java, ecs layout", {"@timestamp": T, "ecs.version": "1.2.0", "log.level": "ERROR", "message": "failed",
     "error.type": "java.lang.IllegalStateException", "error.message": "bad", "error.stack_trace": JAVA,
     "service.name": "s", "faas.name": "fn", "faas.version": "7", "faas.execution": ID, "faas.coldstart": True,
     "trace.id": TRACE},
     Said("failed", "ERROR", ID, "java.lang.IllegalStateException", "bad", JAVA, True, TRACE, None, "7")),
    ("ecs with objects", {"@timestamp": T, "log": {"level": "error", "logger": "x"}, "message": "failed",
     "error": {"type": "java.lang.IllegalStateException", "message": "bad", "stack_trace": JAVA}},
     Said("failed", "ERROR", None, "java.lang.IllegalStateException", "bad", JAVA)),
    ("powertools .net, camel case", {"coldStart": False, "xrayTraceId": TRACE, "functionName": "fn", "functionVersion":
     "$LATEST", "functionRequestId": ID, "level": "Warning", "name": "x", "message": "careful"},
     Said("careful", "WARN", ID, cold_start=False, trace_id=TRACE, version="$LATEST")),
    ("powertools .net, pascal case", {"ColdStart": True, "XrayTraceId": TRACE, "FunctionVersion": "$LATEST",
     "FunctionRequestId": ID, "Timestamp": T, "Level": "Error", "Name": "x", "Message": "failed",
     "Exception": {"Type": "System.Exception", "Message": "bad", "Source": "F", "StackTrace": "   at F.G()"}},
     Said("failed", "ERROR", ID, "System.Exception", "bad", "   at F.G()", True, TRACE, None, "$LATEST")),
    ("python's runtime since 2026, uncaught", {"timestamp": T, "level": "ERROR", "errorMessage": "bad", "errorType":
     "ValueError", "requestId": ID, "stackTrace": ["  File \"h.py\", line 1\n"]},
     Uncaught("ValueError", "bad", '  File "h.py", line 1', ID, "ERROR")),
    ("python's runtime, logged", {"timestamp": T, "level": "ERROR", "message": "oops", "logger": "app", "stackTrace":
     ["  File \"h.py\", line 17, in f\n"], "errorType": "KeyError", "errorMessage": "'k'", "requestId": ID, "location":
     "h.py:f:18"}, Said("oops", "ERROR", ID, "KeyError", "'k'", '  File "h.py", line 17, in f')),
    ("java's runtime without a level", {"timestamp": T, "message": "INFO: x", "level": "UNDEFINED", "AWSRequestId": ID},
     Said("INFO: x", None, ID)),
    ("log4j2 json template", {"timestamp": T, "level": "ERROR", "message": "failed", "logger": "a.B", "errorType":
     "java.lang.IllegalStateException", "errorMessage": "bad", "stackTrace": ["a.B.c(B.java:1)"], "AWSRequestId": ID},
     Said("failed", "ERROR", ID, "java.lang.IllegalStateException", "bad", "a.B.c(B.java:1)")),
    ("log4j2 json layout", {"instant": {"epochSecond": 1}, "level": "ERROR", "loggerName": "a.B", "message": "failed",
     "thrown": {"name": "java.lang.IllegalStateException", "message": "bad", "extendedStackTrace": JAVA}},
     Said("failed", "ERROR", None, "java.lang.IllegalStateException", "bad", JAVA)),
    ("logstash encoder", {"@timestamp": T, "@version": "1", "message": "failed", "logger_name": "a.B", "level": "ERROR",
     "level_value": 40000, "stack_trace": JAVA},
     Said("failed", "ERROR", None, "java.lang.IllegalStateException", "bad", JAVA)),
    ("zap", {"level": "error", "ts": 1795461089.77, "caller": "main.go:7", "msg": "failed", "error": "boom",
     "stacktrace": "main.f\n\t/m.go:9"}, Said("failed", "ERROR", None, None, "boom", "main.f\n\t/m.go:9")),
    ("zap dies", {"level": "dpanic", "ts": 1.5, "msg": "failed"}, Said("failed", "FATAL")),
    ("zerolog", {"level": "error", "error": "boom", "time": "2026-11-23T19:12:31Z", "message": "failed"},
     Said("failed", "ERROR", None, None, "boom")),
    ("logrus", {"level": "warning", "msg": "careful", "time": "2026-11-23T19:12:31Z"}, Said("careful", "WARN")),
    ("slog below debug", {"time": T, "level": "DEBUG-2", "msg": "m"}, Said("m", "DEBUG")),
    ("lambdacontext", {"timestamp": T, "level": "INFO", "message": "m", "requestId": ID, "tenantId":
     "t"}, Said("m", "INFO", ID, tenant_id="t")),
    ("rust tracing, all spans", {"timestamp": T, "level": "ERROR", "fields": {"message": "m"}, "target": "app",
     "spans": [{"name": "outer"}, {"name": "Lambda runtime invoke", "requestId": ID, "xrayTraceId": "Root=1"}]},
     Said("m", "ERROR", ID)),
    ("monolog", {"message": "failed", "context": {"exception": {"class": "RuntimeException", "message": "no", "code": 0,
     "file": "/a.php:3", "trace": ["/a.php:7"]}}, "level": 400, "level_name": "ERROR", "channel": "app"},
     Said("failed", "ERROR", None, "RuntimeException", "no", "/a.php:7")),
    ("monolog, its number alone", {"message": "hi", "level": 200, "channel": "app"}, Said("hi", "INFO")),
    ("lambda-log", {"_logLevel": "error", "msg": "failed", "stack": "TypeError: boom\n    at f", "_tags": ["log"]},
     Said("failed", "ERROR", None, "TypeError", "boom", "TypeError: boom\n    at f")),
    ("pino-lambda", {"awsRequestId": ID, "x-correlation-id": "c", "level": 30, "time": 1, "msg": "m"},
     Said("m", "INFO", ID)),
    ("google's severity", {"severity": "WARNING", "message": "careful"}, Said("careful", "WARN")),
    ("serilog, warning", {"@t": T, "@mt": "{X} is slow", "@l": "Warning", "X": 1}, Said("{X} is slow", "WARN")),
    ("node, an error and words", {"timestamp": T, "level": "ERROR", "requestId": ID, "message":
     "failed: E: boom\n    at f", "errorType": "E", "errorMessage": "boom", "stackTrace": ["E: boom", "    at f"]},
     Said("failed: E: boom\n    at f", "ERROR", ID, "E", "boom", "E: boom\n    at f")),
    ("node, an error at info", {"timestamp": T, "level": "INFO", "requestId": ID, "message": {"errorType":
     "ReferenceError", "errorMessage": "x", "stackTrace": ["ReferenceError: x"]}},
     Said("x", "INFO", ID, "ReferenceError", "x", "ReferenceError: x")),
    ("node, an object", {"timestamp": T, "level": "INFO", "requestId": ID, "message": {"data": 1}},
     Said("", "INFO", ID)),
    ("durable, typescript", {"timestamp": T, "level": "INFO", "requestId": ID, "executionArn": DURABLE, "operationId":
     "1", "operationName": "charge", "attempt": 1, "message": "m"}, Said("m", "INFO", ID, execution_arn=DURABLE)),
    ("durable, java", {"timestamp": T, "level": "INFO", "message": "m", "AWSRequestId": ID, "durableExecutionArn":
     DURABLE, "attempt": "1"}, Said("m", "INFO", ID, execution_arn=DURABLE)),
    ("a state machine's execution", {"level": "INFO", "message": "m", "executionArn":
     "arn:aws:states:us-east-1:123456789012:execution:m:e"}, Said("m", "INFO")),
]  # fmt: skip


@pytest.mark.parametrize(("document", "line"), [pytest.param(d, line, id=name) for name, d, line in LOGGERS])
def test_a_loggers_line_says_the_same_however_it_is_printed(document, line):
    for text in (json.dumps(document), json.dumps(dict(reversed(document.items()))), json.dumps(document, indent=2)):
        for ending in ("", "\n", "\r\n"):
            assert recognise(text + ending) == line


@pytest.mark.parametrize(("document", "line"), [pytest.param(d, line, id=name) for name, d, line in LOGGERS])
def test_a_loggers_line_counts_in_the_invocation_around_it(document, line):
    text = json.dumps(document).replace(ID, A)
    invocation = only(start(), "before", text, "after", end(), report())
    assert invocation.levels == ({line.level: 1} if line.level else {})
    assert invocation.status.value == ("error" if isinstance(line, Uncaught) else "ok")
    if isinstance(line, Said):
        assert (invocation.trace_id, invocation.tenant_id) == (line.trace_id, line.tenant_id)
        assert (invocation.execution_arn, invocation.cold_start) == (line.execution_arn, bool(line.cold_start))


BLOB = {"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "n", "Metrics": [{"Name": "a"}]}]}, "a": 1}


def test_metrics_inside_another_line_are_not_metrics():
    for text in (f"{T}\t{ID}\tINFO\t{json.dumps(BLOB)}",
                 json.dumps({"timestamp": T, "level": "INFO", "requestId": ID, "message": json.dumps(BLOB)})):
        assert recognise(text) == Said(json.dumps(BLOB), "INFO", ID)


def test_metrics_without_their_envelope_are_told_as_lost():
    line = recognise(json.dumps(BLOB["_aws"]))
    assert isinstance(line, Unrecognised)
    assert "without an _aws member" in line.reason


def test_an_error_object_a_function_logs_as_text_is_not_uncaught():
    error = json.dumps({"errorType": "E", "errorMessage": "no"})
    said = recognise(json.dumps({"timestamp": T, "level": "ERROR", "requestId": ID, "message": error}))
    assert isinstance(said, Said)
    assert said.level == "ERROR"
