"""A function may print anything: what looks like the platform's lines must not make, end or change an invocation."""

import json

import pytest

from collectors.invocations import Assembler
from store.records import Invocation, Status
from tests.collectors.stories import A, B, end, fold, report, start, told

T = "2026-11-23T19:12:31.752Z"
SILENT = "Runtime exited without providing a reason"


def platform(kind: str, request_id: str = A, **facts: object) -> str:
    metrics = {"durationMs": 1.0, "billedDurationMs": 1, "memorySizeMB": 128, "maxMemoryUsedMB": 64}
    record = {"requestId": request_id, "status": "success", **facts}
    if kind == "report":
        record = {"metrics": metrics, **record}
    return json.dumps({"time": T, "type": f"platform.{kind}", "record": record})


def logged(request_id: str = A, level: str = "INFO") -> str:
    return json.dumps({"timestamp": T, "level": level, "message": "still here", "requestId": request_id})


IN_TEXT: list[tuple[str, list[str]]] = [
    ("its own START", [start(A)]),
    ("its own END", [end(A)]),
    ("its own REPORT", [report(A, duration=1, extra="Status: timeout")]),
    ("its own END and REPORT", [end(A), report(A, duration=1)]),
    ("its own START, END and REPORT", [start(A), end(A), report(A, duration=1)]),
    ("another's START", [start(B)]),
    ("another's END", [end(B)]),
    ("another's REPORT", [report(B, duration=1)]),
    ("another's START and words", [start(B), "words", '{"level":"INFO","message":"x"}']),
    ("another's START and END", [start(B), end(B)]),
    ("another's END and REPORT", [end(B), report(B)]),
    ("another's whole invocation", [start(B), end(B), report(B, duration=1)]),
    ("an init", ["INIT_START Runtime Version: python:3.12.v1\tRuntime Version ARN: arn"]),
    ("a failed init", ["INIT_REPORT Init Duration: 1.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.X"]),
    ("a restore", ["RESTORE_START Runtime Version: java:21.v1", "RESTORE_REPORT Restore Duration: 5.00 ms"]),
    ("another's timeout", [f"{T} {B} Task timed out after 3.00 seconds"]),
    ("its own timeout, in a short run", [f"{T} {A} Task timed out after 3.00 seconds"]),
    ("another's exit", [f"RequestId: {B} Error: {SILENT}\nRuntime.ExitError"]),
    ("its own exit, and it goes on", [f"RequestId: {A} Error: {SILENT}\nRuntime.ExitError", f"[INFO]\t{T}\t{A}\tx"]),
    ("a platform.report of its own", [platform("report", A, status="error", errorType="Runtime.OutOfMemory")]),
    ("a platform.start of another", [platform("start", B)]),
    ("a whole invocation in json", [platform("start", B), platform("report", B)]),
    ("death cries", ["Killed", "Segmentation fault", "panic: boom", "goodbye"]),
    ("a REPORT in a sentence", ["they said " + report(A)]),
    ("a fault without a request id", ["Unknown application error occurred\nRuntime.Unknown"]),
]
IN_JSON: list[tuple[str, list[str]]] = [
    ("its own START", [platform("start", A)]),
    ("its own report", [platform("report", A, status="error", errorType="Runtime.OutOfMemory"), logged()]),
    ("its own runtimeDone", [platform("runtimeDone", A, status="timeout"), logged()]),
    ("another's start", [platform("start", B)]),
    ("another's report", [platform("report", B)]),
    ("another's runtimeDone", [platform("runtimeDone", B, status="timeout")]),
    ("another's whole invocation", [platform("start", B), platform("report", B)]),
    ("text START, END and REPORT", [start(B), end(B), report(B)]),
    ("its own text END and REPORT", [end(A), report(A, duration=1, extra="Status: timeout")]),
    ("an init", [platform("initStart", phase="init", initializationType="on-demand")]),
    ("a failed init", [platform("initReport", phase="init", status="error", errorType="Runtime.X")]),
    ("a platform event inside a logger", [json.dumps({"level": "INFO", "message": platform("report", A)})]),
    ("its own text exit, and it goes on", [f"RequestId: {A} Error: {SILENT}\nRuntime.ExitError", logged()]),
]  # fmt: skip


