"""The service's own handler of the refunds queue's dead letters: log each, alert when it failed often, keep it."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from . import clients, failures
from .logs import logger
from .metrics import metrics, timed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

table = clients.table()
processor = BatchProcessor(event_type=EventType.SQS)

ALERT_AT_FAILURES = 3


@dataclass(frozen=True)
class DeadLetter:
    """One message nobody could process."""

    message_id: str
    original_message: str
    error_message: str
    failure_count: int
    original_queue: str


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event=event, record_handler=receive, processor=processor, context=context)


def receive(record: SQSRecord) -> None:
    """One dead letter. Kept before the alert: an alert about a message that is gone helps nobody."""
    letter = read(record)
    logger.error(
        "Dead letter",
        messageId=letter.message_id,
        errorMessage=letter.error_message,
        failureCount=letter.failure_count,
        originalQueue=letter.original_queue,
    )
    with timed("KeepDeadLetter"):
        keep(letter)
        if letter.failure_count >= ALERT_AT_FAILURES:
            alert(letter)


def read(record: SQSRecord) -> DeadLetter:
    """What the queue says, and what the consumer noted; a message it never saw alive has no known error."""
    noted = failures.find(table, record.message_id)
    deliveries = int(record.attributes.approximate_receive_count or 1) - 1  # this delivery is not a failure
    source = record.attributes.dead_letter_queue_source_arn or os.environ["REFUNDS_QUEUE_ARN"]
    return DeadLetter(
        message_id=record.message_id,
        original_message=record.body,
        error_message=noted.error_message if noted else "unknown",
        failure_count=max(noted.count if noted else 0, deliveries),
        original_queue=source.rpartition(":")[2],
    )


def keep(letter: DeadLetter) -> None:
    """Store the dead letter; the same one twice is one row."""
    table.put_item(
        Item={"pk": f"DEADLETTER#{letter.message_id}", "kept_at": int(time.time() * 1000), **asdict(letter)}
    )


def alert(letter: DeadLetter) -> None:
    """Tell people. The client is made here, on first use: most starts never alert."""
    clients.sns().publish(
        TopicArn=os.environ["ALERTS_TOPIC_ARN"],
        Subject="A refund keeps failing",
        Message=json.dumps(
            {
                "type": "DLQ_THRESHOLD",
                "message": f"Message failed {letter.failure_count} times: {letter.error_message}",
                "messageId": letter.message_id,
            }
        ),
    )
