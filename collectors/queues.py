"""Queues as they stand, who feeds them and who reads them, by their attributes alone; then a look into those whose
messages stay in them, where that is asked for: `collectors.snapshots`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from collectors import inventory, queue_alerts, snapshots
from collectors.arns import function_name
from collectors.configuration import event_source
from collectors.dead_letters import find_ways
from collectors.described import described
from collectors.tally import STOP_MS, Tally, TimeLeft
from store import health, metrics, queues
from store.clients import Connection
from store.clock import HOUR_MS, SECOND_MS
from store.configured import EventSource
from store.faults import translated
from store.queues import CAPTURE_SUFFIX
from store.records import CollectorRun, FunctionInfo, MetricSeries
from store.recovery import Custody, Queue
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

OFF = ("Disabled", "Disabling")
AGE_WINDOW_MS = HOUR_MS
"""CloudWatch's age of a queue's oldest message is read seldom: every metric that is asked for is paid for."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """An event source mapping: `function` reads `source`; batches it gives up on are told to `on_failure`. One that
    is switched off reads nothing."""

    source: str
    function: str
    on_failure: str | None = None
    on: bool = True
    details: EventSource | None = None


def collect(connection: Connection, time_left_ms: TimeLeft) -> CollectorRun:
    """Functions first, then queues, because a function's failures make a queue a dead-letter queue.
    Raises StoreError when the table cannot be used."""
    table, clients = connection.table, connection.clients
    tally = Tally.begin(connection.place, "queues", connection.clock)
    known = {queue.arn: queue for queue in queues.of_place(table, connection.place)}
    mappings: list[Mapped] | None = None
    with tally.going_on():
        mappings = list(mapped(clients.functions))
    found: list[tuple[str, FunctionInfo]] | None = None
    with tally.going_on():
        found = inventory.take_in(table, clients.functions, tally, time_left_ms,
                                  None if mappings is None else sources_of(mappings))
    with tally.going_on():
        seen = list(_looked_at(clients.queues, tally, time_left_ms))
        if found is None or mappings is None:
            seen = [_as_before(queue, known.get(queue.arn)) for queue in seen]
        else:
            seen = related(seen, found, mappings)
        for queue in _listed(seen, connection.settings.watched_queues):
            with tally.going_on(queue.name):
                _enter(table, queue, known.get(queue.arn), tally)
    with tally.going_on():
        for look in snapshots.look_round(connection, time_left_ms):
            tally.read, tally.wrote = tally.read + look.seen, tally.wrote + look.new + look.gone
            if look.refused or look.problem:
                tally.problem(look.refused or look.problem or "")
    finished = tally.run()
    health.put_run(table, finished)
    return finished


def related(seen: Iterable[Queue], functions: Iterable[tuple[str, FunctionInfo]], mappings: Iterable[Mapped],
            capture_function: str | None = None) -> list[Queue]:
    """The queues with their relations: who sends its failures here, who reads, and whose custody the messages are in.

    Captured when `capture_function`, or a function named as the template names it, reads the queue."""
    seen, mappings = list(seen), list(mappings)
    feeding: dict[str, set[str]] = {}
    for queue in seen:
        feeding.setdefault(queue.dead_letter_arn or "", set()).add(queue.arn)
    for arn, info in functions:
        feeding.setdefault(info.dead_letter_arn or "", set()).add(arn)
        feeding.setdefault(info.on_failure_arn or "", set()).add(arn)
    reading: dict[str, set[str]] = {}
    for one in mappings:
        feeding.setdefault(one.on_failure or "", set()).add(one.function)
        if one.on or not function_name(one.function).endswith(CAPTURE_SUFFIX):
            # A paused consumer is the queue's consumer still; a capture that is switched off holds nothing.
            reading.setdefault(one.source, set()).add(function_name(one.function))
    off = {(one.source, function_name(one.function)) for one in mappings if not one.on}
    off -= {(one.source, function_name(one.function)) for one in mappings if one.on}
    found = [_related(queue, feeding.get(queue.arn, set()), reading.get(queue.arn, set()), capture_function)
             for queue in seen]
    return [replace(queue, resting=tuple(name for name in queue.consumers if (queue.arn, name) in off))
            for queue in found]


def sources_of(mappings: Iterable[Mapped]) -> dict[str, list[EventSource]]:
    """Event source mappings by the name of the function that reads them."""
    found: dict[str, list[EventSource]] = {}
    for one in mappings:
        if one.details:
            found.setdefault(function_name(one.function), []).append(one.details)
    return found


def mapped(client: LambdaClient) -> Iterator[Mapped]:
    """Every event source mapping. Raises PermissionDenied, Throttled."""
    marker: str | None = None
    while True:
        paging: dict[str, Any] = {"Marker": marker} if marker else {}
        with translated("event source mappings"):
            page = client.list_event_source_mappings(**paging)
        for wire in page["EventSourceMappings"]:
            failing = (wire.get("DestinationConfig") or {}).get("OnFailure") or {}
            yield Mapped(wire.get("EventSourceArn", ""), wire["FunctionArn"], failing.get("Destination"),
                         wire.get("State") not in OFF, event_source(wire))
        marker = page.get("NextMarker")
        if not marker:
            return


def _urls(client: SQSClient) -> Iterator[str]:
    token: str | None = None
    while True:
        paging: dict[str, Any] = {"NextToken": token} if token else {}
        with translated("queues"):
            page = client.list_queues(MaxResults=1000, **paging)
        yield from page.get("QueueUrls", ())
        token = page.get("NextToken")
        if not token:
            return


def _looked_at(client: SQSClient, tally: Tally, time_left_ms: TimeLeft) -> Iterator[Queue]:
    for url in _urls(client):
        if time_left_ms() <= STOP_MS:
            tally.problem("No time was left to look at every queue; what is known of the others is older.")
            return
        with tally.going_on(url.rpartition("/")[2]):
            with translated(url.rpartition("/")[2]):
                answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
            tally.read += 1
            yield described(tally.place, url, {str(name): text for name, text in answer["Attributes"].items()},
                            tally.clock())


def _related(queue: Queue, feeding: set[str], reading: set[str], capture_function: str | None) -> Queue:
    captured = any(name == capture_function or name.endswith(CAPTURE_SUFFIX) for name in reading)
    return replace(
        queue, sources=tuple(sorted(feeding)), consumers=tuple(sorted(reading)),
        is_dead_letter_queue=queue.is_dead_letter_queue or captured or bool(feeding),
        custody=Custody.CAPTURED if captured else Custody.WATCHED,
    )


def _listed(seen: Iterable[Queue], watched: Sequence[str]) -> Iterator[Queue]:
    """A queue that may be looked into and was listed is a dead-letter queue, whoever fills it."""
    for queue in seen:
        ours = queue.arn in watched and not snapshots.why_not(queue, fifo=True)
        yield replace(queue, is_dead_letter_queue=True) if ours else queue


def _as_before(queue: Queue, known: Queue | None) -> Queue:
    """When functions or mappings could not be listed, who feeds and reads a queue stays as it was known."""
    if known is None:
        return queue
    return replace(queue, sources=known.sources, consumers=known.consumers, custody=known.custody,
                   is_dead_letter_queue=known.is_dead_letter_queue)


def _enter(table: Table, queue: Queue, known: Queue | None, tally: Tally) -> None:
    if queue.is_dead_letter_queue:
        queue = replace(queue, oldest_age_s=_age(table, queue, tally.clock()))
    queue = queue_alerts.watched(table, known, queue, tally.clock())
    news = queue.is_dead_letter_queue and queue.sources != (known.sources if known else ())
    if news:
        tally.wrote += find_ways(table, tally.place, queue)
    queues.put(table, queue)
    tally.wrote += 1
    if news:
        # Once more, for letters captured between the two by somebody who did not know the sources yet.
        tally.wrote += find_ways(table, tally.place, queue)


def _age(table: Table, queue: Queue, now: int) -> int | None:
    """What CloudWatch last said of the oldest message, and how long ago it did; the queue itself does not tell."""
    series = MetricSeries("AWS/SQS", "ApproximateAgeOfOldestMessage", "Seconds", {"QueueName": queue.name},
                          "cloudwatch")
    last = max(metrics.points(table, queue.place, series, now - AGE_WINDOW_MS, now + 1),
               key=lambda point: point.at, default=None)
    if last is None or last.maximum is None or queue.visible == 0:
        return None
    return round(last.maximum + (now - last.at) / SECOND_MS)
