"""`parse`: log events from files or a pipe → one JSON record a line."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
import orjson

from collectors.events import LogEvent
from collectors.invocations import Assembler, Init, MetricSaid
from collectors.lines import Ignored, Unrecognised
from collectors.payloads import Item
from collectors.sources import Source
from collectors.summary import Summary
from store.records import Invocation

Record = dict[str, Any]
DRAIN_EVERY = 1_000
"""Events between two drains: output flows, and memory holds what is open and no more."""
PROGRESS_SECONDS = 0.5
_INVOCATION = (
    "request_id", "log_stream", "version", "status", "error_type", "error_message", "stack", "cold_start",
    "duration_ms", "billed_ms", "memory_mb", "max_memory_mb", "init_ms", "restore_ms", "trace_id", "tenant_id",
    "started_at", "ended_at", "levels",
)  # fmt: skip
_INIT = (
    "log_stream", "status", "phase", "init_type", "runtime_version", "error_type", "error_message", "stack", "init_ms",
    "restore_ms", "started_at", "ended_at",
)  # fmt: skip


def invocation_record(invocation: Invocation) -> Record:
    """An invocation as it is printed. Absent facts are null."""
    return {"kind": "invocation", **{name: getattr(invocation, name) for name in _INVOCATION}}


def init_record(init: Init) -> Record:
    """A failed or unattached init as it is printed."""
    return {"kind": "init", **{name: getattr(init, name) for name in _INIT}}


def metric_record(said: MetricSaid) -> Record:
    """One embedded metric as it is printed."""
    metric = said.metric
    return {
        "kind": "metric",
        "namespace": metric.namespace,
        "name": metric.name,
        "unit": metric.unit,
        "values": list(metric.values),
        "dimensions": dict(metric.dimensions),
        "timestamp": metric.timestamp,
        "request_id": said.request_id,
    }


def unrecognised_record(reason: str, sample: str) -> Record:
    """What could not be read, as it is printed."""
    return {"kind": "unrecognised", "reason": reason, "sample": sample}


def records(items: Iterable[Item], summary: Summary) -> Iterator[Record]:
    """Everything the items tell, as it becomes known; what is still open comes last."""
    assembler = Assembler()
    for item in items:
        if isinstance(item, LogEvent):
            assembler.feed(item)
            summary.events += 1
            if summary.events % DRAIN_EVERY == 0:
                yield from _drain(assembler, batch_ended=False)
        elif isinstance(item, Unrecognised):
            yield unrecognised_record(item.reason, item.sample)
        elif isinstance(item, Ignored):
            assembler.ignored[item.what] += 1
    assembler.finish()
    yield from _drain(assembler, batch_ended=True)
    yield from (invocation_record(invocation) for invocation in assembler.open())
    summary.ignored = dict(assembler.ignored)


def _drain(assembler: Assembler, *, batch_ended: bool) -> Iterator[Record]:
    yield from map(invocation_record, assembler.closed(batch_ended))
    yield from map(init_record, assembler.inits())
    yield from map(metric_record, assembler.metrics())
    for unread in assembler.unrecognised():
        yield unrecognised_record(unread.reason, unread.sample)


def printed(record: Record) -> bytes:
    """One record as a line of JSON. Half surrogates, which UTF-8 cannot hold, are written as escapes."""
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        return json.dumps(record).encode("ascii") + b"\n"


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE…|-]")
@click.option("--summary", "as_table", is_flag=True, help="Print one readable table instead of the records.")
@click.option("--strict", is_flag=True, help="Exit 1 if anything was not recognised.")
def parse(files: tuple[str, ...], as_table: bool, strict: bool) -> None:
    """Read Lambda logs; print one JSON record a line.

    Reads CloudWatch documents, awslogs payloads, Kinesis and Firehose records, FilterLogEvents and GetLogEvents answers
    (one, many, or one a line), or raw log lines; gzip too. Exit codes: 0 read, 1 something was not recognised (with
    --strict), 2 wrong usage or a file that cannot be read.
    """
    paths = files or ("-",)
    _check(paths)
    summary = Summary()
    out = sys.stdout.buffer
    with_progress = sys.stderr.isatty() and not out.isatty()
    items = _watched(_items(paths), summary) if with_progress else _items(paths)
    for record in records(items, summary):
        summary.add(record)
        if not as_table:
            out.write(printed(record))
    if as_table:
        click.echo(summary.table())
    out.flush()
    if strict and summary.unrecognised:
        sys.exit(1)


def _check(paths: Iterable[str]) -> None:
    """Refuse unreadable files before the first record is printed."""
    for path in paths:
        if path == "-":
            continue
        try:
            with Path(path).open("rb"):
                pass
        except OSError as refused:
            raise click.UsageError(f"Cannot read {path}: {refused.strerror}.") from refused


def _items(paths: Iterable[str]) -> Iterator[Item]:
    for path in paths:
        if path == "-":
            yield from Source(_buffered(sys.stdin.buffer), "stdin")
            continue
        with Path(path).open("rb") as stream:
            yield from Source(stream, path)


def _buffered(stream: BinaryIO) -> BufferedReader:
    return stream if isinstance(stream, BufferedReader) else BufferedReader(cast(Any, stream))


def _watched(items: Iterable[Item], summary: Summary) -> Iterator[Item]:
    """Pass items on, saying on the terminal how many have gone by."""
    began = shown = time.monotonic()
    for item in items:
        yield item
        now = time.monotonic()
        if now - shown >= PROGRESS_SECONDS:
            shown = now
            pace = summary.events / (now - began)
            click.echo(f"\r{summary.events:,} events, {pace:,.0f} a second", err=True, nl=False)
    click.echo("\r\x1b[K", err=True, nl=False)
