"""Fulfilment queue: ship each order of a batch; the ones that fail go back to the queue, and only those."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function

from . import clients, idempotency
from .errors import UnknownSku, WarehouseUnavailable
from .logs import logger
from .metrics import metrics, timed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

table = clients.table()
processor = BatchProcessor(event_type=EventType.SQS)
once = IdempotencyConfig(
    event_key_jmespath="order_id",
    raise_on_no_idempotency_key=True,
    expires_after_seconds=idempotency.EXPIRES_AFTER_SECONDS,
)

SHELVES = {"lamp": "A1", "wick": "A2", "oil": "B1", "shade": "B7", "stand": "C3"}


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    once.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=receive, processor=processor, context=context)


def receive(record: SQSRecord) -> None:
    """One message. Whatever it raises makes it, and no other of the batch, come back."""
    with logger.append_context_keys(message_id=record.message_id):
        try:
            with timed("FulfilOrder"):
                shipped = fulfil(order=json.loads(record.body))
        except Exception:
            logger.exception("Order not fulfilled")
            raise
        logger.info("Order fulfilled", **shipped)


@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools returns Any here
    data_keyword_argument="order", config=once, persistence_store=idempotency.store()
)
def fulfil(order: dict[str, Any]) -> dict[str, Any]:
    """Ship an order once, however often its message arrives; `order_id` is the key."""
    if table.get_item(Key={"pk": "WAREHOUSE"}).get("Item", {}).get("status") == "down":
        raise WarehouseUnavailable("The warehouse is down")
    sku = order["sku"]
    if sku not in SHELVES:
        raise UnknownSku(f"No shelf holds {sku}")
    table.update_item(
        Key={"pk": f"ORDER#{order['order_id']}"},
        UpdateExpression=(
            "SET #status = :fulfilled, shelf = :shelf, "
            "order_id = :order_id, customer = if_not_exists(customer, :customer)"
        ),
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":fulfilled": "fulfilled",
            ":shelf": SHELVES[sku],
            ":order_id": order["order_id"],
            ":customer": order.get("customer", "walk-in"),  # the shop's till writes to the queue itself
        },
    )
    if "email" in order:
        tell_customer(order)
    return {"order_id": order["order_id"], "shelf": SHELVES[sku]}


def tell_customer(order: dict[str, Any]) -> None:
    """Invoke the notify function without waiting for it."""
    clients.functions().invoke(
        FunctionName=os.environ["NOTIFY_FUNCTION"],
        InvocationType="Event",
        Payload=json.dumps({"order_id": order["order_id"], "recipient": order["email"]}),
    )
