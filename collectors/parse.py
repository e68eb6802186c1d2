"""`parse`: log events from files or a pipe → one JSON record a line."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

import click
import orjson

from collectors.columns import width_of
from collectors.events import Batch, LogEvent, batches, function_of
from collectors.invocations import Assembler, Init, MetricSaid
from collectors.lines import Ignored, Unrecognised
from collectors.payloads import UNKNOWN_STREAM, Item
from collectors.sources import Source
from collectors.summary import Summary
from collectors.told import Told
from store.records import Invocation

Record = dict[str, Any]
DRAIN_EVERY = 1_000
"""Events between two drains: output flows, and memory holds what is open and no more."""
MAX_STREAMS = 20_000
"""Streams whose group is remembered: as many as are open at once."""
PROGRESS_SECONDS = 0.5
NOT_RECOGNISED, INTERRUPTED, BROKEN_PIPE = 1, 130, 141
"""Exit codes; the last two are a shell's for SIGINT and SIGPIPE."""
_INVOCATION = (
    "request_id", "log_stream", "version", "status", "error_type", "error_message", "stack", "cold_start",
    "duration_ms", "billed_ms", "memory_mb", "max_memory_mb", "init_ms", "restore_ms", "trace_id", "tenant_id",
    "execution_arn", "started_at", "ended_at", "levels",
)  # fmt: skip
_INIT = (
    "log_stream", "status", "phase", "init_type", "runtime_version", "error_type", "error_message", "stack", "init_ms",
    "restore_ms", "started_at", "ended_at",
)  # fmt: skip


def invocation_record(invocation: Invocation) -> Record:
    """An invocation as it is printed. Absent facts are null."""
    record = {"kind": "invocation", **{name: getattr(invocation, name) for name in _INVOCATION}}
    record["log_stream"] = _stream(invocation.log_stream)
    return record


def init_record(init: Init) -> Record:
    """A failed or unattached init as it is printed."""
    record = {"kind": "init", **{name: getattr(init, name) for name in _INIT}}
    record["log_stream"] = _stream(init.log_stream)
    return record


def _stream(name: str) -> str | None:
    """The log stream, unless it is what stands for one that nobody named."""
    return None if name.startswith(UNKNOWN_STREAM) else name


def _function(log_group: str, log_stream: str) -> str:
    """The function's name; of lines without a stream, the name of the file they stand in."""
    return function_of(log_group, log_stream) if _stream(log_stream) else Path(log_group).name


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


def gathered(items: Iterable[Item]) -> Iterator[tuple[list[Batch], Unrecognised | Ignored | None]]:
    """Events in batches of their streams, each lot with what came after it: single events are gathered, as many as
    are read between two drains."""
    alone: list[LogEvent] = []
    for item in items:
        if isinstance(item, LogEvent):
            alone.append(item)
            if len(alone) >= DRAIN_EVERY:
                yield batches(alone), None
                alone = []
            continue
        lots, alone = batches(alone) if alone else [], []
        if isinstance(item, Batch):
            yield [*lots, item], None
        else:
            yield lots, item
    if alone:
        yield batches(alone), None


