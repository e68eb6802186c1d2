"""A new job or command row (the table's stream), or the schedule → every open command is carried out, and every open
redrive worked a slice further."""

from __future__ import annotations

import logging
import random
import time
from typing import Any

from operations import commands, worker
from operations.backoff import exponential
from operations.function_sender import FunctionSender
from operations.mapping_consumers import MappingConsumers
from operations.protection import proof, rules
from operations.queue_inbox import QueueInbox
from operations.queue_sender import QueueSender
from operations.senders import Senders
from store.clock import MINUTE_MS
from store.recovery import Way

from .connection import Context, connection
from .errands import errands

CONNECTION = connection()
RULES = rules(CONNECTION.settings.idempotency_keys)
LOG = logging.getLogger("lamplight.run_redrives")


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Whatever the event says, the open jobs in the table are the truth: an event told twice does nothing twice."""
    # Commands first: they are short, and a long redrive would have them wait for hours.
    for done in commands.run(CONNECTION.table, CONNECTION.clock, errands(CONNECTION), context.aws_request_id,
                             context.get_remaining_time_in_millis, CONNECTION.place):
        LOG.info("command %s, %s: %s, %s", done.id, done.kind, done.state, done.outcome)
    backoff = exponential(time.sleep, random.random)
    senders: Senders = {
        Way.SEND: QueueSender(CONNECTION.clients.sending_queues, backoff),
        Way.INVOKE: FunctionSender(CONNECTION.clients.sending_functions, backoff),
    }
    report = worker.run(
        CONNECTION.table, CONNECTION.clock, senders, context.aws_request_id, context.get_remaining_time_in_millis,
        time.sleep, CONNECTION.settings.presume_minutes * MINUTE_MS,
        inbox=QueueInbox(CONNECTION.clients.queues), consumers=MappingConsumers(CONNECTION.clients.functions),
        proof=proof(CONNECTION.clients.dynamodb, RULES, CONNECTION.clock), here=CONNECTION.place,
    )
    for job in report.jobs:
        LOG.info("redrive %s: %s, %d sent; %s", job.job_id, job.state, job.sent, job.problem or "no problem")
    return {"jobs": len(report.jobs), "sent": report.sent, "busy": len(report.busy)}