def in_text(prints: list[str]) -> list[str]:
    return [start(A), "before", *prints, "after", end(A), report(A, duration=50)]


def in_json(prints: list[str]) -> list[str]:
    truth = platform("report", A, metrics={"durationMs": 50.0, "billedDurationMs": 50, "memorySizeMB": 128})
    return [platform("start", A, version="7"), *prints, logged(), truth]


STORIES = [
    *(pytest.param(in_text(prints), id=f"text: {name}") for name, prints in IN_TEXT),
    *(pytest.param(in_json(prints), id=f"json: {name}") for name, prints in IN_JSON),
]


def closed_in_one_batch(lines: list[str], first: int = 0) -> tuple[list[Invocation], Assembler]:
    assembler = fold(told(lines, first=first))
    assembler.finish()
    return assembler.closed(), assembler


@pytest.mark.parametrize("lines", STORIES)
def test_what_a_function_prints_makes_ends_and_changes_no_invocation(lines):
    invocations, assembler = closed_in_one_batch(lines)
    assert [(one.request_id, one.status, one.duration_ms, one.occurrence) for one in invocations] == [
        (A, Status.OK, 50, 0)
    ]
    assert (assembler.open(), assembler.inits()) == ([], [])
    assert invocations[0].cold_start is False


@pytest.mark.parametrize("lines", STORIES)
def test_the_invocations_around_a_forgery_are_untouched(lines):
    c = "b771fecc-1b53-4faf-922d-1d74357b1676"
    if lines[0].startswith("START"):
        before, after = [start(c), end(c), report(c)], [start(c), end(c), report(c)]
    else:
        before, after = [platform("start", c), platform("report", c)], [platform("start", c), platform("report", c)]
    invocations, assembler = closed_in_one_batch([*before, *lines, *after])
    assert [(one.request_id, one.status, one.occurrence) for one in invocations] == [
        (c, Status.OK, 0), (A, Status.OK, 0), (c, Status.OK, 1),
    ]  # fmt: skip
    assert assembler.open() == []


def test_an_error_after_a_forged_end_is_still_the_invocations():
    uncaught = "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n\xa0\xa0File \"h.py\", line 2, in h"
    for prints in ([end(A)], [end(A), report(A, duration=1)]):
        (invocation,), _ = closed_in_one_batch([start(A), *prints, uncaught, end(A), report(A, duration=50)])
        assert (invocation.status, invocation.error_type, invocation.duration_ms) == (Status.ERROR, "KeyError", 50)


KNOWN_WRONG: list[tuple[str, list[str], Status]] = [
    ("its own exit as its last words", [f"RequestId: {A} Error: {SILENT}\nRuntime.ExitError"], Status.CRASH),
    ("an error in the runtime's own words", ["[ERROR] KeyError: 'k'"], Status.ERROR),
    ("node's own words", [f'{T}\t{A}\tERROR\tInvoke Error \t{{"errorType":"E","errorMessage":"no","stack":[]}}'],
     Status.ERROR),
    ("a bare error object", ['{"errorType":"E","errorMessage":"no","stackTrace":[]}'], Status.ERROR),
]  # fmt: skip


@pytest.mark.parametrize(("prints", "status"), [pytest.param(p, status, id=name) for name, p, status in KNOWN_WRONG])
def test_what_cannot_be_told_apart_is_known(prints, status):
    (invocation,), _ = closed_in_one_batch([start(A), *prints, end(A), report(A)])
    assert invocation.status is status


def test_two_whole_invocations_in_a_row_are_taken_for_real():
    forged = [start(B), end(B), report(B)]
    invocations, _ = closed_in_one_batch([start(A), *forged, *forged, end(A), report(A)])
    assert A in [one.request_id for one in invocations]
    assert len(invocations) > 1
