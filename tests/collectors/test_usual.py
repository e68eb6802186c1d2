"""The usual lane and the general path say the same of everything: they are held against each other here."""

import ast
import base64
import inspect
import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.corpus import CORPORA, payloads
from collectors import json_errors, structured_json
from collectors.events import Batch, LogEvent, batches
from collectors.inflation import unpacked
from collectors.invocations import Assembler
from collectors.lines import Said
from collectors.recognise import TABLE, plain, recognise
from collectors.stitching import kind_of
from tests.collectors.stories import BEGAN, A, B, C, end, report, start, told
from tests.collectors.test_platform_text import SHAPES as PLATFORM
from tests.collectors.test_runtimes import SHAPES as RUNTIMES

KEYS = sorted(
    {node.value for module in (structured_json, json_errors) for node in ast.walk(ast.parse(inspect.getsource(module)))
     if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 30}
)  # fmt: skip
"""Every member that the general path looks at, and some words it does not."""
TRACE = "1-6ac7d561-0edfbbd4045df83612f1477d"
values = st.sampled_from([
    A, B, "INFO", "error", "WARN", 30, 50, True, False, None, 1.5, "", "words", "platform.report",
    '{"message": "inner", "level": "error"}', {"message": "m"}, {"requestId": A, "status": "success"}, [1], TRACE, "2",
    "boom\n  at x",
])  # fmt: skip
documents = st.dictionaries(st.sampled_from(KEYS), values, max_size=7).map(json.dumps)
platform = st.sampled_from([
    start(A), start(A), start(B), start(C, "7"), end(A), end(A), end(B), end(C), report(A), report(A), report(B),
    report(C), report(A, extra="Init Duration: 99.10 ms"),
    report(B, extra=f"\nXRAY TraceId: {TRACE}\tSegmentId: 0123456789abcdef"),
    report(A, extra="Status: timeout"), "INIT_START Runtime Version: python:3.12.v43\tRuntime Version ARN: arn\n",
    "INIT_REPORT Init Duration: 9.99 ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown\n",
    *(json.dumps({"time": "2026-11-23T19:10:00.000Z", "type": f"platform.{kind}", "record": record})
      for who in (A, B) for kind, record in (
        ("start", {"requestId": who, "version": "3"}), ("runtimeDone", {"requestId": who, "status": "success"}),
        ("report", {"requestId": who, "status": "success", "metrics": {"durationMs": 1.5, "initDurationMs": 0}}),
        ("report", {"requestId": who, "status": "error", "errorType": "E", "metrics": {"durationMs": 1.5}}))),
])  # fmt: skip
said = st.sampled_from([
    "a print\n", "two\nlines\n", "level=error words\n", f"[INFO]\t2026-11-23T19:12:31.752Z\t{A}\twords\n",
    f"[ERROR]\t2026-11-23T19:12:31.752Z\t{A}\twords\n", f"2026-11-23T19:12:31.752Z\t{A}\tINFO\twords\n",
    f"2026-11-23T19:12:31.752Z\t{B}\tERROR\twords\n", "java.lang.Error: boom\n", "\tat a.b(C.java:1)\n", "",
    json.dumps({"level": "INFO", "message": "x", "function_request_id": A, "cold_start": True, "xray_trace_id": TRACE}),
    json.dumps({"level": 30, "msg": "x", "awsRequestId": B}), json.dumps({"level": "info", "event": "x"}) + "\n",
    json.dumps({"_aws": {"Timestamp": BEGAN, "CloudWatchMetrics": [
        {"Namespace": "N", "Dimensions": [["s"]], "Metrics": [{"Name": "m"}]}]}, "s": "x", "m": 1}),
])  # fmt: skip
real = st.sampled_from([text for _, text, _ in (*PLATFORM, *RUNTIMES)])
usual = st.builds(
    lambda who, words, extra: [start(who), *words, end(who), report(who, extra=extra)],
    st.sampled_from([A, B, C]), st.lists(st.one_of(said, documents), max_size=4),
    st.sampled_from(["", "Init Duration: 0.00 ms"]),
)  # fmt: skip


@st.composite
def streams(draw):
    """Lines of one stream: whole invocations, cut and mixed with anything else."""
    others = st.lists(st.one_of(platform, said, documents, real), max_size=5)
    parts = draw(st.lists(st.one_of(usual, others), max_size=6))
    lines = [line for part in parts for line in part]
    for at in draw(st.lists(st.integers(0, max(0, len(lines) - 1)), max_size=2)):
        lines = lines[:at] + draw(st.sampled_from([[], lines[at : at + 1] * 2])) + lines[at + 1 :]
    return lines


def everything(assembler):
    assembler.finish()
    return (assembler.closed(), assembler.open(), assembler.inits(), assembler.metrics(), assembler.unrecognised(),
            assembler.ignored)


def generally(events, ends=()):
    """What the general path makes of events, one at a time; `ends` are the indexes at which a batch ends."""
    assembler, closed = Assembler(), []
    for at, event in enumerate(events):
        closed += assembler.closed() if at in ends else []
        assembler.feed(event)
    finished, *others = everything(assembler)
    return closed + finished, *others


