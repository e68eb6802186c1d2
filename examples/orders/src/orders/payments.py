"""POST /payments: charge a card once per `x-request-id`, however often the request is sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)

from . import clients, idempotency
from .errors import Conflict, ValidationError
from .logs import logger
from .metrics import metrics, timed
from .responses import read_body, responding

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

table = clients.table()
once = IdempotencyConfig(
    event_key_jmespath='headers."x-request-id" || requestContext.requestId',
    payload_validation_jmespath="body",
    raise_on_no_idempotency_key=True,
    expires_after_seconds=idempotency.EXPIRES_AFTER_SECONDS,
)

# XTS is the currency code ISO 4217 keeps for tests: here, a card network that does not answer in time.
NETWORK_SECONDS = {"XTS": 60.0}


@metrics.log_metrics
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP)
@responding
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    once.register_lambda_context(context)  # how long the record may stay in progress: as long as this invocation
    try:
        with timed("Payment"):
            payment: dict[str, Any] = pay(request=event)
    except IdempotencyAlreadyInProgressError as error:
        raise Conflict("This payment is already in progress") from error
    except IdempotencyValidationError as error:
        raise Conflict("This request id was used for another payment") from error
    logger.info("Payment made", payment_id=payment["payment_id"])
    return payment


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools returns Any here
    data_keyword_argument="request", config=once, persistence_store=idempotency.store()
)
def pay(request: dict[str, Any]) -> dict[str, Any]:
    """Charge the card and keep the payment; a repeated request gets the first one's result."""
    body = read_body(request)
    amount, currency = body.get("amount"), body.get("currency", "EUR")
    if type(amount) is not int or amount <= 0:
        raise ValidationError("amount must be a whole number of cents above 0")
    time.sleep(NETWORK_SECONDS.get(currency, 0))
    payment = {"payment_id": uuid4().hex, "amount": amount, "currency": currency}
    table.put_item(Item={"pk": f"PAYMENT#{payment['payment_id']}", **payment})
    return payment
