"""A believable day, written as log events, so that the collectors read it like anything else.

Twenty-four hours of a dozen functions in six runtimes and both log formats, ending two minutes before now:
cold starts, a small steady background of failures, and one bad deploy (checkout-api version 31) rolled back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import TYPE_CHECKING

from demo import history_json, history_text
from demo.fleet import FLEET, FunctionProfile
from demo.history_chatter import said
from demo.history_failures import uncaught
from demo.history_plan import Environment, plan
from store.clock import DAY_MS

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

Event = tuple[str, str, int, str]
"""Log group, log stream, timestamp (epoch ms), message."""
MAX_BATCH_EVENTS = 10_000
MAX_BATCH_BYTES = 1_048_576
EVENT_OVERHEAD_BYTES = 26
"""PutLogEvents counts the UTF-8 bytes of every message plus 26, and takes batches of one day at most."""
RETENTION_DAYS = 14
WRITERS = 3
"""Two calls for each of some 600 streams: enough at once to hide the waits, few enough for two cores."""


def events(fleet: Iterable[FunctionProfile], now_ms: int, seed: int) -> Iterator[Event]:
    """Every log event of the day: stream by stream, in order of time within each."""
    for environment in plan(fleet, now_ms, seed):
        yield from environment_events(environment, seed)


def environment_events(environment: Environment, seed: int) -> Iterator[Event]:
    """The log events of one environment, as its stream holds them."""
    platform = history_json if environment.profile.log_format == "JSON" else history_text
    rng = Random(f"{seed}:{environment.profile.name}:{environment.number}")
    lines = history_text.published(environment)
    for call in environment.calls:
        lines += platform.opening(environment, call)
        lines += said(environment, call, rng)
        if call.fault is None or not call.fault.at_init:
            lines += [(call.ended_at, text) for text in uncaught(environment, call, call.ended_at)]
        lines += platform.closing(environment, call)
    for at, message in lines:
        yield environment.profile.log_group, environment.stream, at, message


def backfill(logs_client: CloudWatchLogsClient, now_ms: int, seed: int) -> int:
    """Write the day that ends at `now_ms`; returns the number of events written.

    Streams that are already there were written by an earlier call with the same arguments and are left alone.
    Raises botocore's ClientError when the service refuses a call."""
    with ThreadPoolExecutor(WRITERS) as writers:
        waiting = []
        for group, of_group in groupby(events(FLEET, now_ms, seed), key=itemgetter(0)):
            _create_group(logs_client, group)
            for stream, of_stream in groupby(of_group, key=itemgetter(1)):
                waiting.append(writers.submit(_write_stream, logs_client, group, stream, list(of_stream)))
        return sum(done.result() for done in waiting)


def batches(lines: Iterable[tuple[int, str]]) -> Iterator[list[InputLogEventTypeDef]]:
    """Lines in order of time, cut to what one PutLogEvents call takes."""
    batch: list[InputLogEventTypeDef] = []
    size = 0
    for at, message in lines:
        weight = len(message.encode()) + EVENT_OVERHEAD_BYTES
        if batch and (len(batch) >= MAX_BATCH_EVENTS or size + weight > MAX_BATCH_BYTES
                      or at - batch[0]["timestamp"] >= DAY_MS):
            yield batch
            batch, size = [], 0
        batch.append({"timestamp": at, "message": message})
        size += weight
    if batch:
        yield batch


def _write_stream(logs_client: CloudWatchLogsClient, group: str, stream: str, lines: Iterable[Event]) -> int:
    if not _create_stream(logs_client, group, stream):
        return 0
    written = 0
    for batch in batches((at, message) for _, _, at, message in lines):
        logs_client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)
        written += len(batch)
    return written


def _create_group(logs_client: CloudWatchLogsClient, group: str) -> None:
    try:
        logs_client.create_log_group(logGroupName=group)
    except logs_client.exceptions.ResourceAlreadyExistsException:
        return
    logs_client.put_retention_policy(logGroupName=group, retentionInDays=RETENTION_DAYS)


def _create_stream(logs_client: CloudWatchLogsClient, group: str, stream: str) -> bool:
    try:
        logs_client.create_log_stream(logGroupName=group, logStreamName=stream)
    except logs_client.exceptions.ResourceAlreadyExistsException:
        return False
    return True
