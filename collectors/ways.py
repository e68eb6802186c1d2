"""The way back of a dead letter: where it came from, and how it is sent there. Pure."""

from __future__ import annotations

from collectors.arns import FUNCTION, LATEST, QUEUE
from collectors.origins import Origin
from store.recovery import Destination, Queue, Shape, Way

NO_WAY = {
    Shape.EVENTBRIDGE_RULE: "an EventBridge rule's event goes to the one target that failed, not through its queue",
    Shape.SCHEDULER: "a schedule's failed call is made again by the schedule's target, not through its queue",
    Shape.PIPES: "a pipe's record names where in the stream the batch is, it does not hold it",
    Shape.STREAM_BATCH: "the record names where in the stream the batch is, it does not hold it",
    Shape.SNS: "an SNS delivery goes to the one subscription that failed, not through its topic",
    Shape.UNKNOWN: "nothing in the message says where it came from, and no queue or function is known to feed this one",
}


def way_back(origin: Origin, queue_name: str, queue: Queue | None) -> tuple[Shape, Destination]:
    """How a message came into `queue_name`, and where it goes back to. `queue` is what the registry knows of it.

    The destination is what the message and the registry say; whether it is allowed is decided when it is used."""
    sources = queue.sources if queue else ()
    queues = [arn for arn in sources if QUEUE in arn]
    functions = [arn for arn in sources if FUNCTION in arn]
    shape = origin.shape
    if shape is Shape.UNKNOWN and queues and len(queues) == len(sources):
        # Some queues do not say DeadLetterQueueSourceArn; one fed by redrive policies alone leaves no doubt.
        shape = Shape.SQS_REDRIVE
    if shape is Shape.SQS_REDRIVE:
        return shape, _send(origin.source_arn, queues, queue_name, queue)
    if shape is Shape.LAMBDA_DESTINATION and origin.function_arn:
        return shape, Destination(Way.INVOKE, origin.function_arn.removesuffix(LATEST))
    if shape in (Shape.LAMBDA_ASYNC, Shape.LAMBDA_DESTINATION):
        return shape, _only(Way.INVOKE, functions, "functions", queue_name, queue)
    if shape is Shape.UNKNOWN and queue is None:
        return shape, _only(Way.NONE, [], "queues", queue_name, None)
    return shape, Destination(Way.NONE, why_not=NO_WAY[shape])


def _send(named: str | None, queues: list[str], queue_name: str, queue: Queue | None) -> Destination:
    if named:
        return Destination(Way.SEND, named)
    return _only(Way.SEND, queues, "queues", queue_name, queue)


def _only(way: Way, sources: list[str], what: str, queue_name: str, queue: Queue | None) -> Destination:
    """The single source known, or why there is none."""
    if len(sources) == 1:
        return Destination(way, sources[0])
    if queue is None:
        return Destination(Way.NONE, why_not=f"{queue_name} has not been looked at yet, so nobody is known to feed it")
    if not sources:
        return Destination(Way.NONE, why_not=f"none of the {what} known sends its failures to {queue_name}")
    return Destination(Way.NONE, why_not=f"{len(sources)} {what} send their failures to {queue_name}, "
                                         "and the message does not say which it came from")
