"""Platform events in JSON format: every type of the schema, with all its fields and with the fewest."""

import json

import pytest

from collectors.lines import (
    Ended,
    Fault,
    Ignored,
    InitReported,
    InitStarted,
    Line,
    Reported,
    RuntimeDone,
    Said,
    Started,
    Unrecognised,
)
from collectors.recognise import recognise
from store.records import Status
from tests.collectors.stories import A, fold, only, told

ID = "4b142fc3-17b8-4cdb-a46b-a8dbe7918715"
TRACE = "1-6352a70e-1e2c502e358361800241fd45"
TRACING = {"spanId": "24cd7d670fa455f0", "type": "X-Amzn-Trace-Id",
           "value": f"Root={TRACE};Parent=35465b3a9e2f7c6a;Sampled=1;Lineage=1:457dbdd8:0"}
SPANS = [{"name": "responseLatency", "start": "2024-05-20T16:29:45.008Z", "durationMs": 2.215}]
ARN = "arn:aws:lambda:eu-west-3::runtime:b475b23763329123d9e6f79f51886d0e1054f727f5b90ec945fcb2a3ec09afdd"
T = "2024-05-20T16:29:44.833Z"


def event(kind: str, record: object) -> dict[str, object]:
    return {"time": T, "type": f"platform.{kind}", "record": record}


