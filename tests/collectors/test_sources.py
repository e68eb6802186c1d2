"""Every copy of the same events tells the same invocations, however it is packed, encoded and cut."""

import base64
import gzip
import io
import json
from typing import Any

import pytest

from collectors.events import Batch, LogEvent
from collectors.lines import Unrecognised
from collectors.parse import Reading
from collectors.sources import MAX_LINE, Source
from collectors.summary import Summary
from tests.collectors import copies
from tests.collectors.stories import A, B, end, report, start, told

UNCAUGHT = (
    "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n"
    "\xa0\xa0File \"/var/task/h.py\", line 2, in handler\n\xa0\xa0\xa0\xa0raise KeyError('k')\n"
)
XRAY = "\nXRAY TraceId: 1-6ac7d561-0edfbbd4045df83612f1477d\tSegmentId: 6f2b\tSampled: true\t"
JSON_LINE = json.dumps({"level": "INFO", "message": "hello, \"you\"\n", "nested": {"a": [1, {"b": "}{"}]}}) + "\n"
EVENTS = told([start(), UNCAUGHT, end(), report(extra=XRAY), start(B), JSON_LINE, end(B), report(B)])
COPIES = {
    "document": json.dumps(copies.document(EVENTS)),
    "documents back to back": json.dumps(copies.document(EVENTS[:3])) + json.dumps(copies.document(EVENTS[3:])),
    "payload": json.dumps({"awslogs": {"data": copies.packed(EVENTS)}}),
    "base64": copies.packed(EVENTS),
    "base64 in quotes": json.dumps(copies.packed(EVENTS)),
    "base64 with line breaks": base64.encodebytes(base64.b64decode(copies.packed(EVENTS))).decode(),
    "payloads, one a line": copies.packed(EVENTS[:3]) + "\n" + copies.packed(EVENTS[3:]),
    "Kinesis event": json.dumps({"Records": [{"kinesis": {"data": copies.packed(EVENTS)}}]}),
    "Kinesis GetRecords": json.dumps({"Records": [{"Data": copies.packed(EVENTS), "SequenceNumber": "1"}]}),
    "Firehose event": json.dumps({"records": [{"data": copies.packed(EVENTS), "recordId": "1"}]}),
    "FilterLogEvents": json.dumps({"events": copies.filtered(EVENTS), "searchedLogStreams": []}, indent=4),
    "FilterLogEvents in one line": json.dumps({"events": copies.filtered(EVENTS), "nextToken": "n"}),
    "answers, one a line": "\n".join(json.dumps({"events": copies.filtered([event])}) for event in EVENTS),
    "answers, one after another": "\n".join(
        json.dumps({"events": copies.filtered(part)}, indent=4) for part in (EVENTS[:3], EVENTS[3:])
    ),
    "list of answers": json.dumps([{"events": copies.filtered([event])} for event in EVENTS], indent=2),
    "list of events": json.dumps(copies.filtered(EVENTS), indent=4),
    "events, one a line": "\n".join(map(json.dumps, copies.filtered(EVENTS))),
    "events in seconds": json.dumps([{**event, "timestamp": 1_795_461_000} for event in copies.filtered(EVENTS)]),
    "GetLogEvents": json.dumps(copies.got(EVENTS), indent=4),
    "list of messages": json.dumps([event.message for event in EVENTS], indent=4),
    "aws logs tail": copies.tailed(EVENTS),
    "aws logs tail in colours": copies.tailed(EVENTS, colours=True),
    "aws logs tail --format short": copies.tailed_short(EVENTS),
    "aws logs tail --format json": copies.tailed(EVENTS).replace(
        JSON_LINE.rstrip(), "\n" + json.dumps(json.loads(JSON_LINE), indent=4)
    ),
    "aws logs tail with tabs": copies.tailed(EVENTS).replace("+00:00 ", "+00:00\t").replace("0d0 ", "0d0\t"),
    "awslogs get": copies.with_awslogs(EVENTS),
    "awslogs get --timestamp": copies.with_awslogs(EVENTS, times=True),
    "saw": copies.with_saw(EVENTS),
    "get-log-events as text": copies.as_text(EVENTS),
    "filter-log-events as text": copies.as_text(EVENTS, named=True),
    "the console's table": copies.as_table(EVENTS),
    "sam logs": copies.from_sam(EVENTS),
    "export to S3": copies.exported(EVENTS),
    "Insights answer": json.dumps(copies.query_results(EVENTS), indent=4),
    "Insights results alone": json.dumps(copies.query_results(EVENTS)["results"]),
    "Insights JSON": json.dumps(copies.insights(EVENTS)),
    "Insights CSV": copies.as_csv(EVENTS),
    "console CSV": copies.console_csv(EVENTS),
    "raw lines": "".join(event.message for event in EVENTS),
    "raw lines with CRLF": "".join(event.message for event in EVENTS).replace("\n", "\r\n"),
}  # fmt: skip
PACKINGS = {
    "plain": lambda raw: raw,
    "gzip": lambda raw: gzip.compress(raw, mtime=0),
    "gzip in gzip": lambda raw: gzip.compress(gzip.compress(raw, mtime=0), mtime=0),
    "gzip members": lambda raw: b"".join(gzip.compress(raw[at : at + 99], mtime=0)
                                         for at in range(0, len(raw), 99)) + b"\0\0",
    "no last line break": lambda raw: raw.rstrip(b"\n"),
    "UTF-8 with a mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "UTF-16 with a mark": lambda raw: raw.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda raw: raw.decode().encode("utf-16-le"),
}  # fmt: skip


