"""Inits: on demand, failed, made again inside the invocation, suppressed, ahead of need, restored, published."""

import json

import pytest

from collectors.invocations import Assembler
from store.records import Status
from tests.collectors.stories import A, B, closed, end, fold, only, report, start, told

INIT = "INIT_START Runtime Version: python:3.12.v43\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:3\n"
IMPORT = (
    "[ERROR] Runtime.ImportModuleError: Unable to import module 'h': No module named 'x'\n"
    "Traceback (most recent call last):"
)
GLIBC = "./func: /lib64/libc.so.6: version `GLIBC_2.32' not found (required by ./func)"
TYPE = "Runtime.ImportModuleError"


def init_report(phase: str, status: str = "error", error_type: str | None = TYPE, duration: float = 229.04) -> str:
    named = f"\tError Type: {error_type}" if error_type else ""
    return f"INIT_REPORT Init Duration: {duration} ms\tPhase: {phase}\tStatus: {status}{named}\n"


def platform(kind: str, **record: object) -> str:
    return json.dumps({"time": "2026-11-23T19:12:31.752Z", "type": f"platform.{kind}", "record": record})


def json_report(request_id: str, **facts: object) -> str:
    metrics = {"durationMs": 12.3, "billedDurationMs": 13, "memorySizeMB": 128, "maxMemoryUsedMB": 67, **facts}
    return platform("report", requestId=request_id, status=metrics.pop("status", "success"), metrics=metrics)


FAILED = report(extra=f"Status: error\tError Type: {TYPE}")


def test_an_init_that_fails_twice_is_one_failed_invocation_with_one_error_line():
    lines = [INIT, IMPORT, init_report("init"), IMPORT, init_report("invoke", error_type="Runtime.Unknown"), start(),
             end(), FAILED]
    assembler = fold(told(lines))
    (invocation,) = assembler.closed()
    assert (invocation.status, invocation.error_type) == (Status.ERROR, TYPE)
    assert invocation.error_message == "Unable to import module 'h': No module named 'x'"
    assert invocation.levels == {"ERROR": 1}
    assert invocation.cold_start is True
    assert [(init.status, init.phase, init.error_type) for init in assembler.inits()] == [
        ("error", "init", TYPE), ("error", "invoke", TYPE),
    ]  # fmt: skip


def test_an_init_that_fails_in_json_is_told_the_same():
    uncaught = json.dumps({"timestamp": "x", "log_level": "ERROR", "errorMessage": "no x", "errorType": TYPE,
                           "requestId": "", "stackTrace": []})
    lines = [
        platform("initStart", initializationType="on-demand", phase="init"), uncaught,
        platform("initReport", phase="init", status="error", metrics={"durationMs": 667.0}),
        platform("initStart", initializationType="on-demand", phase="invoke"), uncaught,
        platform("initReport", phase="invoke", status="error", metrics={"durationMs": 7.0}),
        platform("start", requestId=A), json_report(A, status="error"),
    ]  # fmt: skip
    assembler = fold(told(lines))
    (invocation,) = assembler.closed()
    assert (invocation.status, invocation.error_type, invocation.levels) == (Status.ERROR, TYPE, {"ERROR": 1})
    assert [(init.phase, init.error_message) for init in assembler.inits()] == [("init", "no x"), ("invoke", "no x")]


def test_a_suppressed_init_that_succeeds_inside_the_invocation_leaves_it_ok():
    lines = [INIT, init_report("init", "timeout", None, 10000.09), start(), end(), report(duration=11_000)]
    assembler = fold(told(lines))
    (invocation,) = assembler.closed()
    (init,) = assembler.inits()
    assert (invocation.status, invocation.cold_start, invocation.duration_ms) == (Status.OK, True, 11_000)
    assert (init.status, init.init_ms, init.runtime_version) == ("timeout", 10000.09, "python:3.12.v43")


def test_an_init_made_again_after_the_start_is_not_another_init():
    lines = [
        platform("initStart", initializationType="on-demand", phase="init", runtimeVersion="nodejs:18.v4"),
        platform("start", requestId=A),
        platform("initStart", initializationType="on-demand", phase="invoke", runtimeVersion="nodejs:18.v4"),
        platform("initReport", initializationType="on-demand", phase="invoke", status="success",
                 metrics={"durationMs": 5.0}),
        json_report(A),
    ]  # fmt: skip
    assembler = fold(told(lines))
    assembler.finish()
    (invocation,) = assembler.closed()
    assert (invocation.status, invocation.cold_start) == (Status.OK, True)
    assert assembler.inits() == []


@pytest.mark.parametrize(("after_ms", "extra", "cold"), [
    (9_999, "", True), (15_000, "", True), (15_001, "", False), (3_600_000, "", False),
    (3_600_000, "Init Duration: 150.50 ms", True),
])  # fmt: skip
def test_in_text_an_init_long_before_its_invocation_was_ahead_of_need_unless_the_report_says_otherwise(
        after_ms, extra, cold):
    init, *rest = told([INIT, start(), end(), report(extra=extra)])
    events = [init, *(event._replace(timestamp=init.timestamp + after_ms) for event in rest)]
    assert [one.cold_start for one in fold(events).closed()] == [cold]
    assembler = Assembler()
    assembler.take_all(events)
    assert [one.cold_start for one in assembler.closed()] == [cold]