class Reading:
    """Everything the items tell, as it becomes known; what is still open comes last.

    What comes twice, as in overlapping files, is told once: an event's id stands for what was said with it."""

    def __init__(self, summary: Summary) -> None:
        self._summary = summary
        self._assembler = Assembler()
        self._told = Told()
        self._groups: dict[str, str] = {}

    def records(self, items: Iterable[Item]) -> Iterator[Record]:
        """One record for each thing told."""
        for lots, other in gathered(items):
            for batch in lots:
                self._group(batch)
                self._assembler.take(batch)
                self._summary.events += len(batch.messages)
            yield from self._drained(batch_ended=False)
            if isinstance(other, Unrecognised):
                yield self._counted(unrecognised_record(other.reason, other.sample), "")
            elif other is not None:
                self._assembler.ignored[other.what] += 1
        self._assembler.finish()
        yield from self._drained(batch_ended=True)
        for invocation in self._assembler.open():
            yield self._counted(invocation_record(invocation), self._function(invocation.log_stream))
        self._summary.ignored = dict(self._assembler.ignored)

    def _drained(self, *, batch_ended: bool) -> Iterator[Record]:
        for invocation in self._assembler.closed(batch_ended):
            if self._new(invocation.log_stream, invocation.event_id, "invocation"):
                yield self._counted(invocation_record(invocation), self._function(invocation.log_stream))
        for init in self._assembler.inits():
            if self._new(init.log_stream, init.event_id, "init"):
                yield self._counted(init_record(init), _function(init.log_group, init.log_stream))
        yield from self._said()

    def _said(self) -> Iterator[Record]:
        for said in self._assembler.metrics():
            event, metric = said.event, said.metric
            if self._new(event.log_stream, event.id, (metric.namespace, metric.name, metric.dimensions)):
                yield self._counted(metric_record(said), _function(event.log_group, event.log_stream))
        for unread in self._assembler.unrecognised():
            if self._new(unread.event.log_stream, unread.event.id, unread.reason):
                yield self._counted(unrecognised_record(unread.reason, unread.sample), "")

    def _new(self, log_stream: str, event_id: str | None, what: object) -> bool:
        if not event_id or (log_stream != UNKNOWN_STREAM and log_stream.startswith(UNKNOWN_STREAM)):
            return True  # a line of a file that is read once
        return not self._told.again((log_stream, event_id, what))

    def _counted(self, record: Record, function: str) -> Record:
        self._summary.add(record, function)
        return record

    def _group(self, batch: Batch) -> None:
        """Remember which group a stream belongs to: an invocation knows its stream only."""
        if self._groups.get(batch.log_stream) != batch.log_group:
            if len(self._groups) >= MAX_STREAMS:
                del self._groups[next(iter(self._groups))]
            self._groups[batch.log_stream] = batch.log_group

    def _function(self, log_stream: str) -> str:
        return _function(self._groups.get(log_stream, ""), log_stream)


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

    Reads CloudWatch documents, awslogs payloads, Kinesis and Firehose records, answers of FilterLogEvents, GetLogEvents
    and Insights (one, many, or one a line), what aws logs tail and sam logs print, exports to S3, CSV, and raw lines;
    gzip, base64 and UTF-16 too. Without FILE, or for -, it reads standard input. What is told twice is counted once.

    \b
    Exit codes: 0    read
                1    something was not recognised (with --strict)
                2    wrong usage, or a file that cannot be read
                130  stopped by Ctrl-C; --summary shows what was read
                141  nobody reads the output any more
    """
    paths = files or ("-",)
    _check(paths)
    if "-" in paths and sys.stdin.isatty():
        click.echo("Reading log lines from the terminal; Ctrl-D ends them.", err=True)
    summary = Summary()
    try:
        _print(paths, summary, as_table=as_table)
    except BrokenPipeError:
        _leave_quietly()
    except KeyboardInterrupt:
        if as_table:
            click.echo(summary.table(width_of(sys.stdout.isatty())))
        click.echo("Stopped by Ctrl-C: not everything was read.", err=True)
        sys.exit(INTERRUPTED)
    except OSError as refused:
        click.echo(f"Error: The input could not be read to its end: {refused.strerror or refused}.", err=True)
        sys.exit(2)
    if strict and summary.unrecognised:
        sys.exit(NOT_RECOGNISED)


def _print(paths: Iterable[str], summary: Summary, *, as_table: bool) -> None:
    out = sys.stdout.buffer
    items = _items(paths, summary)
    if sys.stderr.isatty() and (as_table or not out.isatty()):
        items = _watched(items, summary)
    for record in Reading(summary).records(items):
        if not as_table:
            out.write(printed(record))
    if as_table:
        click.echo(summary.table(width_of(sys.stdout.isatty())))
    elif summary.events and not summary.found:
        click.echo(f"No invocation in {summary.events:,} lines: are these logs of Lambda functions?", err=True)
    out.flush()


def _leave_quietly() -> NoReturn:
    """Whoever read the output (`| head`) has enough. What is still held must not be written when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(BROKEN_PIPE)


def _check(paths: Iterable[str]) -> None:
    """Refuse unreadable files before the first record is printed."""
    for path in paths:
        if path == "-":
            continue
        if Path(path).is_dir():
            raise click.UsageError(f"Cannot read {path}: it is a folder. Name the files in it: {path.rstrip('/')}/*")
        try:
            with Path(path).open("rb"):
                pass
        except OSError as refused:
            advice = "Check the name; - is standard input." if isinstance(refused, FileNotFoundError) else ""
            raise click.UsageError(f"Cannot read {path}: {refused.strerror}. {advice}".rstrip()) from refused


def _items(paths: Iterable[str], summary: Summary) -> Iterator[Item]:
    """The items of every input, each file once: raw lines have no ids that would tell."""
    opened: set[tuple[int, int]] = set()
    for path in paths:
        if path == "-":
            summary.inputs += 1
            yield from Source(_buffered(sys.stdin.buffer), "stdin")
            continue
        with Path(path).open("rb") as stream:
            file = os.fstat(stream.fileno())
            if (file.st_dev, file.st_ino) in opened:
                yield Ignored(f"the same file again: {path}")
                continue
            opened.add((file.st_dev, file.st_ino))
            summary.inputs += 1
            yield from Source(stream, path)


def _buffered(stream: BinaryIO) -> BufferedReader:
    return stream if isinstance(stream, BufferedReader) else BufferedReader(cast(Any, stream))


def _watched(items: Iterable[Item], summary: Summary, clock: Callable[[], float] = time.monotonic) -> Iterator[Item]:
    """Pass items on, saying on the terminal how many have gone by."""
    began = shown = clock()
    for item in items:
        yield item
        now = clock()
        if now - shown >= PROGRESS_SECONDS:
            shown = now
            pace = summary.events / (now - began)
            click.echo(f"\r{summary.events:,} events, {pace:,.0f} a second\x1b[K", err=True, nl=False)
    click.echo("\r\x1b[K", err=True, nl=False)
