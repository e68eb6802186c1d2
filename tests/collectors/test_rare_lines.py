"""Lines that are rarely seen and say a lot: what did not start, what died, and what speaks of itself only."""

import json

import pytest

from collectors.events import LogEvent
from collectors.lines import Fault, InitStarted, Line, Reported, Said, Uncaught
from collectors.payloads import each, events_in
from collectors.recognise import recognise
from store.records import Status
from tests.collectors.stories import STREAM, A, end, only, report, start

NOW = "2026-11-23T19:12:31.752Z"
JAVA = "java.lang.ClassNotFoundException: shop.Pay"
FRAME = "\tat java.base/java.lang.Class.forName(Class.java:1)"
LOOP = (
    "Runtime Loop on Thread ID: 12 Faced and Exception. This exception will not stop the runtime loop.\nException:\n"
)
INSIGHT = '{"recordType":"WorkflowInsight","schemaVersion":"1.0","executionArn":"arn:x","operations":[]}'
SIGNAL = "Runtime exited with error: signal: segmentation fault"
LOADER = "/lib64/ld-linux-x86-64.so.2: bad ELF interpreter"
NODES = "[8:0x5] 3 ms: Mark-sweep"

SHAPES: list[tuple[str, str, Line]] = [
    ("image with a task that cannot be", "IMAGE\tInvalid task config: no entry point",
     Fault("crash", None, None, "Invalid task config: no entry point")),
    ("java, no such class", f"Class not found: shop.Pay: {JAVA}\n{JAVA}\n{FRAME}",
     Uncaught("java.lang.ClassNotFoundException", f"Class not found: shop.Pay: {JAVA}", f"{JAVA}\n{FRAME}")),
    ("java, a class that does not load", "Error loading class shop.Pay: no link", Uncaught(
        "Runtime.ClassNotFound", "Error loading class shop.Pay: no link")),
    ("java, no such method", f"Invalid handler: 'shop.Pay::go'\n{JAVA}\n{FRAME}",
     Uncaught("java.lang.ClassNotFoundException", "Invalid handler: 'shop.Pay::go'", f"{JAVA}\n{FRAME}")),
    ("java, managed loop", f"{LOOP}{JAVA}\n{FRAME}",
     Uncaught("java.lang.ClassNotFoundException", "shop.Pay", f"{JAVA}\n{FRAME}")),
    ("durable workflow of itself", INSIGHT, Said("")),
    ("python dies", "Fatal Python error: Segmentation fault", Fault("crash", None, None,
     "Fatal Python error: Segmentation fault")),
    ("no loader", LOADER, Fault("crash", None, None, LOADER)),
    ("exit by a signal", f"RequestId: {A} Error: {SIGNAL}\nRuntime.ExitError",
     Fault("exit", A, "Runtime.ExitError", SIGNAL)),
    ("python, a level of one's own", f"[Level 15]\t{NOW}\t{A}\twords", Said("words", None, A)),
    ("v8 gives up", f"<--- Last few GCs --->\n\n{NODES}", Fault("crash", None, None, "<--- Last few GCs --->")),
    (".net out of memory", "Out of memory: System.OutOfMemoryException", Fault("oom", None, None,
     "Out of memory: System.OutOfMemoryException")),
    (".net critical", f"{NOW}\t{A}\tcrit\tgone", Said("gone", "FATAL", A)),
    (".net trace", f"{NOW}\t{A}\ttrce\tdetail", Said("detail", "TRACE", A)),
    (".net without a prefix", "gone\nSystem.Exception: bad\n   at F.G()",
     Said("gone\nSystem.Exception: bad\n   at F.G()")),
    ("durable runtime", "INIT_START Runtime Version: python:3.14.DurableFunction.v6\tRuntime Version ARN: arn:aws:x",
     InitStarted("python:3.14.DurableFunction.v6")),
    ("a status nobody knows", f"REPORT RequestId: {A}\tDuration: 1.00 ms\tStatus: evicted",
     Reported(A, 1.0, status="evicted")),
]  # fmt: skip


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"], ids=["bare", "LF", "CRLF"])
@pytest.mark.parametrize(("text", "line"), [pytest.param(text, line, id=name) for name, text, line in SHAPES])
def test_a_rare_line_is_recognised_whatever_ends_it(text, line, ending):
    assert recognise(text + ending) == line
    if "\n" not in text or not isinstance(line, Said):
        assert recognise(text.replace("\n", "\r") + ending) == line


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text, _ in SHAPES])
def test_a_rare_line_among_others_fails_nothing_that_went_well(text):
    known = ("exit", "java", "a status")
    name = next(name for name, shape, _ in SHAPES if shape == text)
    invocation = only(start(), "before", text, "after", end(), report())
    assert (invocation.status is Status.OK) or name.startswith(known)


@pytest.mark.parametrize("body", [
    {"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {A} Error: Task timed out after 3.00 seconds"},
    {"errorMessage": f"{NOW} {A} Task timed out after 3.00 seconds"},
])  # fmt: skip
def test_what_a_caller_logs_of_an_answer_does_not_fail_the_caller(body):
    line = f"{NOW}\t{A}\tINFO\t{json.dumps(body)}\n"
    assert only(start(), line, end(), report()).status is Status.OK


def test_a_document_with_more_in_it_than_was_promised_is_read_all_the_same():
    event = {"id": "3" * 56, "timestamp": 1_737_735_732, "message": start(), "extractedFields": {"a": "b"}, "new": 1}
    document = {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/lambda/f", "logStream": STREAM,
                "policyLevel": "ACCOUNT_LEVEL_POLICY", "subscriptionFilters": [], "logEvents": [event], "more": {}}
    (read,) = each(events_in(document) or ())
    assert isinstance(read, LogEvent)
    assert (read.timestamp, read.message, read.log_stream) == (1_737_735_732_000, start(), STREAM)
