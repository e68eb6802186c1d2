"""However a stream is cut, repeated, interleaved or slightly shuffled on its way, it tells the same invocations."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.events import LogEvent
from collectors.invocations import Assembler
from store.records import Invocation, Status
from tests.collectors.stories import A, B, closed, end, fold, only, report, start, told

IDS = [f"8f507cfc-0000-4697-b07a-{n:012d}" for n in range(4)]
UNCAUGHT = "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n\xa0\xa0File \"/var/task/h.py\", line 2, in h"
UNFRAMED = ["Traceback (most recent call last):", '  File "/tmp/w/_worker.py", line 1, in run',
            '  File "/var/task/h.py", line 2, in handler', "KeyError: 'k'"]
BLOB = '{"_aws":{"Timestamp":1795461089994,"CloudWatchMetrics":[{"Namespace":"n","Metrics":[{"Name":"a"}]}]},"a":1}'


def platform(kind: str, request_id: str, **facts: object) -> str:
    record = {"requestId": request_id, **facts}
    return json.dumps({"time": "2026-11-23T19:12:31.752Z", "type": f"platform.{kind}", "record": record})


def logged(request_id: str, level: str = "INFO") -> str:
    return json.dumps({"timestamp": "x", "level": level, "requestId": request_id, "message": "m"})


def stories_of(request_id: str) -> dict[str, list[str]]:
    exited = f"RequestId: {request_id} Error: Runtime exited without providing a reason\nRuntime.ExitError\n"
    timeout = f"2024-03-04T17:22:38.033Z {request_id} Task timed out after 3.00 seconds\n\n"
    metrics = {"durationMs": 1.0, "billedDurationMs": 1, "memorySizeMB": 128, "maxMemoryUsedMB": 64}
    return {
        "ok": [start(request_id), "a print", logged(request_id), BLOB, end(request_id), report(request_id)],
        "uncaught": [start(request_id), UNCAUGHT, end(request_id), report(request_id)],
        "one event a line": [start(request_id), *UNFRAMED, end(request_id), report(request_id)],
        "exit after the report": [start(request_id), end(request_id), report(request_id), exited],
        "timeout after the report": [start(request_id), end(request_id), report(request_id, duration=3004), timeout],
        "report before the end": [start(request_id), report(request_id), end(request_id)],
        "no end": [start(request_id), logged(request_id), report(request_id, extra="Status: timeout")],
        "a retry": [start(request_id), end(request_id), report(request_id, extra="Status: timeout")] * 2,
        "x-ray cut off": [start(request_id), end(request_id), report(request_id), "XRAY TraceId: 1-6ac7d561-"
                          "0edfbbd4045df83612f1477d\tSegmentId: 1"],
        "json": [platform("start", request_id), logged(request_id, "WARN"),
                 platform("report", request_id, status="success", metrics=metrics)],
        "json failure": [platform("start", request_id), logged(request_id, "ERROR"),
                         platform("runtimeDone", request_id, status="error", errorType="Runtime.ExitError"),
                         platform("report", request_id, status="error", metrics=metrics)],
        "cold": ["INIT_START Runtime Version: python:3.12.v43", start(request_id), end(request_id),
                 report(request_id, extra="Init Duration: 5.00 ms")],
        "a failed init": ["INIT_START Runtime Version: python:3.12.v43", UNCAUGHT,
                          "INIT_REPORT Init Duration: 5.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown",
                          start(request_id), end(request_id), report(request_id, extra="Status: error")],
    }  # fmt: skip


@st.composite
def streams(draw: st.DrawFn) -> list[LogEvent]:
    """One stream of a few invocations, their ids reused at will, the lines a millisecond apart."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 5))):
        stories = stories_of(draw(st.sampled_from(IDS)))
        lines += stories[draw(st.sampled_from(sorted(stories)))]
    return told(lines, stream=f"2026/11/23/[7]{draw(st.integers(0, 2**32)):032x}")


Told = tuple[dict[tuple[str, str | None], Invocation], list[object]]


def last_words(invocations: Iterable[Invocation]) -> dict[tuple[str, str | None], Invocation]:
    """A record that comes out again replaces the one before."""
    return {(one.log_stream, one.event_id): one for one in invocations}


def whole(events: Iterable[LogEvent]) -> Told:
    assembler = fold(events)
    assembler.finish()
    return last_words(assembler.closed()), [assembler.open(), assembler.inits(), assembler.metrics()]