EVENTS: list[tuple[str, dict[str, object], Line]] = [
    ("init start", event("initStart", {"initializationType": "on-demand", "phase": "init", "runtimeVersion":
     "nodejs:18.v28", "runtimeVersionArn": ARN, "functionName": "fn", "functionVersion": "$LATEST", "instanceId": "i",
     "instanceMaxMemory": 536870912}), InitStarted("nodejs:18.v28", "on-demand", time=T, phase="init")),
    ("init start of 2022", event("initStart", {"initializationType": "on-demand", "phase": "init", "runtimeArn": ARN}),
     InitStarted(None, "on-demand", time=T, phase="init")),
    ("init start with nothing", event("initStart", {}), InitStarted(time=T)),
    ("init start on managed instances", event("initStart", {"initializationType": "lambda-managed-instances"}),
     InitStarted(None, "lambda-managed-instances", time=T)),
    ("init start inside an invocation", event("initStart", {"initializationType": "on-demand", "phase": "invoke"}),
     InitStarted(None, "on-demand", time=T, phase="invoke")),
    ("init runtime done", event("initRuntimeDone", {"initializationType": "on-demand", "status": "success"}),
     Ignored("platform.initRuntimeDone")),
    ("init report", event("initReport", {"initializationType": "on-demand", "phase": "init", "status": "success",
     "metrics": {"durationMs": 173.778}}), InitReported(173.778, "init", "success", init_type="on-demand")),
    ("init report, failed", event("initReport", {"initializationType": "on-demand", "phase": "init", "status": "error",
     "errorType": "Runtime.Unknown", "metrics": {"durationMs": 667.085}}),
     InitReported(667.085, "init", "error", "Runtime.Unknown", "on-demand")),
    ("init report without a status", event("initReport", {"initializationType": "snap-start", "phase": "init",
     "metrics": {"durationMs": 500.0}}), InitReported(500.0, "init", init_type="snap-start")),
    ("start", event("start", {"requestId": ID, "version": "$LATEST", "functionArn": "arn:…", "tracing": TRACING}),
     Started(ID, "$LATEST", TRACE, time=T, structured=True)),
    ("start of a tenant", event("start", {"requestId": ID, "functionArn": "arn:…", "version": "1", "tenantId":
     "BlueTenant"}), Started(ID, "1", tenant_id="BlueTenant", time=T, structured=True)),
    ("start with its id alone", event("start", {"requestId": ID}), Started(ID, time=T, structured=True)),
    ("runtime done", event("runtimeDone", {"requestId": ID, "status": "success", "spans": SPANS, "tracing": TRACING,
     "metrics": {"durationMs": 11.185, "producedBytes": 40}}), RuntimeDone(ID, "success", None, TRACE)),
    ("runtime done, timed out", event("runtimeDone", {"requestId": ID, "status": "timeout"}),
     RuntimeDone(ID, "timeout")),
    ("runtime done, failed", event("runtimeDone", {"requestId": ID, "status": "error", "errorType":
     "Runtime.ExitError"}), RuntimeDone(ID, "error", "Runtime.ExitError")),
    ("report, cold", event("report", {"requestId": ID, "status": "success", "metrics": {"durationMs": 11.642,
     "billedDurationMs": 12, "memorySizeMB": 128, "maxMemoryUsedMB": 67, "initDurationMs": 174.055}}),
     Reported(ID, 11.642, 12, 128, 67, 174.055, status="success", time=T, structured=True)),
    ("report, restored", event("report", {"requestId": ID, "status": "success", "metrics": {"durationMs": 1.0,
     "billedDurationMs": 2, "memorySizeMB": 128, "maxMemoryUsedMB": 67, "restoreDurationMs": 511.25,
     "billedRestoreDurationMs": 303}}),
     Reported(ID, 1.0, 2, 128, 67, restore_ms=511.25, status="success", time=T, structured=True)),
    ("report, out of memory", event("report", {"metrics": {"durationMs": 5000.0, "billedDurationMs": 5000.0,
     "memorySizeMB": 128, "maxMemoryUsedMB": 128}, "status": "error", "errorType": "Runtime.OutOfMemory",
     "requestId": ID}),
     Reported(ID, 5000.0, 5000, 128, 128, status="error", error_type="Runtime.OutOfMemory", time=T, structured=True)),
    ("report of the documents' sample", event("report", {"requestId": ID, "metrics": {"durationMs": 694.12,
     "billedDurationMs": 700, "memorySizeMB": 128, "maxMemoryUsedMB": 31, "initDurationMs": 288.72}}),
     Reported(ID, 694.12, 700, 128, 31, 288.72, time=T, structured=True)),
    ("report on managed instances", event("report", {"requestId": ID, "status": "success", "metrics": {"durationMs":
     1.148}, "spans": SPANS}), Reported(ID, 1.148, status="success", time=T, structured=True)),
    ("report with a trace", event("report", {"requestId": ID, "status": "success", "metrics": {"durationMs": 1},
     "tracing": TRACING}), Reported(ID, 1, status="success", trace_id=TRACE, time=T, structured=True)),
    ("restore start", event("restoreStart", {"functionName": "fn", "functionVersion": "2", "runtimeVersion":
     "java:21.v1", "runtimeVersionArn": ARN}), InitStarted("java:21.v1", "snap-start", restore=True, time=T)),
    ("restore start with nothing", event("restoreStart", {}), InitStarted(None, "snap-start", restore=True, time=T)),
    ("restore runtime done", event("restoreRuntimeDone", {"status": "success"}),
     Ignored("platform.restoreRuntimeDone")),
    ("restore report", event("restoreReport", {"status": "success", "metrics": {"durationMs": 15.19}}),
     InitReported(15.19, None, "success", restore=True)),
    ("restore report, failed", event("restoreReport", {"status": "failure", "errorType": "RestoreError"}),
     InitReported(None, None, "failure", "RestoreError", restore=True)),
    ("end of the old logs api", event("end", {"requestId": ID}), Ended(ID)),
    ("fault of the old logs api", event("fault", f"RequestId: {ID} Process exited before completing request"),
     Fault("exit", ID, None, "Process exited before completing request")),
    ("fault of the emulator", event("fault", {"fault": f"RequestId: {ID} Error: Runtime exited with error: exit status "
     "1\nRuntime.ExitError\n"}), Fault("exit", ID, "Runtime.ExitError", "Runtime exited with error: exit status 1")),
    ("extension", event("extension", {"name": "agent", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]}),
     Ignored("platform.extension")),
    ("telemetry subscription", event("telemetrySubscription", {"name": "a", "state": "Subscribed", "types": []}),
     Ignored("platform.telemetrySubscription")),
    ("logs subscription", event("logsSubscription", {"name": "a", "state": "Subscribed", "types": ["platform"]}),
     Ignored("platform.logsSubscription")),
    *((f"web function: {kind}", event(kind, {"functionName": "fn", "instanceId": "i"}), Ignored(f"platform.{kind}"))
      for kind in ("invokeStart", "requestComplete", "invokeSummary", "invokeReport", "spinDownStart",
                   "spinDownReport")),
    ("a type nobody knows", event("tomorrow", {"requestId": ID}), Ignored("platform.tomorrow")),
]


