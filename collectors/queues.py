"""Queues as they stand, who feeds them and who reads them. Looks at attributes only; never receives a message."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from collectors import inventory
from collectors.arns import function_name, queue_name
from collectors.dead_letters import find_ways
from collectors.tally import STOP_MS, Tally, TimeLeft
from store import health, metrics, queues
from store.clients import Connection
from store.clock import MINUTE_MS
from store.faults import translated
from store.records import CollectorRun, FunctionInfo, MetricSeries, Place
from store.recovery import Custody, Queue
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

CAPTURE_SUFFIX = "-capture-dead-letters"
"""What the template names the function that takes dead letters into the table, after the stack's name."""
AGE_WINDOW_MS = 15 * MINUTE_MS
"""CloudWatch's age of a queue's oldest message is a few minutes old when it comes."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """An event source mapping: `function` reads `source`; batches it gives up on are told to `on_failure`."""

    source: str
    function: str
    on_failure: str | None = None


def collect(connection: Connection, time_left_ms: TimeLeft) -> CollectorRun:
    """Functions first, then queues, because a function's failures make a queue a dead-letter queue.
    Raises StoreError when the table cannot be used."""
    table, clients = connection.table, connection.clients
    tally = Tally.begin(connection.place, "queues", connection.clock)
    known = {queue.arn: queue for queue in queues.of_place(table, connection.place)}
    found: list[tuple[str, FunctionInfo]] | None = None
    with tally.going_on():
        found = inventory.take_in(table, clients.functions, tally, time_left_ms)
    mappings: list[Mapped] | None = None
    with tally.going_on():
        mappings = list(mapped(clients.functions))
    with tally.going_on():
        seen = list(_looked_at(clients.queues, tally, time_left_ms))
        if found is None or mappings is None:
            seen = [_as_before(queue, known.get(queue.arn)) for queue in seen]
        else:
            seen = related(seen, found, mappings)
        for queue in seen:
            with tally.going_on(queue.name):
                _enter(table, queue, known.get(queue.arn), tally)
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
        reading.setdefault(one.source, set()).add(function_name(one.function))
    return [_related(queue, feeding.get(queue.arn, set()), reading.get(queue.arn, set()), capture_function)
            for queue in seen]


def described(place: Place, url: str, attributes: Mapping[str, str], now: int) -> Queue:
    """The record of one queue's attributes as SQS spells them."""
    policy = _policy(attributes.get("RedrivePolicy"))
    arn = attributes["QueueArn"]
    key = attributes.get("KmsMasterKeyId") or attributes.get("SqsManagedSseEnabled") == "true"
    return Queue(
        place, queue_name(arn), arn, url,
        # A queue that says who may use it for dead letters is one, even while nobody does.
        is_dead_letter_queue="RedriveAllowPolicy" in attributes
        and _policy(attributes["RedriveAllowPolicy"]).get("redrivePermission") != "denyAll",
        dead_letter_arn=policy.get("deadLetterTargetArn"),
        max_receive_count=_whole(policy.get("maxReceiveCount")),
        visible=_whole(attributes.get("ApproximateNumberOfMessages")),
        in_flight=_whole(attributes.get("ApproximateNumberOfMessagesNotVisible")),
        delayed=_whole(attributes.get("ApproximateNumberOfMessagesDelayed")),
        retention_s=_whole(attributes.get("MessageRetentionPeriod")),
        visibility_timeout_s=_whole(attributes.get("VisibilityTimeout")),
        fifo=attributes.get("FifoQueue") == "true",
        encrypted=bool(key),
        seen_at=now,
    )


def mapped(client: LambdaClient) -> Iterator[Mapped]:
    """Every event source mapping. Raises PermissionDenied, Throttled."""
    marker: str | None = None
    while True:
        paging: dict[str, Any] = {"Marker": marker} if marker else {}
        with translated("event source mappings"):
            page = client.list_event_source_mappings(**paging)
        for wire in page["EventSourceMappings"]:
            failing = (wire.get("DestinationConfig") or {}).get("OnFailure") or {}
            yield Mapped(wire.get("EventSourceArn", ""), wire["FunctionArn"], failing.get("Destination"))
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


def _as_before(queue: Queue, known: Queue | None) -> Queue:
    """When functions or mappings could not be listed, who feeds and reads a queue stays as it was known."""
    if known is None:
        return queue
    return replace(queue, sources=known.sources, consumers=known.consumers, custody=known.custody,
                   is_dead_letter_queue=known.is_dead_letter_queue)


def _enter(table: Table, queue: Queue, known: Queue | None, tally: Tally) -> None:
    if queue.is_dead_letter_queue:
        queue = replace(queue, oldest_age_s=_age(table, queue, tally.clock()))
    news = queue.is_dead_letter_queue and queue.sources != (known.sources if known else ())
    if news:
        tally.wrote += find_ways(table, tally.place, queue)
    queues.put(table, queue)
    tally.wrote += 1
    if news:
        # Once more, for letters captured between the two by somebody who did not know the sources yet.
        tally.wrote += find_ways(table, tally.place, queue)


def _age(table: Table, queue: Queue, now: int) -> int | None:
    """What CloudWatch last said of the oldest message; the queue itself does not tell."""
    series = MetricSeries("AWS/SQS", "ApproximateAgeOfOldestMessage", "Seconds", {"QueueName": queue.name},
                          "cloudwatch")
    last = max(metrics.points(table, queue.place, series, now - AGE_WINDOW_MS, now + 1),
               key=lambda point: point.at, default=None)
    return None if last is None or last.maximum is None else round(last.maximum)


def _policy(text: str | None) -> Mapping[str, Any]:
    try:
        policy = json.loads(text) if text else {}
    except ValueError:
        return {}
    return policy if isinstance(policy, dict) else {}


def _whole(value: str | int | None) -> int | None:
    """SQS gives numbers as text; maxReceiveCount is either."""
    return int(value) if str(value).isdigit() else None  # type: ignore[arg-type]
