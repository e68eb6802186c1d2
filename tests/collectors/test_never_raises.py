"""Nothing read from outside raises, and nothing takes more than linear time."""

import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.events import LogEvent
from collectors.fingerprints import fingerprint
from collectors.invocations import Assembler
from collectors.lines import Line
from collectors.parse import printed, records
from collectors.payloads import decoded, events_in
from collectors.recognise import TABLE, recognise
from collectors.sources import Source
from collectors.summary import Summary
from tests.collectors.stories import A, B, end, report, start
from tests.collectors.test_platform_text import SHAPES as PLATFORM
from tests.collectors.test_runtimes import SHAPES as RUNTIMES

LINES = [text for _, text, _ in (*PLATFORM, *RUNTIMES)] + [start(B), end(B), report(B)]
PREFIXES = sorted({shape.prefix for shape in TABLE}) + [
    "{",
    '{"_aws":',
    '{"level":',
    "LAMBDA_WARNING: ",
    "2026-11-23T19:12:31Z\t\t",
]

text = st.text(st.characters(codec=None), max_size=300)


@st.composite
def mutilated(draw: st.DrawFn) -> str:
    """A real line with a piece cut out and something else put in."""
    line = draw(st.sampled_from(LINES))
    at = draw(st.integers(0, len(line)))
    until = draw(st.integers(at, len(line)))
    return line[:at] + draw(st.text(max_size=10)) + line[until:]


any_line = st.one_of(text, mutilated(), st.sampled_from(LINES), st.builds(str.__add__, st.sampled_from(PREFIXES), text))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["message", "level", "error", "errorType", "stackTrace", "_aws", "CloudWatchMetrics", "Metrics", "Name",
             "Dimensions",
             "Timestamp", "type", "record", "requestId", "metrics", "events", "logEvents", "Records", "kinesis", "data",
             "awslogs",
             "timestamp", "id", "messageType", "span", "fields", "tracing", "stack_trace", "frames", "exception"]
        ),
        inner, max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(any_line)
def test_recognise_answers_any_text_with_a_line(message):
    assert isinstance(recognise(message), Line)


@settings(max_examples=300, deadline=None)
@given(json_values)
def test_any_json_is_a_line_and_any_envelope_is_read(value):
    assert isinstance(recognise(printed({"a": value}).decode()), Line)
    if isinstance(value, dict):
        assert isinstance(recognise(printed(value).decode()), Line)
    assert all(type(item).__name__ in ("LogEvent", "Unrecognised", "Ignored") for item in events_in(value) or ())


@settings(max_examples=200, deadline=None)
@given(st.lists(any_line, max_size=30), st.integers(0, 30))
def test_any_stream_folds_to_the_same_in_one_batch_or_two(lines, cut):
    events = [LogEvent(str(n), n + 1, line, "g", "s") for n, line in enumerate(lines)]
    once, twice = Assembler(), Assembler()
    for event in events:
        once.feed(event)
    for event in events[:cut]:
        twice.feed(event)
    early = twice.closed(batch_ended=False)
    for event in events[cut:]:
        twice.feed(event)
    for assembler in (once, twice):
        assembler.finish()
    assert [*early, *twice.closed()] == once.closed()
    assert twice.open() == once.open()
    assert (twice.inits(), twice.metrics(), twice.unrecognised()) == (once.inits(), once.metrics(), once.unrecognised())


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(any_line, max_size=12).map(lambda lines: "\n".join(lines).encode("utf-8", "replace")),
    )
)
def test_parse_prints_json_for_any_bytes(raw):
    source = Source(io.BufferedReader(io.BytesIO(raw)), "test")
    assert all(printed(record).startswith(b'{"kind":') for record in records(source, Summary()))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_payload_is_events_or_a_reason(data):
    assert all(hasattr(item, "message") or hasattr(item, "reason") or hasattr(item, "what") for item in decoded(data))


@settings(max_examples=200, deadline=None)
@given(text, text, any_line)
def test_any_error_has_a_fingerprint(error_type, message, stack):
    assert len(fingerprint("f", error_type, message, stack)) == 16


PATHOLOGICAL = [
    ("one word", "a"), ("blanks", " "), ("tabs", "\t"), ("line breaks", "\n"), ("carriage returns", "\r"),
    ("braces", "{"),
    ("brackets", "["), ("quotes", '"'), ("dots", "a."), ("colons", "a: "), ("class names", "java.lang.Exception: "),
    ("dashes", "a-"),
    ("digits", "1"), ("hex", "deadbeef1"), ("slashes", "/a"), ("addresses", "1:"), ("equals", "level= "),
    ("frames", "\n\tat a.b(C.java:1)"),
    ("tracebacks", "Traceback (most recent call last):\n"), ("report keys", "Duration: 1 ms "), ("backslashes", "\\"),
    ("mails", "a@a."),
]  # fmt: skip


@pytest.mark.parametrize(
    "prefix", ["", "[ERROR] ", "REPORT RequestId: " + A + " ", "panic: ", "2026-11-23T19:12:31Z\t\tfail\t", "{"]
)
@pytest.mark.parametrize("unit", [pytest.param(unit, id=name) for name, unit in PATHOLOGICAL])
def test_a_megabyte_of_anything_is_read_in_a_moment(prefix, unit):
    message = prefix + unit * (1_000_000 // len(unit))
    began = time.process_time()
    assembler = Assembler()
    for n in range(2):
        assembler.feed(LogEvent(str(n), 1, message, "g", "s"))
    assembler.finish()
    fingerprint("f", "E", message, message)
    assert time.process_time() - began < 2
