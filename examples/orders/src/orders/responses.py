"""HTTP answers: results, refusals with their reason, and failures that tell the caller nothing but an id."""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from .errors import RequestRefused, ValidationError
from .logs import logger
from .metrics import Measure, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}


def answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """The shape API Gateway expects back."""
    return {"statusCode": status, "headers": HEADERS, "body": json.dumps(body)}


def responding(handle: Handler) -> Handler:
    """Make a handler that returns a result into one that answers HTTP: 200, 400 or 409, otherwise 500."""

    @wraps(handle)
    def respond(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        logger.info("Request received", remaining_ms=context.get_remaining_time_in_millis())
        try:
            return answer(200, handle(event, context))
        except RequestRefused as refusal:
            logger.warning("Request refused", reason=str(refusal))
            publish(Measure("RequestRefused", MetricUnit.Count, 1))
            return _refuse(refusal.status, str(refusal), type(refusal).__name__, context)
        except Exception:  # noqa: BLE001 - the edge: whatever happened, the caller gets an answer
            logger.exception("Request failed")
            return _refuse(500, "Internal server error", "InternalError", context)

    return respond


def _refuse(status: int, error: str, kind: str, context: LambdaContext) -> dict[str, Any]:
    return answer(status, {"error": error, "type": kind, "request_id": context.aws_request_id})


def read_body(event: dict[str, Any]) -> dict[str, Any]:
    """The JSON object a request carries. Raises ValidationError when it carries something else."""
    try:
        body = json.loads(APIGatewayProxyEventV2(event).decoded_body or "{}")
    except ValueError as error:
        raise ValidationError("The body is not JSON") from error
    if not isinstance(body, dict):
        raise ValidationError("The body is not a JSON object")
    return body
