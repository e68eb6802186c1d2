"""Errors in the members of other people's loggers: type, message, frames, request id, level, whatever their names."""

import json
from typing import Any

import pytest

from collectors.frames import own_frames
from collectors.json_errors import MAX_CAUSES, error_of
from collectors.lines import Said, Uncaught
from collectors.recognise import recognise
from collectors.root_causes import roots_of

ID = "8f507cfc-0000-4697-b07a-ac58fc914c95"
T = "2026-11-23T19:12:31.752Z"
NET = "System.TimeoutException: slow\n   at Acme.Pay.Charge() in /src/Pay.cs:line 3"
V8 = "TypeError: slow\n    at charge (/var/task/pay.js:1:1)"
PYTHON = 'Traceback (most recent call last):\n  File "/var/task/pay.py", line 3, in charge\nValueError: slow'

LOGGERS: list[tuple[str, dict[str, Any], Said]] = [
    ("log4j2 with a list of frames", {"instant": {"epochSecond": 1}, "level": "ERROR", "message": "failed", "thrown": {
     "name": "a.Slow", "message": "slow", "extendedStackTrace": [{"class": "a.Pay", "method": "charge", "file":
     "Pay.java", "line": 12, "exact": True}]}, "contextMap": {"AWSRequestId": ID}},
     Said("failed", "ERROR", ID, "a.Slow", "slow", "\tat a.Pay.charge(Pay.java:12)")),
    ("quarkus", {"sequence": 1, "loggerName": "a.Pay", "level": "ERROR", "message": "failed", "mdc": {"AWSRequestId":
     ID}, "exception": {"refId": 1, "exceptionType": "a.Slow", "message": "slow", "frames": [{"class": "a.Pay$Card",
     "method": "charge", "line": 12}]}},
     Said("failed", "ERROR", ID, "a.Slow", "slow", "\tat a.Pay$Card.charge(Pay.java:12)")),
    ("zerolog with a stack", {"level": "error", "error": "slow", "stack": [{"func": "charge", "line": "12", "source":
     "pay.go"}], "message": "failed"},
     Said("failed", "ERROR", None, None, "slow", '  File "pay.go", line 12, in charge')),
    ("rust tracing with an error", {"level": "ERROR", "fields": {"message": "failed", "error": "slow"}, "span": {
     "requestId": ID}}, Said("failed", "ERROR", ID, None, "slow")),
    ("opentelemetry", {"severityText": "ERROR", "severityNumber": 17, "body": "failed", "attributes": {
     "exception.type": "ValueError", "exception.message": "slow", "exception.stacktrace": PYTHON}},
     Said("failed", "ERROR", None, "ValueError", "slow", PYTHON)),
    ("opentelemetry for python", {"body": "failed", "severity_text": "WARN", "attributes": {}},
     Said("failed", "WARN")),
    ("loguru", {"text": "failed\n", "record": {"level": {"name": "ERROR", "no": 40}, "message": "failed", "exception": {
     "type": "ValueError", "value": "slow", "traceback": True}, "time": {"repr": T}}},
     Said("failed", "ERROR", None, "ValueError", "slow")),
    ("tslog", {"0": "failed", "_meta": {"logLevelId": 5, "logLevelName": "ERROR"}}, Said("failed", "ERROR")),
    ("dazn", {"awsRequestId": ID, "level": 50, "sLevel": "ERROR", "message": "failed", "errorName": "TypeError",
     "errorMessage": "slow", "stackTrace": V8}, Said("failed", "ERROR", ID, "TypeError", "slow", V8)),
    ("serilog json", {"Timestamp": T, "Level": "Error", "MessageTemplate": "{What} failed", "RenderedMessage": "failed",
     "Exception": NET, "Properties": {"AwsRequestId": ID}},
     Said("failed", "ERROR", ID, "System.TimeoutException", "slow", NET)),
    (".net console json", {"EventId": 0, "LogLevel": "Error", "Category": "Pay", "Message": "failed", "Exception": NET,
     "State": {"Message": "failed"}}, Said("failed", "ERROR", None, "System.TimeoutException", "slow", NET)),
    ("nlog", {"time": T, "level": "Error", "logger": "Pay", "message": "failed", "exception": NET},
     Said("failed", "ERROR", None, "System.TimeoutException", "slow", NET)),
    ("monolog", {"message": "failed", "level": 400, "level_name": "ERROR", "context": {"exception": {"class": "Slow",
     "message": "slow", "trace": ["/var/task/pay.php:3"]}}},
     Said("failed", "ERROR", None, "Slow", "slow", "/var/task/pay.php:3")),
    ("semantic logger", {"level": "error", "level_index": 4, "message": "failed", "exception": {"name": "Slow",
     "message": "slow", "stack_trace": ["/var/task/pay.rb:3:in `charge'"]}},
     Said("failed", "ERROR", None, "Slow", "slow", "/var/task/pay.rb:3:in `charge'")),
    ("node's json, a promise nobody waits for", {"timestamp": T, "level": "ERROR", "requestId": ID, "message": {
     "errorType": "UnhandledPromiseRejection", "errorMessage": "Error: slow", "reason": {"errorType": "TypeError",
     "errorMessage": "slow", "stackTrace": V8.split("\n")}, "promise": {}, "stackTrace": ["Runtime.X: Error: slow"]}},
     Said("slow", "ERROR", ID, "UnhandledPromiseRejection", "slow", V8)),
    ("node's json, a text thrown", {"timestamp": T, "level": "ERROR", "requestId": ID, "message": {
     "errorType": "string", "errorMessage": "slow", "stackTrace": []}},
     Said("slow", "ERROR", ID, "string", "slow")),
]  # fmt: skip


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"], ids=["bare", "LF", "CRLF"])
@pytest.mark.parametrize(("document", "line"), [pytest.param(d, line, id=name) for name, d, line in LOGGERS])
def test_a_loggers_error_is_found_wherever_it_stands(document, line, ending):
    assert recognise(json.dumps(document) + ending) == line
    assert recognise(json.dumps(document, indent=2) + ending) == line