def in_batches(events, cuts=(), ends=(), looks=()):
    """What batches make of them, cut at `cuts`; at some cuts the batch ends, or somebody looks at what is open."""
    assembler, closed = Assembler(), []
    for begin, until in zip([0, *cuts], [*cuts, len(events)], strict=True):
        if begin in ends:
            closed += assembler.closed()
        if begin in looks:
            assembler.open()
        assembler.take_all(events[begin:until])
    finished, *others = everything(assembler)
    return closed + finished, *others


@settings(max_examples=400, deadline=None)
@given(streams(), st.sets(st.integers(1, 30), max_size=5), st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_any_stream_tells_the_same_in_batches_and_event_by_event(lines, cuts, ends, looks):
    events = told(lines)
    where = sorted(cut for cut in cuts if cut < len(events))
    assert in_batches(events, where, ends & set(where), looks) == generally(events, ends & set(where))


@settings(max_examples=100, deadline=None)
@given(streams(), st.sets(st.integers(1, 30), max_size=4), st.lists(st.integers(0, 30), max_size=4))
def test_an_event_that_comes_again_in_a_batch_changes_nothing(lines, cuts, again):
    events = told(lines)
    where = sorted(cut for cut in cuts if cut < len(events))
    repeated = list(events)
    for at in again:
        if at < len(events):
            repeated.insert(min(len(repeated), at + 3), events[at])
    assert in_batches(repeated, where) == in_batches(events)


@settings(max_examples=100, deadline=None)
@given(st.lists(streams(), min_size=2, max_size=3), st.integers())
def test_interleaved_streams_do_not_mix_in_batches(stories, seed):
    apart = [told(lines, stream=f"2026/11/23/[1]{number:032x}") for number, lines in enumerate(stories)]
    mixed: list[LogEvent] = []
    waiting, random = [list(events) for events in apart if events], Random(seed)
    while waiting:
        one = random.choice(waiting)
        mixed.append(one.pop(0))
        waiting = [events for events in waiting if events]
    found = in_batches(mixed, [len(mixed) // 2] if len(mixed) > 1 else [])[0]
    alone = [in_batches(events)[0] for events in apart]
    assert sorted(map(repr, found)) == sorted(repr(one) for closed in alone for one in closed)


def test_a_corpus_tells_the_same_both_ways():
    for corpus in CORPORA:
        lane, general, held = Assembler(), Assembler(), 0
        for payload in payloads(corpus, 1_500):
            document = json.loads(unpacked(payload))
            events = [(one["id"], one["timestamp"], one["message"]) for one in document["logEvents"]]
            columns = zip(*events, strict=True)
            batch = Batch(document["logGroup"], document["logStream"], *columns)
            lane.take(batch)
            held += len(batch.messages)
            for event in batch.events():
                general.feed(event)
        (ours, *others), (theirs, *expected) = everything(lane), everything(general)
        assert held > 1_000
        assert sorted(map(repr, ours)) == sorted(map(repr, theirs))
        assert sorted(map(repr, others[2])) == sorted(map(repr, expected[2]))
        assert sorted(map(repr, others[0])) == sorted(map(repr, expected[0]))


def test_a_late_line_opens_an_invocation_of_the_usual_lane_again():
    lines = [start(A), "words\n", end(A), report(A), start(B), end(B), report(B), start(A), end(A), report(A)]
    late = f"[WARNING]\t2026-11-23T19:12:31.752Z\t{A}\tlate\n"
    events = told([*lines, late])
    assert in_batches(events, [10], {10}) == generally(events, {10})
    assert [one.levels for one in in_batches(events, [10], {10})[0]] == [{}, {}, {}, {"WARN": 1}]


def test_a_long_invocation_in_small_batches_is_held_only_so_far():
    events = told([start(A), *(f"words {n}\n" for n in range(500)), end(A), report(A)])
    found = in_batches(events, list(range(1, len(events))))
    assert found == generally(events)
    assert found[0][0].events == 503


def test_every_shape_can_be_told_from_a_print():
    assert [shape.name for shape in TABLE if not shape.prefix and not shape.marks] == []


@settings(max_examples=400, deadline=None)
@given(st.one_of(real, said, st.text(st.characters(codec="utf-8"), max_size=40),
                 st.builds(lambda line, at, more: line[at:] + more, real, st.integers(0, 40), st.text(max_size=5))))
def test_what_is_plain_is_a_print_to_every_shape(message):
    text = message.rstrip("\n")
    readings = [shape.read(text) for shape in TABLE if text.startswith(shape.prefix)]
    assert not plain(message) or (readings == [None] * len(readings) and recognise(message) == Said(text))
    assert not plain(message) or kind_of(Said(text), message) is None


def test_batches_hold_the_events_of_each_stream_in_order():
    mixed = [LogEvent(str(n), n, "m", "g", "ab"[n % 2]) for n in range(4)]
    assert [(batch.log_stream, batch.ids) for batch in batches(mixed)] == [("a", ["0", "2"]), ("b", ["1", "3"])]
    assert [event for batch in batches(mixed) for event in batch.events()] == [mixed[at] for at in (0, 2, 1, 3)]
    assert base64.b64decode(next(payloads(CORPORA[0], 10)))[:2] == b"\x1f\x8b"
