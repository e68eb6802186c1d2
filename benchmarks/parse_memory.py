"""Peak memory of `python -m collectors parse` as its input grows a hundredfold, up to a gigabyte and beyond.

    python -c 'from benchmarks.parse_memory import run; print(run(10).text())'        10 MB against a gigabyte
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from uuid import UUID

from benchmarks.corpus import BEGAN
from benchmarks.target import Report, Target

SMALL_MB = 2.0
GROWTH = 100
MOST = 2.0
"""Peak at a hundred times the input, against once: 8 MB of a document, and 0.2 million event ids, are held at most, and
the small input fills neither."""
_ROOT = Path(__file__).parent.parent
_STREAM = "2026/11/23/[$LATEST]{:032x}"
STREAMS = 50
_BLOCK = 1024 * 1024


def _events() -> Iterator[tuple[str, int, str]]:
    """Stream, time and message, without end: invocations of six lines, one in fifty failed."""
    rng = Random(7)
    for number in itertools.count():
        stream, at = _STREAM.format(number % STREAMS), BEGAN + number * 10
        who = str(UUID(int=rng.getrandbits(128), version=4))
        yield stream, at, f"START RequestId: {who} Version: $LATEST\n"
        for said in ("received", "stored"):
            words = {"level": "INFO", "message": f"order {said}", "requestId": who, "order": rng.getrandbits(40)}
            yield stream, at + 1, json.dumps(words) + "\n"
        if number % 50 == 0:
            yield stream, at + 2, "[ERROR] KeyError: 'sku'\nTraceback (most recent call last):\n" + "".join(
                f'\xa0\xa0File "/var/task/a{depth}.py", line {depth}, in f{depth}\n' for depth in range(8)
            )
        yield stream, at + 3, f"END RequestId: {who}\n"
        yield stream, at + 3, (
            f"REPORT RequestId: {who}\tDuration: {rng.uniform(5, 500):.2f} ms\tBilled Duration: 500 ms\t"
            "Memory Size: 128 MB\tMax Memory Used: 67 MB\t\n"
        )


def raw_lines() -> Iterator[bytes]:
    """Lines as a terminal shows them."""
    return (message.encode() for _, _, message in _events())


def events_by_line() -> Iterator[bytes]:
    """FilterLogEvents events, one a line."""
    return (event + b"\n" for event in _answer())


def one_document() -> Iterator[bytes]:
    """One answer of FilterLogEvents in one line, however long."""
    yield b'{"events":['
    for number, event in enumerate(_answer()):
        yield b"," + event if number else event


def transcript() -> Iterator[bytes]:
    """What `aws logs tail` prints."""
    for stream, at, message in _events():
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at / 1000))
        yield f"{stamp}.{at % 1000:03d}000+00:00 {stream} {message}".encode()


def _answer() -> Iterator[bytes]:
    for number, (stream, at, message) in enumerate(_events()):
        event = {"logStreamName": stream, "timestamp": at, "message": message, "eventId": f"{number:056d}"}
        yield json.dumps(event).encode()


SHAPES: tuple[tuple[str, Callable[[], Iterator[bytes]], bytes], ...] = (
    ("raw lines", raw_lines, b""),
    ("events, one a line", events_by_line, b""),
    ("one document", one_document, b"]}"),
    ("aws logs tail", transcript, b""),
)


def peak_mb(shape: Callable[[], Iterator[bytes]], end: bytes, megabytes: float) -> tuple[float, float]:
    """Peak resident memory (MB) and processor time (s) of a process that parses so much of a shape from a pipe."""
    command = [sys.executable, "-m", "collectors", "parse", "--summary"]
    process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with process, os.fdopen(os.dup(process.stdin.fileno()), "wb", _BLOCK) as pipe:  # type: ignore[union-attr]
        process.stdin.close()  # type: ignore[union-attr]
        left = megabytes * 1024 * 1024
        for piece in shape():
            pipe.write(piece)
            left -= len(piece)
            if left <= 0:
                break
        pipe.write(end)
        pipe.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def run(small_mb: float = SMALL_MB, growth: int = GROWTH) -> Report:
    """Measure every shape once and `growth` times."""
    rows, targets = [], []
    for name, shape, end in SHAPES:
        once, _ = peak_mb(shape, end, small_mb)
        grown, seconds = peak_mb(shape, end, small_mb * growth)
        pace = small_mb * growth / seconds
        rows.append([name, f"{once:.0f} MB", f"{grown:.0f} MB", f"{pace:.0f} MB/s"])
        targets.append(Target(f"{name}: peak memory at {growth} times the input", grown / once, MOST))
    columns = ("input", f"peak at {small_mb:,.0f} MB", f"at {small_mb * growth:,.0f} MB", "pace")
    return Report("Peak memory of parse", columns, rows, targets)
