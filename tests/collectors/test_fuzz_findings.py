"""What coverage-guided fuzzing and hand-made attacks found, each by its smallest input."""

import base64
import gzip
import io
import json
import time

import pytest

from collectors.elements import depth_change, values
from collectors.inflation import Undecodable, inflated, layered
from collectors.lines import Line, Metrics, Said, Unrecognised
from collectors.parse import Reading, printed
from collectors.payloads import decoded, epoch_ms, events_in
from collectors.recognise import recognise
from collectors.sources import Source
from collectors.summary import Summary
from tests.collectors import copies
from tests.collectors.stories import A, end, report, start, told

DEEP = 1_020
"""Deeper than Python recurses, and as deep as orjson reads."""


def nested(depth: int, opening: str = "[", closing: str = "]", inside: str = "") -> str:
    return opening * depth + inside + closing * depth


def told_of(raw: str) -> list[dict[str, object]]:
    return list(Reading(Summary()).records(Source(io.BufferedReader(io.BytesIO(raw.encode())), "test")))


@pytest.mark.parametrize("line", [f"REPORT RequestId: {A} a: b: c", "INIT_REPORT a: b: c", "RESTORE_REPORT a: b: c"])
def test_pairs_without_a_known_key_are_no_report(line):
    assert isinstance(recognise(line), Unrecognised)


@pytest.mark.parametrize("unit", [[], ["Count"], {"a": 1}, 1])
def test_a_unit_that_is_no_text_is_refused(unit):
    directive = {"Namespace": "n", "Metrics": [{"Name": "m", "Unit": unit}]}
    line = recognise(json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [directive]}, "m": 1}))
    assert isinstance(line, Metrics)
    assert "unknown unit" in line.refused[0]


@pytest.mark.parametrize(
    "line",
    [
        f'{{"message":{nested(DEEP)}}}',
        f'{{"message":{nested(DEEP, chr(123) + chr(34) + "a" + chr(34) + ":", chr(125), "1")}}}',
        '{"_aws":{"CloudWatchMetrics":[{"Namespace":"n","Metrics":[{"Name":"m","Unit":' + nested(DEEP - 9)
        + '}]}],"Timestamp":1},"m":1}',
        nested(600, '{"type":"function","time":1,"record":', "}", "{}"),
        '{"level":' + nested(DEEP) + "}",
        "{" + nested(100_000),
    ],
    ids=["list", "object", "unit", "telemetry records", "level", "too deep for any parser"],
)  # fmt: skip
def test_deep_nesting_is_a_line_like_any_other(line):
    assert isinstance(recognise(line), Line)


@pytest.mark.parametrize(
    "text",
    [
        nested(DEEP),
        f'[{{"@message":{nested(DEEP)}}}]',
        f'{{"@message":"x","@timestamp":{nested(DEEP)}}}',
        f'{{"id":{nested(DEEP)},"timestamp":1,"message":"x"}}',
        f'{{"events":{nested(DEEP)}}}',
        f'{{"results":{nested(DEEP)}}}',
        f'{{"awslogs":{{"data":{nested(DEEP)}}}}}',
        f'{{"Records":{nested(DEEP)}}}',
        f'{{"logEvents":{nested(DEEP)},"logGroup":"g"}}',
        f'{{"messageType":"DATA_MESSAGE","logEvents":{nested(DEEP)}}}',
        '[{"@message":' + nested(500, '{"a":', "}", "1") + "}]",
    ],
)
def test_deep_nesting_in_envelopes_is_read_or_told(text):
    assert all(printed(record).startswith(b'{"kind":') for record in told_of(text))


def test_lists_in_lists_are_what_a_function_printed():
    assert events_in(json.loads(nested(9, inside="1"))) is None


@pytest.mark.parametrize("value", [253_402_300_800_000, 10**30, "9" * 25, 1e300, float("inf"), -1, "0001-01-01T00:00"])
def test_a_time_no_calendar_has_is_no_time(value):
    assert epoch_ms(value) in (0,)


def test_a_time_of_ten_to_the_thirty_in_a_document_is_no_time():
    document = copies.document(told([start(), end(), report()]))
    for event in document["logEvents"]:  # type: ignore[attr-defined]
        event["timestamp"] = 10**30
    (record,) = told_of(json.dumps(document))
    assert (record["status"], record["started_at"], record["ended_at"]) == ("ok", None, None)


def test_a_hundred_thousand_gzip_members_are_read_in_linear_time():
    members = gzip.compress(b"", mtime=0) * 100_000
    began = time.process_time()
    assert inflated(members) == b""
    assert b"".join(layered([members])) == b""
    assert time.process_time() - began < 10, "each member must not copy all that follows it"


def test_escaped_quotes_without_an_end_are_looked_at_once():
    line = b'\\"' * 500_000
    began = time.process_time()
    assert depth_change(line) is None
    assert list(values(b"{" + line)) == [b"{" + line]
    assert time.process_time() - began < 5


def test_a_bomb_is_inflated_no_further_than_the_limit():
    bomb = gzip.compress(bytes(200_000_000), 1, mtime=0)
    with pytest.raises(Undecodable, match="grows beyond 64 MB"):
        inflated(bomb)
    (item,) = decoded(base64.b64encode(bomb))
    assert isinstance(item, Unrecognised)
    assert item.reason == "a payload with gzip data that grows beyond 64 MB"


def test_bombs_in_bombs_are_opened_so_deep_and_no_deeper():
    packed = b"x"
    for _ in range(5):
        packed = gzip.compress(packed, mtime=0)
    with pytest.raises(Undecodable, match="more than 3 deep"):
        list(layered([packed]))


def test_a_bracket_inside_an_unfinished_string_is_none():
    assert depth_change(b'  "a": "[{') is None
    assert depth_change(b'  "a": "[{", "b": [') == 1
    assert isinstance(recognise('{"a": "[{'), Said)
