"""Invoked asynchronously: tell a customer that an order is on its way.

After two more attempts Lambda gives a failed event to the function's dead letter queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import clients
from .errors import RecipientRefused
from .logs import logger
from .metrics import metrics, timed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

table = clients.table()


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    with timed("Notify"):
        notify(event["order_id"], event["recipient"])
    logger.info("Customer notified", order_id=event["order_id"])


def notify(order_id: str, recipient: str) -> None:
    """Put a notice into the outbox; the mail service takes it from there. Writing it twice changes nothing.

    Raises RecipientRefused for the domain `.invalid`, which RFC 2606 keeps free of mail servers.
    """
    if recipient.endswith(".invalid"):
        raise RecipientRefused(f"No mail server for {recipient.rpartition('@')[2]}")
    table.put_item(Item={"pk": f"NOTICE#{order_id}", "recipient": recipient, "text": "Your order is on its way."})
