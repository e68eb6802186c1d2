"""Nothing read from outside raises, whatever it is."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.events import Batch, LogEvent
from collectors.fingerprints import fingerprint
from collectors.invocations import Assembler
from collectors.lines import Ignored, Line, Unrecognised
from collectors.parse import Reading, printed
from collectors.payloads import decoded, events_in
from collectors.recognise import TABLE, recognise
from collectors.sources import Source
from collectors.summary import Summary
from tests.collectors.stories import B, end, report, start
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
    assert all(isinstance(item, LogEvent | Batch | Unrecognised | Ignored) for item in events_in(value) or ())


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
    assert all(printed(record).startswith(b'{"kind":') for record in Reading(Summary()).records(source))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_payload_is_events_or_a_reason(data):
    assert all(isinstance(item, LogEvent | Batch | Unrecognised | Ignored) for item in decoded(data))


@settings(max_examples=200, deadline=None)
@given(text, text, any_line)
def test_any_error_has_a_fingerprint(error_type, message, stack):
    assert len(fingerprint("f", error_type, message, stack)) == 16
