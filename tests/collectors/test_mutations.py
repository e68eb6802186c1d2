"""A hundred thousand mutilated lines and payloads, the same in every run: none raises, all are told or counted."""

import base64
import gzip
import io
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from collectors.events import LogEvent
from collectors.invocations import Assembler
from collectors.lines import Line
from collectors.parse import Reading, printed
from collectors.payloads import decoded
from collectors.recognise import recognise
from collectors.sources import Source
from collectors.summary import Summary
from tests.collectors import copies
from tests.collectors.stories import A, B, end, report, start, told
from tests.collectors.test_never_raises import LINES, PREFIXES
from tests.collectors.test_sources import COPIES

PIECES = [
    "", " ", "\t", "\n", "\r\n", "\0", "\\", '"', "'", "{", "}", "[", "]", ":", ": ", ",", "null", "true", "-1",
    "1e999", "NaN", "9" * 40, "é", "\ud800", "\u2028", "\ufeff", "\xa0", "\x1b[31m", "$LATEST", "RequestId: ", A, B,
    "START ", "END ",
    "REPORT ", "Duration: ", " ms", "Status: ", "\n\tat ", "Caused by: ", "Error", "Exception", "Traceback", '{"_aws":',
    '"level":', '"message":', "=", "%s", "../", "<", "\n\n", "panic: ", "[ERROR]", "x" * 300, *PREFIXES,
]  # fmt: skip


def mutations(count: int, seed: int) -> Iterator[str]:
    """Real lines with pieces cut out, put in, doubled and swapped."""
    rng = Random(seed)
    for _ in range(count):
        line = rng.choice(LINES)
        for _ in range(rng.randint(1, 4)):
            at, until = sorted((rng.randrange(len(line) + 1), rng.randrange(len(line) + 1)))
            way = rng.randrange(5)
            if way == 0:
                line = line[:at] + line[until:]
            elif way == 1:
                line = line[:at] + rng.choice(PIECES) + line[at:]
            elif way == 2:
                line = line[:at] + rng.choice(PIECES) + line[until:]
            elif way == 3:
                line = line[:until] + line[at:until][:200] + line[until:]
            else:
                line = line[:at] + rng.choice(LINES)[-60:] + line[until:]
        yield line


@pytest.mark.parametrize("seed", range(5))
def test_mutilated_lines_are_lines(seed):
    assert all(isinstance(recognise(line), Line) for line in mutations(14_000, seed))


@pytest.mark.parametrize("seed", range(5, 9))
def test_mutilated_streams_fold_into_records(seed):
    rng = Random(seed)
    assembler = Assembler()
    for number, line in enumerate(mutations(5_000, seed)):
        assembler.feed(LogEvent(str(number), number + 1, line, "g", f"s{rng.randrange(4)}"))
        if number % 997 == 0:
            assembler.closed(batch_ended=False)
    assembler.finish()
    found = [*assembler.closed(), *assembler.open()]
    assert all(str(one.status) in ("ok", "error", "timeout", "oom", "crash", "open") for one in found)


@pytest.mark.parametrize("seed", range(9, 12))
def test_mutilated_files_become_records(seed):
    rng = Random(seed)
    whole = list(COPIES.values())
    for _ in range(1_000):
        raw = bytearray(rng.choice(whole).encode())
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(raw) + 1)
            way = rng.randrange(4)
            if way == 0:
                del raw[at : at + rng.randrange(200)]
            elif way == 1:
                raw[at:at] = rng.choice(PIECES).encode("utf-8", "replace")
            elif way == 2:
                raw[at : at + 1] = bytes([rng.randrange(256)])
            else:
                raw[at:at] = raw[: rng.randrange(len(raw) + 1)][:400]
        source = Source(io.BufferedReader(io.BytesIO(bytes(raw))), "test")
        assert all(printed(record).startswith(b'{"kind":') for record in Reading(Summary()).records(source))


def test_mutilated_payloads_are_events_or_reasons():
    rng = Random(12)
    document = json.dumps(copies.document(told([start(), end(), report()]))).encode()
    for _ in range(7_000):
        raw = bytearray(rng.choice((gzip.compress(document, 1, mtime=0), document)))
        for _ in range(rng.randint(1, 3)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        for item in decoded(base64.b64encode(raw[: rng.randint(1, 2 * len(raw))])):
            assert item


WRONG: list[Any] = [None, True, -1, 0, 1.5, 10**30, "", "x", [], [[]], [1], {}, {"a": 1}, [{}], [None], "9" * 400]


@pytest.mark.parametrize("at", ["messageType", "logGroup", "logStream", "logEvents", "owner", "subscriptionFilters"])
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_wrong_type_in_a_document_is_read_around_or_told(at, value):
    document = copies.document(told([start(), end(), report()])) | {at: value}
    raw = json.dumps(document).encode()
    for record in Reading(Summary()).records(Source(io.BufferedReader(io.BytesIO(raw)), "test")):
        assert printed(record).startswith(b'{"kind":')


@pytest.mark.parametrize("at", ["id", "eventId", "timestamp", "message", "logStreamName", "logGroupName"])
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_wrong_type_in_an_event_spoils_that_event_alone(at, value):
    good, bad = told([start(), end(), report()]), told([start(B), end(B), report(B)], first=50)
    for spoiled in copies.filtered(bad):
        listed = [*copies.filtered(good), {**spoiled, at: value}]
        raw = json.dumps({"events": listed, "searchedLogStreams": []}).encode()
        found = list(Reading(Summary()).records(Source(io.BufferedReader(io.BytesIO(raw)), "test")))
        assert (A, "ok") in [(record.get("request_id"), record.get("status")) for record in found]
