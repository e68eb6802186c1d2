"""Events become invocations, in any batches."""

import random

from collectors.events import LogEvent
from collectors.invocations import Assembler
from store.records import Status
from tests.collectors.stories import BEGAN, STREAM, A, B, C, closed, end, fold, only, report, start, told

UNCAUGHT = (
    "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n\xa0\xa0File \"/var/task/h.py\", line 2, in handler"
)


def logged(level: str, words: str, request_id: str = A) -> str:
    return f"[{level}]\t2026-11-23T19:12:31.752Z\t{request_id}\t{words}\n"


def test_an_ok_invocation_is_counted_with_its_facts():
    invocation = only(
        "INIT_START Runtime Version: python:3.12.v43\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:3\n",
        start(),
        logged("INFO", "hello"),
        logged("WARNING", "careful"),
        "a print\n",
        end(),
        report(extra="Init Duration: 150.50 ms\t\nXRAY TraceId: 1-6ac7d561-0edfbbd4045df83612f1477d\tSegmentId: 0\t"),
    )
    assert invocation.status is Status.OK
    assert (invocation.request_id, invocation.log_stream, invocation.occurrence) == (A, STREAM, 0)
    assert (invocation.duration_ms, invocation.billed_ms, invocation.init_ms) == (12.34, 13, 150.5)
    assert (invocation.memory_mb, invocation.max_memory_mb, invocation.version) == (128, 67, "$LATEST")
    assert invocation.cold_start is True
    assert invocation.trace_id == "1-6ac7d561-0edfbbd4045df83612f1477d"
    assert (invocation.started_at, invocation.ended_at) == (BEGAN + 1, BEGAN + 6)
    assert invocation.levels == {"INFO": 1, "WARN": 1}
    assert invocation.event_id == f"{6:056d}"
    assert invocation.lines == ()


def test_an_uncaught_error_between_start_and_end_makes_an_error_with_its_lines():
    invocation = only(start(), "before\n", UNCAUGHT, end(), report())
    assert (invocation.status, invocation.error_type, invocation.error_message) == (Status.ERROR, "KeyError", "'k'")
    assert invocation.stack is not None
    assert invocation.stack.endswith('File "/var/task/h.py", line 2, in handler')
    assert invocation.lines == (start().strip(), "before", UNCAUGHT, end().strip(), report().rstrip("\n"))
    assert invocation.levels == {"ERROR": 1}


def test_a_logged_error_alone_leaves_an_invocation_ok():
    assert only(start(), logged("ERROR", "declined"), end(), report()).status is Status.OK


def test_an_invocation_closes_when_the_next_start_comes_after_its_report():
    assembler = fold(told([start(A), end(A), report(A)]))
    assert assembler.closed(batch_ended=False) == []
    assembler.feed(told([start(B)], first=3)[0])
    assert [invocation.request_id for invocation in assembler.closed(batch_ended=False)] == [A]
    assert [invocation.request_id for invocation in assembler.open()] == [B]


def test_what_has_no_report_is_open_and_not_drained():
    assembler = fold(told([start(), "working\n"]))
    assert assembler.closed() == []
    (invocation,) = assembler.open()
    assert (invocation.status, invocation.cold_start, invocation.duration_ms) == (Status.OPEN, None, None)


def test_a_report_without_a_start_in_view_is_an_invocation():
    invocation = only(end(), report())
    assert (invocation.status, invocation.started_at, invocation.version) == (Status.OK, None, "$LATEST")
    assert only(report()).status is Status.OK


def test_a_retry_reuses_the_request_id_and_is_another_occurrence():
    invocations = closed(start(), end(), report(extra="Status: timeout"), start(), end(), report())
    assert [(invocation.occurrence, invocation.status) for invocation in invocations] == [
        (0, Status.TIMEOUT),
        (1, Status.OK),
    ]


def test_a_replayed_event_changes_nothing():
    events = told([start(), logged("INFO", "x"), end(), report()])
    once, twice = fold(events), fold([*events, *events])
    assert once.closed() == twice.closed()


def test_streams_may_be_interleaved():
    left = told([start(A), UNCAUGHT, end(A), report(A)])
    right = told([start(B), logged("INFO", "x", B), end(B), report(B)], stream="2026/11/23/[7]ab")
    mixed = [event for pair in zip(left, right, strict=True) for event in pair]
    statuses = {invocation.request_id: invocation.status for invocation in fold(mixed).closed()}
    assert statuses == {A: Status.ERROR, B: Status.OK}


def test_folding_in_two_halves_equals_folding_at_once():
    lines = [
        "INIT_START Runtime Version: x\n", start(A), *UNCAUGHT.split("\n"), end(A), report(A), start(B),
        logged("INFO", "x", B),
        end(B), report(B, extra="Status: timeout"), start(C), "still running",
    ]  # fmt: skip
    events = told(lines)
    whole = fold(events)
    expected = (whole.closed(), whole.open())
    for cut in range(len(events)):
        halves = fold(events[:cut])
        drained = halves.closed(batch_ended=False)
        for event in events[cut:]:
            halves.feed(event)
        assert ([*drained, *halves.closed()], halves.open()) == expected


def test_a_traceback_of_one_event_a_line_is_put_together():
    traceback = [
        "Traceback (most recent call last):",
        '  File "/tmp/m/_worker.py", line 118, in run',
        "    result = handler(event)",
        '  File "/var/task/h.py", line 2, in handler',
        "    raise KeyError('k')",
        "KeyError: 'k'",
    ]
    invocation = only(start(), "print", *traceback, end(), report())
    assert (invocation.status, invocation.error_type) == (Status.ERROR, "KeyError")
    assert invocation.stack == "\n".join(traceback)


