"""On a schedule: drop orders that were accepted long ago and never fulfilled."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from . import clients
from .logs import logger
from .metrics import metrics, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_lambda_powertools.utilities.typing import LambdaContext

table = clients.table()
ABANDONED_AFTER_MS = int(os.environ.get("ABANDONED_AFTER_HOURS", "24")) * 3600 * 1000


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    logger.info("Running scheduled task", scheduled_at=event["time"])
    before = int(time.time() * 1000) - ABANDONED_AFTER_MS
    with timed("Cleanup"):
        dropped = sum(drop(pk) for pk in abandoned(before))
    logger.info("Abandoned orders dropped", dropped=dropped)
    return {"dropped": dropped}


def abandoned(before: int) -> Iterator[str]:
    """Keys of orders accepted before that time (epoch ms) and not fulfilled since."""
    query: dict[str, Any] = {
        "IndexName": "by-status",
        "KeyConditionExpression": Key("status").eq("accepted") & Key("created_at").lt(before),
    }
    while True:
        page = table.query(**query)
        yield from (str(item["pk"]) for item in page["Items"])
        if "LastEvaluatedKey" not in page:
            return
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def drop(pk: str) -> bool:
    """Delete the order, unless it was fulfilled since the index was read."""
    try:
        table.delete_item(Key={"pk": pk}, ConditionExpression=Attr("status").eq("accepted"))
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return False
    return True
