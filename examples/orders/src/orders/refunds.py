"""Refunds queue: give money back. A refund that cannot be made ends in the queue's dead letters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from . import clients, failures
from .errors import PaymentNotFound, RefundTooLarge
from .logs import logger
from .metrics import metrics, timed

if TYPE_CHECKING:
    from decimal import Decimal

    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

table = clients.table()
processor = BatchProcessor(event_type=EventType.SQS)


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event=event, record_handler=receive, processor=processor, context=context)


def receive(record: SQSRecord) -> None:
    """One message; its failure is noted for whoever finds it among the dead letters."""
    with logger.append_context_keys(message_id=record.message_id):
        try:
            with timed("Refund"):
                refund(json.loads(record.body))
        except Exception as error:
            logger.exception("Refund not made")
            failures.note(table, record.message_id, error)
            raise
        logger.info("Refund made")


def refund(asked: dict[str, Any]) -> None:
    """Keep the refund at its payment's key: the same message twice is one refund."""
    payment_id, amount = asked["payment_id"], asked["amount"]
    payment = table.get_item(Key={"pk": f"PAYMENT#{payment_id}"}).get("Item")
    if payment is None:
        raise PaymentNotFound(f"No payment {payment_id}")
    paid = int(cast("Decimal", payment["amount"]))
    if amount > paid:
        raise RefundTooLarge(f"{amount} asked back, {paid} paid")
    table.put_item(Item={"pk": f"REFUND#{payment_id}", "amount": amount})
