"""DynamoDB stream of the orders table: keep one small row per order, for lists, in step with the order itself.

Every write is at a fixed key and carries the whole row, so a batch that arrives again changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecordEventName

from . import clients
from .logs import logger
from .metrics import metrics, timed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

    Image = dict[str, Any]

table = clients.table()
processor = BatchProcessor(event_type=EventType.DynamoDBStreams)


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event=event, record_handler=receive, processor=processor, context=context)


def receive(record: DynamoDBRecord) -> None:
    """One change. After a failure the stream comes back to the first that failed, and to all after it."""
    change = record.dynamodb
    if change is None:
        return
    try:
        with timed("Project"):
            project(record.event_name, change.old_image, change.new_image)
    except Exception:
        logger.exception("Change not projected", sequence_number=change.sequence_number)
        raise


def project(event_name: DynamoDBRecordEventName | None, old: Image, new: Image) -> None:
    """Follow one change of one order."""
    match event_name:
        case DynamoDBRecordEventName.INSERT:
            show(new)
            logger.info("Order appeared", order_id=new["order_id"])
        case DynamoDBRecordEventName.MODIFY:
            if old.get("status") != new.get("status"):
                show(new)
                logger.info("Order moved on", order_id=new["order_id"], was=old.get("status"), now=new["status"])
        case DynamoDBRecordEventName.REMOVE:
            table.delete_item(Key={"pk": row_key(old)})
            logger.info("Order left", order_id=old["order_id"])


def show(order: Image) -> None:
    """Put the order's row."""
    table.put_item(Item={"pk": row_key(order), "customer": order["customer"], "state": order["status"]})


def row_key(order: Image) -> str:
    """The stream passes on keys that begin with `ORDER#` only, so writing rows does not feed it."""
    return f"ROW#{order['order_id']}"
