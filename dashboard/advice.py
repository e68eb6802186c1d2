"""What is worth changing about how functions are configured. Pure: configuration in, advice in words out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard import phrasing, runtimes
from store.clock import SECOND_MS
from store.configured import Configuration, EventSource
from store.records import FunctionInfo
from store.recovery import Queue

VISIBILITY_TIMES = 6
"""AWS: a queue's visibility timeout should be six times its function's timeout, or a message that is being worked on,
or waits for a free environment, comes again."""
FOREVER = -1
"""How a stream's mapping says that it never gives a batch up."""


class Topic(StrEnum):
    """What an advice is about; advice of one topic for many functions is one line."""

    SWITCHED_OFF = "switched off"
    NO_DEAD_LETTERS = "no dead letters"
    VISIBILITY = "visibility timeout"
    RUNTIME = "runtime"


@dataclass(frozen=True, slots=True)
class Advice:
    topic: Topic
    function: str
    words: str


def of_fleet(inventory: Sequence[FunctionInfo], configurations: Sequence[Configuration], queues: Sequence[Queue],
             now: int) -> list[Advice]:
    """Advice for every function there is, by name."""
    parts = {one.function: one for one in configurations}
    known = {queue.arn: queue for queue in queues}
    return [advice for info in inventory for advice in of_function(info, parts.get(info.name), known, now)]


def of_function(info: FunctionInfo, parts: Configuration | None, queues: Mapping[str, Queue],
                now: int) -> list[Advice]:
    """Advice for one function, the gravest first; none for one that was deleted."""
    if info.deleted_at is not None:
        return []
    found = [Advice(topic, info.name, words) for one in (parts.sources if parts else ())
             for topic, words in _of_source(info, one, queues.get(one.source_arn))]
    ending = runtimes.ending(info.runtime, now)
    if ending:
        found.append(Advice(Topic.RUNTIME, info.name, ending))
    return sorted(found, key=lambda one: list(Topic).index(one.topic))


def _of_source(info: FunctionInfo, source: EventSource, queue: Queue | None) -> Iterator[tuple[Topic, str]]:
    name = source_name(source.source_arn)
    if source.off:
        yield Topic.SWITCHED_OFF, f"does not read {name}: the event source mapping is switched off"
    if queue is not None:
        if not queue.dead_letter_arn and not queue.is_dead_letter_queue:
            yield Topic.NO_DEAD_LETTERS, f"queue {name} has no dead-letter queue: what keeps failing is lost in the end"
        wanted = VISIBILITY_TIMES * (info.timeout_s or 0)
        if queue.visibility_timeout_s is not None and queue.visibility_timeout_s < wanted:
            hidden = phrasing.duration(queue.visibility_timeout_s * SECOND_MS)
            yield Topic.VISIBILITY, (f"visibility timeout of queue {name} is {hidden}, under "
                                     f"{VISIBILITY_TIMES} times the function's timeout of "
                                     f"{phrasing.duration((info.timeout_s or 0) * SECOND_MS)}")
    elif _is_stream(source) and not source.on_failure_arn:
        held = " and holds up its shard until it expires" if source.max_retries in (None, FOREVER) else ""
        yield Topic.NO_DEAD_LETTERS, f"a record of {name} that keeps failing goes nowhere{held}"


def source_name(arn: str) -> str:
    """`orders` of a queue's or stream's ARN; `orders` of `table/orders/stream/…`."""
    resource = arn.split(":", 5)[-1]
    return resource.split("/")[1] if "/" in resource else resource


def _is_stream(source: EventSource) -> bool:
    return ":kinesis:" in source.source_arn or ":dynamodb:" in source.source_arn
