"""POST /orders: keep the order, and hand it to fulfilment."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aws_lambda_powertools.logging import correlation_paths

from . import clients
from .errors import ValidationError
from .logs import logger
from .metrics import metrics, timed
from .responses import read_body, responding

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

table = clients.table()
sqs = clients.sqs()
FULFILMENT_QUEUE_URL = os.environ["FULFILMENT_QUEUE_URL"]

MAX_QUANTITY = 99  # what fits one parcel
DISCOUNTS = {"WELCOME": 10, "SPRING": 15}  # per cent


@metrics.log_metrics
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP)
@responding
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    order = read_order(event)
    with timed("CreateOrder"):
        create(order)
    logger.info("Order created", order_id=order["order_id"])
    return {"order_id": order["order_id"], "status": "accepted"}


def read_order(event: dict[str, Any]) -> dict[str, Any]:
    """The order a request asks for. Raises ValidationError naming the first field that is wrong."""
    body = read_body(event)
    customer, quantity = body.get("customer"), body.get("quantity", 1)
    if not isinstance(customer, str) or not customer:
        raise ValidationError("customer is missing")
    if type(quantity) is not int or not 1 <= quantity <= MAX_QUANTITY:
        raise ValidationError(f"quantity must be a whole number from 1 to {MAX_QUANTITY}")
    if not any(isinstance(body.get(name), str) for name in ("sku", "bundle")):
        raise ValidationError("sku or bundle is missing")
    chosen = {name: body[name] for name in ("sku", "bundle", "email", "discount") if body.get(name)}
    return {"order_id": uuid4().hex, "customer": customer, "quantity": quantity, **chosen}


def create(order: dict[str, Any]) -> None:
    """Write the order before its message: a message about an order nobody kept would be worse than a late one."""
    if "discount" in order:
        order["percent_off"] = DISCOUNTS[order["discount"]]
    table.put_item(
        Item={
            "pk": f"ORDER#{order['order_id']}",
            "status": "accepted",
            "created_at": int(time.time() * 1000),
            **order,
        }
    )
    sqs.send_message(QueueUrl=FULFILMENT_QUEUE_URL, MessageBody=json.dumps(order))