def in_batches(events: list[LogEvent], cuts: set[int], by_batch: bool) -> Told:
    """What is told when everything is drained at every cut."""
    assembler, drained = Assembler(), []
    edges = sorted({0, len(events), *(cut for cut in cuts if cut < len(events))})
    for begin, until in itertools.pairwise(edges):
        if by_batch:
            assembler.take_all(events[begin:until])
        else:
            for event in events[begin:until]:
                assembler.feed(event)
        drained += assembler.closed()
    assembler.finish()
    drained += assembler.closed()
    return last_words(drained), [assembler.open(), assembler.inits(), assembler.metrics()]


@settings(max_examples=300, deadline=None)
@given(streams(), st.sets(st.integers(0, 40), max_size=8), st.booleans())
def test_a_stream_cut_anywhere_tells_the_same_invocations(events, cuts, by_batch):
    assert in_batches(events, cuts, by_batch) == whole(events)


@settings(max_examples=200, deadline=None)
@given(streams(), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6), st.booleans())
def test_events_delivered_again_change_nothing(events, copies, by_batch):
    repeated = list(events)
    for at, later in copies:
        if at < len(events):
            repeated.insert(min(len(repeated), repeated.index(events[at]) + 1 + later), events[at])
    assert in_batches(repeated, {7, 19}, by_batch) == whole(events)


@settings(max_examples=150, deadline=None)
@given(st.lists(streams(), min_size=2, max_size=3, unique_by=lambda events: events[0].log_stream), st.randoms())
def test_streams_interleaved_at_will_tell_the_same_invocations(several, random):
    expected: dict[tuple[str, str | None], Invocation] = {}
    for events in several:
        expected |= whole(events)[0]
    waiting = [list(events) for events in several]
    mixed = []
    while any(waiting):
        mixed.append(random.choice([events for events in waiting if events]).pop(0))
    assert whole(mixed)[0] == expected


@settings(max_examples=150, deadline=None)
@given(streams(), st.integers(0, 40), st.integers(0, 40))
def test_a_piece_of_a_stream_never_tells_an_invocation_twice(events, begin, length):
    assembler = fold(events[begin : begin + length])
    assembler.finish()
    invocations = assembler.closed()
    assert len({(one.request_id, one.occurrence) for one in invocations}) == len(invocations)
    reports = sum("REPORT RequestId" in event.message or "platform.report" in event.message
                  for event in events[begin : begin + length])  # fmt: skip
    assert len(invocations) <= reports


def test_a_start_that_comes_after_its_report_is_not_another_invocation():
    lines = told([start(A), end(A), report(A)])
    for order in ((2, 0, 1), (2, 1, 0), (1, 2, 0), (0, 2, 1), (1, 0, 2)):
        assembler = fold([lines[at] for at in order])
        assembler.finish()
        (invocation,) = assembler.closed()
        assert (invocation.status, invocation.version) == (Status.OK, "$LATEST")
        assert assembler.open() == []


def test_a_start_after_the_report_by_the_clock_is_a_retry():
    assert [one.occurrence for one in closed(report(A), start(A), end(A), report(A))] == [0, 1]


def test_an_error_of_the_same_millisecond_as_the_report_before_it_is_of_that_invocation():
    first, last, reported, error = told([start(A), end(A), report(A), UNCAUGHT])
    late = error._replace(timestamp=reported.timestamp)
    for batches in ([[first, last, reported, late]], [[first, last, reported], [late]]):
        assembler, drained = Assembler(), []
        for batch in batches:
            assembler.take_all(batch)
            drained += assembler.closed()
        assembler.finish()
        (invocation,) = last_words([*drained, *assembler.closed()]).values()
        assert (invocation.status, invocation.error_type) == (Status.ERROR, "KeyError")
    assert [one.status for one in closed(start(A), end(A), report(A), UNCAUGHT, start(B), end(B), report(B))] == [
        Status.OK, Status.OK,
    ]  # fmt: skip


@pytest.mark.parametrize("missing", [0, 1])
def test_a_start_or_an_end_that_is_missing_costs_no_invocation(missing):
    lines = [start(A), end(A), report(A)]
    del lines[missing]
    assert [one.request_id for one in closed(*lines, start(B), end(B), report(B))] == [A, B]
    assert only(*lines).status is Status.OK


@settings(max_examples=150, deadline=None)
@given(streams(), st.randoms())
def test_a_batch_in_any_order_tells_the_same_invocations(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    assert in_batches(shuffled, set(), by_batch=True) == whole(events)


def test_lines_of_unknown_environments_may_stand_among_each_other():
    lines = [start(A), "INIT_START Runtime Version: python:3.12.v43", start(B), end(B), report(B), end(A), report(A)]
    assembler = fold(told(lines, stream="-console.log"))
    assembler.finish()
    assert sorted(one.request_id for one in assembler.closed()) == sorted([A, B])
