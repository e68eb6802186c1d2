"""How fast payloads become records, against the floor: base64, gunzip, and JSON of payload and messages, and no more.

The reader is the one that `parse` and the collectors use: payload → batches → invocations, metrics, inits, errors. Both
run on one core, in turn, in one process; what counts is the ratio of neighbours, so that a busy machine slows both.
"""

from __future__ import annotations

import base64
import gzip
import statistics
import time
from collections.abc import Callable, Sequence

import orjson

from benchmarks.corpus import CORPORA, Corpus, payloads
from benchmarks.target import Report, Target
from collectors.invocations import Assembler
from collectors.lines import Unrecognised
from collectors.parse import gathered
from collectors.payloads import decoded

SHARE_OF_FLOOR = 1 / 3
EVENTS = 30_000
ROUNDS = 15


def floor(raw: Sequence[bytes]) -> int:
    """Events decoded by the least that any reader must do."""
    events = 0
    for payload in raw:
        for event in orjson.loads(gzip.decompress(base64.b64decode(payload)))["logEvents"]:
            message = event["message"]
            if message[0] == "{":
                orjson.loads(message)
            events += 1
    return events


def reader(raw: Sequence[bytes]) -> int:
    """Records made of the payloads."""
    assembler, records = Assembler(), 0
    for payload in raw:
        for lots, other in gathered(decoded(payload)):
            for batch in lots:
                assembler.take(batch)
            records += isinstance(other, Unrecognised)
        records += _drained(assembler, batch_ended=False)
    assembler.finish()
    return records + _drained(assembler, batch_ended=True) + len(assembler.open())


def _drained(assembler: Assembler, *, batch_ended: bool) -> int:
    return (len(assembler.closed(batch_ended)) + len(assembler.metrics()) + len(assembler.inits())
            + len(assembler.unrecognised()))


def _seconds(work: Callable[[Sequence[bytes]], int], raw: Sequence[bytes]) -> float:
    began = time.process_time()
    work(raw)
    return time.process_time() - began


def _measured(corpus: Corpus, events: int, rounds: int) -> tuple[list[str], Target]:
    raw = list(payloads(corpus, events))
    count, made = floor(raw), reader(raw)
    pairs = [(_seconds(floor, raw), _seconds(reader, raw)) for _ in range(rounds)]
    ratio = statistics.median(least / ours for least, ours in pairs)
    least, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    row = [corpus.name, f"{count:,}", f"{made:,}", f"{count / least:,.0f}", f"{count / ours:,.0f}", f"{ratio:.2f}"]
    return row, Target(f"share of the floor's speed, {corpus.name}", ratio, corpus.share_of_floor, at_least=True)


def run(events: int = EVENTS, rounds: int = ROUNDS) -> Report:
    """Measure every corpus."""
    results = [_measured(corpus, events, rounds) for corpus in CORPORA]
    columns = ("reading log events", "events", "records", "floor/s", "reader/s", "ratio")
    return Report("Events a second, one core", columns, [row for row, _ in results], [met for _, met in results])
