"""Builders of log events: a stream's lines in order, each with its id and time."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.events import LogEvent
from collectors.invocations import Assembler
from store.records import Invocation

A = "70b609e1-c0ae-483f-8cf2-cac7eb9aa711"
B = "7667964c-05ac-4891-b28c-56f1282ebc1b"
C = "b771fecc-1b53-4faf-922d-1d74357b1676"
STREAM = "2026/11/23/[$LATEST]20bddfd5a2dc4c6b97ac02800eae90d0"
BEGAN = 1_795_461_000_000


def start(request_id: str = A, version: str = "$LATEST") -> str:
    return f"START RequestId: {request_id} Version: {version}\n"


def end(request_id: str = A) -> str:
    return f"END RequestId: {request_id}\n"


def report(request_id: str = A, duration: float = 12.34, extra: str = "", used: int = 67) -> str:
    return (
        f"REPORT RequestId: {request_id}\tDuration: {duration:.2f} ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
        f"Max Memory Used: {used} MB\t{extra}\n"
    )


def told(lines: Iterable[str], stream: str = STREAM, first: int = 0) -> list[LogEvent]:
    """The lines as events of one stream, a millisecond apart."""
    return [
        LogEvent(f"{first + n:056d}", BEGAN + first + n, line, "/aws/lambda/orders", stream)
        for n, line in enumerate(lines)
    ]


def fold(events: Iterable[LogEvent]) -> Assembler:
    assembler = Assembler()
    for event in events:
        assembler.feed(event)
    return assembler


def closed(*lines: str) -> list[Invocation]:
    """The finished invocations of one stream's lines."""
    assembler = fold(told(lines))
    assembler.finish()
    return assembler.closed()


def only(*lines: str) -> Invocation:
    """The one finished invocation of one stream's lines."""
    (invocation,) = closed(*lines)
    return invocation