def test_a_printed_traceback_leaves_an_invocation_ok():
    traceback = [
        "Traceback (most recent call last):",
        '  File "/var/task/h.py", line 2, in f',
        "KeyError: 'k'",
        "handled",
    ]
    assert only(start(), *traceback, end(), report()).status is Status.OK


def test_a_java_error_of_one_event_a_line_is_put_together():
    lines = [
        "woops: java.lang.RuntimeException",
        "java.lang.RuntimeException: woops",
        "\tat a.B.c(B.java:12)",
        "\t... 2 more",
    ]
    invocation = only(start(), *lines, end(), report())
    assert (invocation.status, invocation.error_type, invocation.error_message) == (
        Status.ERROR,
        "java.lang.RuntimeException",
        "woops",
    )
    assert invocation.stack == "\n".join(lines[1:])


def test_a_go_panic_of_one_event_a_line_is_a_crash_with_its_message():
    lines = ["panic: boom", "", "goroutine 1 [running]:", "main.f()", "\t/src/main.go:9 +0x1d"]
    invocation = only(start(), *lines, end(), report(extra="Status: error\tError Type: Runtime.ExitError"))
    assert (invocation.status, invocation.error_type, invocation.error_message) == (Status.CRASH, "panic", "boom")


def test_message_ids_a_structured_line_speaks_of_are_kept():
    invocation = only(
        start(),
        '{"level":"INFO","message":"got","messageId":"m-1"}',
        '{"level":"ERROR","message":"bad","sqs_message_id":"m-2","exception_name":"KeyError","exception":"Traceback"}',
        end(),
        report(),
    )
    assert (invocation.message_ids, invocation.failed_message_ids) == (("m-1", "m-2"), ("m-2",))
    assert invocation.failed_messages[0].error_type == "KeyError"
    assert invocation.status is Status.OK


def test_interleaved_invocations_of_a_managed_instance_are_told_apart_by_request_id():
    def said(request_id: str, level: str) -> str:
        return f'{{"level":"{level}","requestId":"{request_id}","message":"x"}}'

    def starts(request_id: str) -> str:
        return f"START RequestId: {request_id}\tVersion: 1\n"

    invocations = closed(
        starts(A), starts(B), said(A, "INFO"), said(B, "WARN"), "nobody's", f"REPORT RequestId: {B}\tDuration: 2.00 ms",
        said(A, "INFO"), f"REPORT RequestId: {A}\tDuration: 9.00 ms",
    )  # fmt: skip
    assert {invocation.request_id: invocation.levels for invocation in invocations} == {A: {"INFO": 2}, B: {"WARN": 1}}


def test_without_platform_lines_a_request_id_begins_an_invocation_and_the_next_ends_it():
    lines = [f'{{"timestamp":"x","level":"INFO","requestId":"{request_id}","message":"x"}}' for request_id in (A, A, B)]
    assembler = fold(told(lines))
    (invocation,) = assembler.closed()
    assert (invocation.request_id, invocation.status, invocation.duration_ms) == (A, Status.OK, None)
    assert invocation.event_id == f"{1:056d}"
    assert [invocation.request_id for invocation in assembler.open()] == [B]


def test_metrics_belong_to_the_invocation_around_them():
    blob = (
        '{"_aws":{"Timestamp":1795461089994,"CloudWatchMetrics":[{"Namespace":"ns","Dimensions":[],"Metrics":[{"Name":"a"},'
        '{"Name":"b"}]}]},"a":1}'
    )
    assembler = fold(told([start(), blob, end(), report()]))
    (said,) = assembler.metrics()
    assert (said.request_id, said.metric.name, said.metric.values, said.event.id) == (A, "a", (1,), f"{1:056d}")
    (unread,) = assembler.unrecognised()
    assert "'b'" in unread.reason
    assert assembler.metrics() == []


def test_a_failure_keeps_at_most_200_lines_and_64_kb():
    many = only(start(), *[f"line {n}" for n in range(1_000)], UNCAUGHT, end(), report()).lines
    assert (len(many), many[1], many[-3]) == (200, "line 0", UNCAUGHT)
    big = only(start(), *["é" * 7_000 for _ in range(50)], UNCAUGHT, end(), report()).lines
    assert sum(len(line.encode()) for line in big) <= 65_536
    assert big[-3] == UNCAUGHT


def test_shuffled_batches_of_whole_streams_tell_the_same():
    streams = [
        told([start(A), UNCAUGHT, end(A), report(A)], f"2026/11/23/[{n}]" + f"{n:032x}", first=10 * n)
        for n in range(20)
    ]
    expected = sorted(invocation.log_stream for invocation in fold(sum(streams, [])).closed())
    random.Random(7).shuffle(streams)
    again = fold(sum(streams, [])).closed()
    assert sorted(invocation.log_stream for invocation in again) == expected
    assert {invocation.status for invocation in again} == {Status.ERROR}


def test_events_without_ids_are_all_counted():
    assembler = Assembler()
    for line in (start(), logged("INFO", "x"), logged("INFO", "x"), end(), report()):
        assembler.feed(LogEvent("", 0, line, "", "-"))
    (invocation,) = assembler.closed()
    assert (invocation.levels, invocation.started_at, invocation.event_id) == ({"INFO": 2}, None, None)
