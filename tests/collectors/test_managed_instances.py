"""Managed Instances run several invocations in one environment: a line belongs to whom its request id says."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.records import Invocation, Status
from tests.collectors.stories import A, B, C, closed, fold, told

T = "2025-09-19T19:36:50.881Z"
UNCAUGHT = "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n\xa0\xa0File \"/var/task/h.py\", line 2, in h"


def platform(kind: str, **record: object) -> str:
    return json.dumps({"time": T, "type": f"platform.{kind}", "record": record})


INIT = platform("initStart", initializationType="lambda-managed-instances", phase="init", runtimeVersion="java:25.v1")


def begins(request_id: str, text: bool = False) -> str:
    if text:
        return f"START RequestId: {request_id}\tVersion: 7"
    return platform("start", requestId=request_id, version="7")


def reports(request_id: str, ms: float, text: bool = False) -> str:
    if text:
        return f"REPORT RequestId: {request_id}\tDuration: {ms:.2f} ms"
    return platform("report", requestId=request_id, status="success", metrics={"durationMs": ms})


def said(request_id: str, level: str) -> str:
    return json.dumps({"timestamp": T, "level": level, "requestId": request_id, "message": "m"})


def failed(request_id: str) -> str:
    return json.dumps({"timestamp": T, "level": "ERROR", "errorMessage": "'k'", "errorType": "KeyError",
                       "requestId": request_id, "stackTrace": []})  # fmt: skip


def facts(invocations: list[Invocation]) -> dict[str, tuple[Status, float | None, dict[str, int], str | None]]:
    return {one.request_id: (one.status, one.duration_ms, dict(one.levels), one.error_type) for one in invocations}


EXPECTED = {
    A: (Status.OK, 9.0, {"INFO": 2}, None),
    B: (Status.ERROR, 2.0, {"ERROR": 1}, "KeyError"),
    C: (Status.OK, 5.0, {}, None),
}  # fmt: skip


@pytest.mark.parametrize("init", [[INIT], []], ids=["init in view", "init out of view"])
@pytest.mark.parametrize("text", [False, True], ids=["json", "the emulator's text"])
def test_interleaved_invocations_are_told_apart(init, text):
    lines = [
        *init, begins(A, text), begins(B, text), said(A, "INFO"), "nobody's print", begins(C, text), failed(B),
        reports(B, 2.0, text), said(A, "INFO"), reports(C, 5.0, text), reports(A, 9.0, text),
    ]  # fmt: skip
    invocations = closed(*lines)
    assert facts(invocations) == EXPECTED
    assert {one.version for one in invocations} == {"7"}


@settings(max_examples=200, deadline=None)
@given(st.randoms())
def test_any_interleaving_tells_the_same_invocations(random):
    waiting = [
        [begins(A), said(A, "INFO"), said(A, "INFO"), reports(A, 9.0)],
        [begins(B), failed(B), reports(B, 2.0)],
        [begins(C), reports(C, 5.0)],
    ]  # fmt: skip
    lines = [INIT]
    while any(waiting):
        lines.append(random.choice([of_one for of_one in waiting if of_one]).pop(0))
    assembler = fold(told(lines))
    assembler.finish()
    assert facts(assembler.closed()) == EXPECTED
    assert (assembler.open(), assembler.inits(), assembler.unrecognised()) == ([], [], [])


def test_an_uncaught_error_without_a_request_id_is_nobodys_and_shown():
    for between in ([begins(A), begins(B)], [begins(A), reports(A, 1.0), begins(B)]):
        assembler = fold(told([INIT, *between, UNCAUGHT, reports(B, 2.0), begins(C), reports(C, 1.0)]))
        assembler.finish()
        assert {one.status for one in assembler.closed()} == {Status.OK}
        (unread,) = assembler.unrecognised()
        assert "without a request id" in unread.reason
        assert assembler.inits() == []


def test_an_init_that_fails_there_is_told_with_its_error():
    assembler = fold(told([INIT, UNCAUGHT, platform("initReport", phase="init", status="error",
                                                    metrics={"durationMs": 5.0})]))  # fmt: skip
    (init,) = assembler.inits()
    assert (init.error_type, init.init_type, init.init_ms) == ("KeyError", "lambda-managed-instances", 5.0)


FAULTS: list[tuple[str, str, tuple[Status, str | None]]] = [
    ("timeout", f"RequestId: {A}\tStatus: timeout\n", (Status.TIMEOUT, None)),
    ("error", f"RequestId: {A}\tStatus: error\tErrorType: Runtime.InvalidEntrypoint\n",
     (Status.CRASH, "Runtime.InvalidEntrypoint")),
    ("failure", f"RequestId: {A}\tStatus: failure\tErrorType: Sandbox.Failure\n", (Status.CRASH, "Sandbox.Failure")),
    ("exit", f"RequestId: {A} Error: runtime exited without providing a reason\nRuntime.ExitError\n",
     (Status.CRASH, "Runtime.ExitError")),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "verdict"), [pytest.param(fault, v, id=name) for name, fault, v in FAULTS])
def test_a_fault_fails_its_own_invocation_wherever_it_stands(fault, verdict):
    lines = [begins(A, True), begins(B, True), reports(B, 2.0, True), reports(A, 9.0, True)]
    for at in range(2, 5):
        statuses = {one.request_id: (one.status, one.error_type) for one in closed(*lines[:at], fault, *lines[at:])}
        assert statuses == {A: verdict, B: (Status.OK, None)}


def test_a_retry_there_is_another_occurrence():
    lines = [INIT, begins(A), begins(B), reports(A, 1.0), begins(A), reports(B, 2.0), reports(A, 3.0)]
    found = [(one.request_id, one.occurrence, one.duration_ms) for one in closed(*lines)]
    assert sorted(found) == sorted([(A, 0, 1.0), (A, 1, 3.0), (B, 0, 2.0)])


def test_cutting_it_anywhere_changes_nothing():
    events = told([INIT, begins(A), begins(B), said(A, "INFO"), reports(B, 2.0), said(A, "INFO"), reports(A, 9.0)])
    for first, second in itertools.combinations(range(len(events) + 1), 2):
        assembler, drained = fold([]), []
        for batch in (events[:first], events[first:second], events[second:]):
            assembler.take_all(batch)
            drained += assembler.closed()
        assert {one.request_id: dict(one.levels) for one in drained} == {A: {"INFO": 2}, B: {}}
