"""How a message came to be dead, read off the message itself. Pure; never raises, whatever the body.

What the queue says of a message (system attributes) outranks what the message says of itself: anybody who may send
to a source queue can write a body that looks like a failed invocation of somebody's function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from store.recovery import MessageAttribute, Shape

Attributes = Mapping[str, MessageAttribute]
ASYNC_MARKS = frozenset({"RequestID", "ErrorCode", "ErrorMessage"})
"""What Lambda attaches to an event it gave up on."""
BATCH_MARKS = ("KinesisBatchInfo", "DDBStreamBatchInfo")
SOURCE = "DeadLetterQueueSourceArn"
MAX_CHARS = 4_000
"""Kept of an error message, an id or an ARN that a message says; twice what AWS allows an ARN."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a dead message says of how it died. `source_arn` is the queue it was moved from."""

    shape: Shape
    source_arn: str | None = None
    function_arn: str | None = None
    request_id: str | None = None
    error_type: str | None = None
    error_message: str | None = None


def origin(body: str, attributes: Attributes, system: Mapping[str, str]) -> Origin:
    """Decide by who put the message there: SQS, Scheduler, EventBridge, Pipes, a stream's mapping, Lambda, SNS."""
    if system.get(SOURCE):
        return Origin(Shape.SQS_REDRIVE, source_arn=system[SOURCE])
    if "SCHEDULE_ARN" in attributes:
        return _delivery(Shape.SCHEDULER, attributes)
    if "RULE_ARN" in attributes:
        return _delivery(Shape.EVENTBRIDGE_RULE, attributes)
    document = _object(body)
    found = _record(document)
    if found is not None:
        return found
    if attributes.keys() >= ASYNC_MARKS:
        return _given_up(attributes)
    if document.get("Type") == "Notification" and "TopicArn" in document:
        return _notification(document)
    return Origin(Shape.UNKNOWN)


def _record(document: Mapping[str, Any]) -> Origin | None:
    """A record somebody wrote about a failure: a pipe, a stream's event source mapping, Lambda."""
    pipe = _mapping(document.get("context"))
    if ":pipes:" in str(pipe.get("partnerResourceArn", "")):
        return Origin(Shape.PIPES, error_type=_text(pipe.get("condition")))
    context = _mapping(document.get("requestContext"))
    if context and any(isinstance(document.get(mark), dict) for mark in BATCH_MARKS):
        return Origin(Shape.STREAM_BATCH, function_arn=_text(context.get("functionArn")),
                      request_id=_text(context.get("requestId")), error_type=_text(context.get("condition")))
    detail = _mapping(document.get("detail")) if document.get("source") == "lambda" else document
    return _destination(detail)


def _destination(document: Mapping[str, Any]) -> Origin | None:
    context = _mapping(document.get("requestContext"))
    if "functionArn" not in context or not {"requestPayload", "responseContext"} & document.keys():
        return None
    answer = _mapping(document.get("responsePayload"))
    return Origin(
        Shape.LAMBDA_DESTINATION, function_arn=_text(context.get("functionArn")),
        request_id=_text(context.get("requestId")),
        error_type=_text(answer.get("errorType")) or _text(context.get("condition")),
        error_message=_text(answer.get("errorMessage")),
    )


def _given_up(attributes: Attributes) -> Origin:
    return Origin(Shape.LAMBDA_ASYNC, request_id=_said(attributes, "RequestID"),
                  error_message=_said(attributes, "ErrorMessage"))


def _delivery(shape: Shape, attributes: Attributes) -> Origin:
    return Origin(shape, error_type=_said(attributes, "ERROR_CODE"), error_message=_said(attributes, "ERROR_MESSAGE"))


def _notification(document: Mapping[str, Any]) -> Origin:
    """An SNS envelope. Its way back is the subscription's, even around a Lambda record; the error is read out."""
    inner = _record(_object(document["Message"])) if isinstance(document.get("Message"), str) else None
    if inner is not None:
        return Origin(Shape.SNS, request_id=inner.request_id, error_type=inner.error_type,
                      error_message=inner.error_message)
    said = {name: _mapping(value).get("Value") for name, value in _mapping(document.get("MessageAttributes")).items()}
    return Origin(Shape.SNS, request_id=_text(said.get("RequestID")), error_message=_text(said.get("ErrorMessage")))


def _object(text: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    """A body can say a megabyte where an error is expected; what is kept beside it stands in one item with it."""
    return value[:MAX_CHARS] if isinstance(value, str) and value else None


def _said(attributes: Attributes, name: str) -> str | None:
    return _text(attributes[name].string) if name in attributes else None