@pytest.mark.parametrize(("document", "line"), [pytest.param(d, line, id=name) for name, d, line in EVENTS])
def test_a_platform_event_says_the_same_in_any_order_and_any_print(document, line):
    backwards = dict(reversed(document.items()))
    for text in (json.dumps(document), json.dumps(backwards), json.dumps(document, separators=(",", ":"))):
        for end in ("", "\n", "\r\n", "\r"):
            assert recognise(text + end) == line
    assert recognise(json.dumps(document, indent=2)) == line


@pytest.mark.parametrize(("document", "line"), [pytest.param(d, line, id=name) for name, d, line in EVENTS])
def test_a_platform_event_inside_a_logger_is_the_functions_own_words(document, line):
    text = json.dumps(document)
    for printed in (f"2026-11-23T19:12:31.752Z\t{ID}\tINFO\t{text}", f"2026-11-23T19:12:31.752Z {ID} INFO {text}",
                    json.dumps({"timestamp": "x", "level": "INFO", "message": text, "requestId": ID})):
        said = recognise(printed)
        assert isinstance(said, Said)
        assert said.request_id == ID


@pytest.mark.parametrize(("kind", "record", "reason"), [
    ("start", {}, "without a request id"),
    ("report", {"requestId": "nobody"}, "without a request id"),
    ("runtimeDone", None, "without a request id"),
    ("fault", "sample fault log", "cannot be read"),
    ("fault", {"other": 1}, "cannot be read"),
    ("logsDropped", {"droppedBytes": 12345, "droppedRecords": 123, "reason": "Consumer seems to have fallen behind"},
     "dropped"),
])
def test_what_is_lost_is_told_with_its_reason(kind, record, reason):
    text = json.dumps(event(kind, record))
    line = recognise(text)
    assert isinstance(line, Unrecognised)
    assert reason in line.reason
    assert text.startswith(line.sample)


def test_a_real_cold_start_at_debug_level_is_one_cold_invocation():
    invocation = only(*[json.dumps(one) for one in (
        EVENTS[0][1],
        event("initRuntimeDone", {"initializationType": "on-demand", "phase": "init", "status": "success"}),
        EVENTS[6][1],
        event("start", {"requestId": ID, "version": "$LATEST"}),
        {"timestamp": "2024-05-20T16:29:45.009Z", "level": "INFO", "requestId": ID, "message": "ENV"},
        EVENTS[12][1],
        EVENTS[15][1],
    )])
    assert (invocation.status, invocation.cold_start, invocation.init_ms) == (Status.OK, True, 174.055)
    assert (invocation.duration_ms, invocation.billed_ms, invocation.levels) == (11.642, 12, {"INFO": 1})
    assert invocation.version == "$LATEST"


def test_ignored_types_are_counted_by_name():
    assembler = fold(told([json.dumps(event(kind, {})) for kind in ("invokeStart", "invokeStart", "tomorrow")]))
    assert assembler.ignored == {"platform.invokeStart": 2, "platform.tomorrow": 1}


def test_what_an_extension_receives_reads_as_if_it_had_been_logged():
    lines = [
        json.dumps({"time": T, "type": "function", "record": f"START RequestId: {A} Version: 7\n"}),
        json.dumps({"time": T, "type": "function", "record": {"level": "WARN", "requestId": A, "message": "careful"}}),
        json.dumps({"time": T, "type": "extension", "record": {"level": "ERROR", "message": "not of the function"}}),
        f"END RequestId: {A}", f"REPORT RequestId: {A}\tDuration: 1.00 ms",
    ]  # fmt: skip
    assembler = fold(told(lines))
    (invocation,) = assembler.closed()
    assert (invocation.version, invocation.levels) == ("7", {"WARN": 1})
    assert assembler.ignored == {"an extension's log line": 1}
