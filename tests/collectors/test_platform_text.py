"""Platform lines in text format: each real line alone, with every line end, and never inside a sentence."""

import pytest

from collectors.lines import (
    Ended,
    Fault,
    Ignored,
    InitReported,
    InitStarted,
    Line,
    Reported,
    Said,
    Started,
    Traced,
    Unrecognised,
)
from collectors.recognise import recognise

ID = "70b609e1-c0ae-483f-8cf2-cac7eb9aa711"
TRACE = "1-6ac7d561-0edfbbd4045df83612f1477d"
REPORT = f"REPORT RequestId: {ID}"

SHAPES: list[tuple[str, str, Line]] = [
    ("start", f"START RequestId: {ID} Version: $LATEST", Started(ID, "$LATEST")),
    ("start of a published version", f"START RequestId: {ID} Version: 56", Started(ID, "56")),
    ("start on a managed instance", f"START RequestId: {ID}\tVersion: 3", Started(ID, "3", managed=True)),
    ("end", f"END RequestId: {ID}", Ended(ID)),
    (
        "report, warm, with x-ray on the second line",
        f"{REPORT}\tDuration: 88944.96 ms\tBilled Duration: 88945 ms\tMemory Size: 1024 MB\tMax Memory Used: 532 MB\t\n"
        f"XRAY TraceId: {TRACE}\tSegmentId: 038754922e919fee\tSampled: true",
        Reported(ID, 88944.96, 88945, 1024, 532, trace_id=TRACE),
    ),
    (
        "report, cold",
        f"{REPORT}\tDuration: 80.30 ms\tBilled Duration: 570 ms\tMemory Size: 128 MB\tMax Memory Used: 67 MB\t"
        "Init Duration: 488.91 ms\t",
        Reported(ID, 80.3, 570, 128, 67, init_ms=488.91),
    ),
    (
        "report, timeout, no tab after Status",
        f"{REPORT}\tDuration: 600000.00 ms\tBilled Duration: 600517 ms\tMemory Size: 1024 MB\tMax Memory Used: 1024 "
        f"MB\tInit Duration: 516.31 ms\tStatus: timeout\n"
        f"XRAY TraceId: {TRACE}\tSegmentId: 382f97d370ef6f64\tSampled: true",
        Reported(ID, 600000.0, 600517, 1024, 1024, init_ms=516.31, status="timeout", trace_id=TRACE),
    ),
    (
        "report, out of memory, Sampled absent",
        f"{REPORT}\tDuration: 344356.22 ms\tBilled Duration: 344756 ms\tMemory Size: 1024 MB\tMax Memory Used: 1024 "
        f"MB\tInit Duration: 399.33 ms\tStatus: error\tError Type: Runtime.OutOfMemory\n"
        f"XRAY TraceId: {TRACE}\tSegmentId: 38",
        Reported(ID, 344356.22, 344756, 1024, 1024, 399.33, None, "error", "Runtime.OutOfMemory", TRACE),
    ),
    (
        "report, flattened to blanks",
        f"{REPORT}  Duration: 6954.19 ms  Billed Duration: 6955 ms  Memory Size: 1024 MB  Max Memory Used: 1023 MB  "
        "Status: error  Error Type: Runtime.OutOfMemory",
        Reported(ID, 6954.19, 6955, 1024, 1023, status="error", error_type="Runtime.OutOfMemory"),
    ),
    (
        "report, flattened to single blanks",
        f"{REPORT} Duration: 12.50 ms Billed Duration: 13 ms Memory Size: 128 MB Max Memory Used: 70 MB "
        "Restore Duration: 511.25 ms Billed Restore Duration: 303 ms",
        Reported(ID, 12.5, 13, 128, 70, restore_ms=511.25),
    ),
    (
        "report, restored",
        f"{REPORT}\tDuration: 306.34 ms\tBilled Duration: 610 ms\tMemory Size: 3009 MB\tMax Memory Used: 155 MB\t"
        "Restore Duration: 511.25 ms\tBilled Restore Duration: 303 ms\t",
        Reported(ID, 306.34, 610, 3009, 155, restore_ms=511.25),
    ),
    (
        "report, a blank before the tab",
        f"{REPORT}\tDuration: 46.62 ms\tBilled Duration: 47 ms \tMemory Size: 192 MB\tMax Memory Used: 72 MB\t",
        Reported(ID, 46.62, 47, 192, 72),
    ),
    (
        "report, init first",
        f"{REPORT}\tInit Duration: 48.26 ms\tDuration: 237.17 ms\tBilled Duration: 300 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 26 MB\t",
        Reported(ID, 237.17, 300, 128, 26, init_ms=48.26),
    ),
    ("report on a managed instance", f"{REPORT}\tDuration: 1.15 ms", Reported(ID, 1.15)),
    ("report of no time", f"{REPORT}\tDuration: 0.00 ms\tBilled Duration: 1 ms", Reported(ID, 0.0, 1)),
    ("x-ray line cut off", f"XRAY TraceId: {TRACE}\tSegmentId: 03\tSampled: true", Traced(TRACE)),
    (
        "init start",
        "INIT_START Runtime Version: python:3.12.mainlinev2.v43\t"
        "Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:3",
        InitStarted("python:3.12.mainlinev2.v43"),
    ),
    (
        "restore start",
        "RESTORE_START Runtime Version: java:21.mainline.v82\tRuntime Version ARN: arn:aws:lambda:ap-1::runtime:1a7a",
        InitStarted("java:21.mainline.v82", restore=True),
    ),
    (
        "init report",
        "INIT_REPORT Init Duration: 998.15 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.Unknown",
        InitReported(998.15, "invoke", "error", "Runtime.Unknown"),
    ),
    (
        "init report, flattened",
        "INIT_REPORT Init Duration: 10000.09 ms Phase: init Status: timeout",
        InitReported(10000.09, "init", "timeout"),
    ),
    ("init report of a publish", "INIT_REPORT Init Duration: 13316.04 ms", InitReported(13316.04)),
    ("restore report", "RESTORE_REPORT Restore Duration: 511.25 ms", InitReported(511.25, restore=True)),
    (
        "restore report, timeout",
        "RESTORE_REPORT Restore Duration: 1236.04 ms Status: timeout",
        InitReported(1236.04, None, "timeout", restore=True),
    ),
    (
        "old timeout",
        f"2020-06-09T15:02:26.150Z {ID} Task timed out after 3.00 seconds\n",
        Fault("timeout", ID, None, "Task timed out after 3.00 seconds"),
    ),
    (
        "exit",
        f"RequestId: {ID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
        Fault("exit", ID, "Runtime.ExitError", "Runtime exited with error: signal: killed"),
    ),
    (
        "exit, flattened",
        f"RequestId: {ID} Error: Runtime exited without providing a reason Runtime.ExitError",
        Fault("exit", ID, "Runtime.ExitError", "Runtime exited without providing a reason"),
    ),
    (
        "exit, before 2020",
        f"RequestId: {ID} Process exited before completing request",
        Fault("exit", ID, None, "Process exited before completing request"),
    ),
    ("managed timeout", f"RequestId: {ID}\tStatus: timeout", Fault("timeout", ID)),
    (
        "managed error",
        f"RequestId: {ID}\tStatus: error\tErrorType: Runtime.InvalidEntrypoint",
        Fault("exit", ID, "Runtime.InvalidEntrypoint"),
    ),
    (
        "unknown application error",
        "Unknown application error occurred\nRuntime.Unknown",
        Fault("exit", None, "Runtime.Unknown", "Unknown application error occurred"),
    ),
    ("extension", "EXTENSION\tName: lambda-adapter\tState: Ready\tEvents: []", Ignored("extension")),
    ("telemetry", "TELEMETRY\tName: datadog-agent\tState: Subscribed\tTypes: [Platform]", Ignored("telemetry")),
]


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\t\n"], ids=["bare", "LF", "CRLF", "tab LF"])
@pytest.mark.parametrize(("text", "line"), [pytest.param(text, line, id=name) for name, text, line in SHAPES])
def test_a_platform_line_is_recognised_whatever_ends_it(text, line, end):
    assert recognise(text + end) == line


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text, _ in SHAPES])
def test_a_platform_line_inside_a_sentence_is_a_print(text):
    assert type(recognise("they said " + text)) is Said


@pytest.mark.parametrize(
    "text",
    [
        "START RequestId: 123 Version: 1",
        f"START RequestId: {ID}",
        f"START RequestId: {ID} Version: 1 and more words",
        f"END RequestId: {ID} of story",
        "REPORT RequestId: nobody",
        f"RequestId: {ID} said hello",
    ],
)
def test_what_only_resembles_a_platform_line_is_a_print(text):
    assert recognise(text) == Said(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{REPORT}\tBilled Duration: 1 ms", "without a duration"),
        (f"{REPORT}\tDuration: 1,5 ms", "not a number"),
        (f"{REPORT}\tDuration: -1.0 ms", "not a number"),
        (f"{REPORT}\tDuration: 1.0 ms\t" + "x" * 5_000, "longer than any"),
        ("INIT_REPORT Phase: init", "without a duration"),
    ],
)
def test_a_platform_line_that_cannot_be_read_says_why(text, reason):
    line = recognise(text)
    assert isinstance(line, Unrecognised)
    assert reason in line.reason
    assert text.startswith(line.sample)