def test_frames_told_as_objects_are_told_from_those_of_libraries():
    document = next(document for name, document, _ in LOGGERS if name == "quarkus")
    document["exception"]["frames"].append({"class": "io.quarkus.Runner", "method": "run", "line": 1})
    line = recognise(json.dumps(document))
    assert isinstance(line, Said)
    assert own_frames(line.stack) == (":a.Pay$Card.charge",)


def test_a_chain_of_causes_is_told_below_the_stack():
    slow = {"errorType": "TypeError", "errorMessage": "slow", "stack": V8.split("\n")}
    error = {"errorType": "Error", "errorMessage": "order 17 failed", "cause": {**slow, "cause": {"name": "Deep"}},
             "stack": ["Error: order 17 failed", "    at handler (/var/task/a.js:1:1)"]}
    line = recognise(f"{T}\t{ID}\tERROR\tInvoke Error \t{json.dumps(error)}")
    assert isinstance(line, Uncaught)
    told = (line.stack or "").split("\n")
    assert told[-3:] == ["Caused by: TypeError: slow", "    at charge (/var/task/pay.js:1:1)", "Caused by: Deep"]
    assert roots_of(line.stack).thrown == ("Deep",)


def test_the_errors_of_a_group_have_one_first_whatever_their_order():
    group = [{"name": "B", "message": "b"}, {"name": "A", "message": "a"}, "no error", {}]
    stacks = {error_of({"name": "AggregateError", "errors": errors}).stack for errors in (group, group[::-1])}
    assert stacks == {"Caused by: A: a"}


def test_a_cause_the_stack_tells_already_is_not_told_again():
    stack = "a.B: x\n\tat a.B.c(B.java:1)\nCaused by: Slow: slow\n\tat a.D.e(D.java:1)"
    error = {"type": "a.B", "stack_trace": stack, "inner_exception": {"type": "Slow", "message": "slow"}}
    assert error_of(error).stack == stack


def test_a_chain_without_an_end_is_followed_only_so_far():
    error: dict[str, Any] = {"name": "E"}
    error["cause"] = error
    assert (error_of(error).stack or "").count("Caused by: E") == MAX_CAUSES