class Dribble(io.BufferedReader):
    """A pipe that gives what it has: a few bytes at once."""

    def read1(self, size: int = -1) -> bytes:
        return super().read1(min(size, 7))


def items(raw: bytes, reader: type[io.BufferedReader] = io.BufferedReader) -> list[Any]:
    found = Source(reader(io.BytesIO(raw)), "test")
    return [one for item in found for one in (item.events() if isinstance(item, Batch) else [item])]


def records(raw: bytes, reader: type[io.BufferedReader] = io.BufferedReader) -> list[dict[str, Any]]:
    return list(Reading(Summary()).records(Source(reader(io.BytesIO(raw)), "test")))


def facts(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(r["kind"], r.get("request_id"), r.get("status"), r.get("error_type"), r.get("trace_id")) for r in found]


EXPECTED = [
    ("invocation", A, "error", "KeyError", "1-6ac7d561-0edfbbd4045df83612f1477d"),
    ("invocation", B, "ok", None, None),
]


@pytest.mark.parametrize("copy", COPIES)
def test_every_copy_tells_the_same_invocations(copy):
    found = records(COPIES[copy].encode())
    assert facts(found) == EXPECTED
    assert found[0]["stack"].endswith("raise KeyError('k')")
    assert found[1]["levels"] == {"INFO": 1}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("copy", ["document", "FilterLogEvents", "aws logs tail", "Insights CSV", "raw lines"])
def test_every_packing_tells_the_same_invocations(copy, packing):
    assert facts(records(PACKINGS[packing](COPIES[copy].encode()))) == EXPECTED


@pytest.mark.parametrize("copy", COPIES)
def test_a_slow_pipe_tells_the_same_as_a_file(copy):
    assert facts(records(COPIES[copy].encode(), Dribble)) == EXPECTED


@pytest.mark.parametrize("copy", ["aws logs tail", "sam logs", "FilterLogEvents", "Insights JSON"])
def test_times_and_streams_are_told_where_the_copy_has_them(copy):
    first = records(COPIES[copy].encode())[0]
    assert (first["log_stream"], first["started_at"]) == (EVENTS[0].log_stream, EVENTS[0].timestamp)
    assert first["ended_at"] == EVENTS[3].timestamp


def test_lines_without_a_stream_are_in_none():
    assert {record["log_stream"] for record in records(COPIES["raw lines"].encode())} == {None}


def test_a_transcript_twice_has_the_same_ids():
    twice = items((COPIES["aws logs tail"]).encode()), items(COPIES["aws logs tail"].encode())
    assert [event.id for event in twice[0]] == [event.id for event in twice[1]]
    assert len({event.id for event in twice[0]}) == len(EVENTS)


def test_a_log_line_that_begins_with_a_time_is_no_transcript():
    (event,) = items(b"2026-11-23T19:12:31.752Z " + A.encode() + b" Task timed out after 3.00 seconds\n")
    assert event.message.startswith("2026-11-23T19:12:31.752Z ")