@pytest.mark.parametrize(("said", "named"), [
    ("Unknown application error occurred\nInit<LoadError>", "LoadError"),
    ("Unknown application error occurred\nRuntime.Unknown", "Runtime.Unknown"),
    ("Unknown application error occurred", "Runtime.Unknown"),
])
def test_a_process_that_ended_behind_its_report_failed_the_invocation(said, named):
    first, second = closed(start(), end(), report(), said, start(B), end(B), report(B))
    assert (first.status, first.error_type, second.status) == (Status.CRASH, named, Status.OK)
    (printed,) = closed(start(), said, end(), report())
    assert printed.status is Status.OK


def test_an_init_after_a_crash_makes_the_next_invocation_cold():
    lines = [
        platform("start", requestId=A), json_report(A, status="error"),
        platform("initStart", initializationType="on-demand", phase="invoke"), platform("start", requestId=B),
        json_report(B),
    ]  # fmt: skip
    assert [invocation.cold_start for invocation in closed(*lines)] == [False, True]


def test_last_words_of_a_process_that_never_served_explain_the_failure():
    lines = [GLIBC, init_report("init", error_type="Runtime.ExitError"), GLIBC,
             init_report("invoke", error_type="Runtime.ExitError"), start(),
             f"RequestId: {A} Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n", end(), report()]
    assembler = fold(told(lines))
    (invocation,) = assembler.closed()
    assert (invocation.status, invocation.error_type, invocation.error_message) == (
        Status.CRASH, "Runtime.ExitError", GLIBC,
    )  # fmt: skip
    assert [init.error_message for init in assembler.inits()] == [GLIBC, GLIBC]


def test_the_same_last_words_before_an_ok_invocation_mean_nothing():
    assert only(INIT, "Killed", start(), end(), report()).status is Status.OK


def test_an_image_that_cannot_be_started_says_why():
    lines = [INIT, "IMAGE\tLaunch error: exec format error\tEntrypoint: [/app]\tCmd: []\tWorkingDir: [/]",
             init_report("init", error_type="Runtime.InvalidEntrypoint", duration=5.36)]
    assembler = fold(told(lines))
    assembler.finish()
    (init,) = assembler.inits()
    assert (init.error_type, init.error_message) == ("Runtime.InvalidEntrypoint", "Launch error: exec format error")


UNATTACHED: list[tuple[str, list[str], list[tuple[str, float | None, float | None]]]] = [
    ("snapstart publish", [INIT, "INIT_REPORT Init Duration: 13316.04 ms"], [("success", 13316.04, None)]),
    ("proactive init without a report", [INIT], [("open", None, None)]),
    ("two environments without an invocation", [INIT, INIT], [("open", None, None), ("open", None, None)]),
    ("a failed init alone", [INIT, IMPORT, init_report("init")], [("error", 229.04, None)]),
    ("a restore that failed", ["RESTORE_START Runtime Version: java:21.v1",
     "RESTORE_REPORT Restore Duration: 1236.04 ms Status: error Error Type: Runtime.ExitError"],
     [("error", None, 1236.04)]),
    ("a restore that timed out", ["RESTORE_REPORT Restore Duration: 10000.04 ms Status: timeout"],
     [("timeout", None, 10000.04)]),
    ("a restore without an invocation", ["RESTORE_START Runtime Version: java:21.v1",
     "RESTORE_REPORT Restore Duration: 511.25 ms"], [("success", None, 511.25)]),
    ("provisioned concurrency", [platform("initStart", initializationType="provisioned-concurrency", phase="init"),
     platform("initReport", initializationType="provisioned-concurrency", phase="init", status="success", metrics={
         "durationMs": 300.5})], [("success", 300.5, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "inits"), [pytest.param(lines, i, id=name) for name, lines, i in UNATTACHED])
def test_an_init_without_an_invocation_is_told(lines, inits):
    assembler = fold(told(lines))
    assembler.finish()
    assert [(init.status, init.init_ms, init.restore_ms) for init in assembler.inits()] == inits
    assert assembler.closed() + assembler.open() == []


ATTACHED: list[tuple[str, list[str], tuple[bool, float | None, float | None]]] = [
    ("on demand", [INIT, start(), end(), report(extra="Init Duration: 150.50 ms")], (True, 150.5, None)),
    ("proactive, minutes before", [INIT, start(), end(), report()], (True, None, None)),
    ("snapstart", ["RESTORE_START Runtime Version: java:21.v1", "RESTORE_REPORT Restore Duration: 511.25 ms", start(),
     end(), report(extra="Restore Duration: 511.25 ms\tBilled Restore Duration: 303 ms")], (True, None, 511.25)),
    ("provisioned", [platform("initStart", initializationType="provisioned-concurrency", phase="init"),
     platform("start", requestId=A), json_report(A)], (False, None, None)),
    ("on managed instances", [platform("initStart", initializationType="lambda-managed-instances", phase="init"),
     platform("start", requestId=A), json_report(A)], (False, None, None)),
    ("provisioned, spilled over", [platform("start", requestId=A), json_report(A, initDurationMs=174.055)],
     (True, 174.055, None)),
    ("warm", [start(), end(), report()], (False, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "cold"), [pytest.param(lines, cold, id=name) for name, lines, cold in ATTACHED])
def test_an_invocation_is_cold_once_by_whichever_sign_there_is(lines, cold):
    assembler = fold(told([*lines, start(B), end(B), report(B)]))
    assembler.finish()
    first, second = assembler.closed()
    assert (first.cold_start, first.init_ms, first.restore_ms) == cold
    assert second.cold_start is False
    assert assembler.inits() == []