@pytest.mark.parametrize(
    "line",
    [
        '{"messageType":"order","level":"INFO"}', '{"events":[{"type":"click"}]}', "[[[[[[1]]]]]]", '["a","b"]',
        '{"Records":[{"kinesis":{"data":"aGVsbG8="}}]}', '{"logEvents":[],"level":"INFO"}', "{", "[", "{}{}", '{"a":1',
        '{"results":[1]}', '{"message":"x","timestamp":"2026-11-23T19:12:31Z"}', "H4 is a hormone", "",
    ],
)  # fmt: skip
def test_what_a_function_prints_stays_a_line(line):
    raw = f"{start()}{line}\n{end()}".encode()
    assert [event.message for event in items(raw)] == [start().rstrip(), *([line] if line else []), end().rstrip()]


def test_a_printed_object_is_no_document_and_stays_lines():
    raw = (start() + '{\n  "a": [\n    1\n  ]\n}\n' + end()).encode()
    assert len(items(raw)) == 7


@pytest.mark.parametrize("raw", [b"", b"\n\n\r\n", b"\xef\xbb\xbf", b"\xff\xfe", gzip.compress(b"", mtime=0)])
def test_nothing_is_nothing(raw):
    assert items(raw) == []


@pytest.mark.parametrize("raw", [b"\0\0\0", b"\xff\xfb\xc0\x80", b"a\0b\xf0\x9f", b"\x1f", b"H", b"\xfe\xff\0"])
def test_bytes_that_are_no_text_are_lines(raw):
    assert all(isinstance(item, LogEvent) for item in items(raw))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_list_too_long_to_hold_is_read_element_by_element(indent, wrapped):
    filler = copies.filtered(told([f"{'x' * 1000}}}]" for _ in range(MAX_LINE // 1000)], first=100))
    listed: object = [*copies.filtered(EVENTS), *filler]
    if wrapped:
        listed = {"a": "]", "events": listed, "searchedLogStreams": [{"logStreamName": "s"}]}
    raw = json.dumps(listed, indent=indent).encode() + b"\nhello\n"
    assert len(raw) > MAX_LINE
    *found, last = items(raw)
    assert [event.id for event in found] == [event["eventId"] for event in [*copies.filtered(EVENTS), *filler]]
    assert last.message == "hello"


def test_documents_back_to_back_in_a_line_too_long_to_hold_are_all_read():
    one = json.dumps({**copies.document(EVENTS), "filler": "x" * 1_000_000})
    found = items((one * 10).encode())
    assert len(found) == 10 * len(EVENTS)
    assert {event.log_group for event in found} == {copies.GROUP}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"x" * (MAX_LINE + 100_000) + b"\nhello\n", "a line longer than 8 MB"),
        (b'{"a":"' + b"x" * (MAX_LINE + 100_000), "more than 8 MB in one piece"),
        (b"[" * (MAX_LINE + 100_000), "more than 8 MB in one piece"),
        (b'[{"message":"x","timestamp":1},' * 300_000, "more than 8 MB in one piece"),
        (b'[{"message":"x","timestamp":1}' + b',{"message":"x","timestamp":1}' * 300_000, "cut short"),
        (gzip.compress(b"hello\n", mtime=0)[:-4], "cut short"),
        (gzip.compress(b"hello\n", mtime=0) + b"hello", "no gzip"),
        (b"\x1f\x8bhello", "cut short"),
        (b"\x1f\x8bhello" * 10, "damaged"),
        (b"timestamp,message\n1,\"" + b"x" * 5_000_000, "CSV that cannot be read"),
    ],
)
def test_what_is_refused_is_said(raw, reason):
    found = [item for item in items(raw) if isinstance(item, Unrecognised)]
    assert [reason in item.reason for item in found] == [True]


def test_a_bomb_in_a_file_is_read_no_further_than_a_gigabyte_of_one_line(monkeypatch):
    monkeypatch.setattr("collectors.sources.MAX_PASSED", 4 * MAX_LINE)
    bomb = gzip.compress(bytes(16 * MAX_LINE), 1, mtime=0)
    first, last = items(bomb)
    assert "longer than 8 MB" in first.reason
    assert "the rest of the input was not read" in last.reason
