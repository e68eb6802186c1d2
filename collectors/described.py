"""A queue's record out of its attributes as SQS spells them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from collectors.arns import queue_name
from store.records import Place
from store.recovery import Queue


def described(place: Place, url: str, attributes: Mapping[str, str], now: int) -> Queue:
    """The record of one queue's attributes as SQS spells them."""
    policy = _policy(attributes.get("RedrivePolicy"))
    arn = attributes["QueueArn"]
    key = attributes.get("KmsMasterKeyId") or attributes.get("SqsManagedSseEnabled") == "true"
    return Queue(
        place, queue_name(arn), arn, url,
        # A queue that says who may use it for dead letters is one, even while nobody does.
        is_dead_letter_queue="RedriveAllowPolicy" in attributes
        and _policy(attributes["RedriveAllowPolicy"]).get("redrivePermission") != "denyAll",
        dead_letter_arn=policy.get("deadLetterTargetArn"),
        max_receive_count=_whole(policy.get("maxReceiveCount")),
        visible=_whole(attributes.get("ApproximateNumberOfMessages")),
        in_flight=_whole(attributes.get("ApproximateNumberOfMessagesNotVisible")),
        delayed=_whole(attributes.get("ApproximateNumberOfMessagesDelayed")),
        retention_s=_whole(attributes.get("MessageRetentionPeriod")),
        visibility_timeout_s=_whole(attributes.get("VisibilityTimeout")),
        fifo=attributes.get("FifoQueue") == "true",
        encrypted=bool(key),
        seen_at=now,
    )


def _policy(text: str | None) -> Mapping[str, Any]:
    try:
        policy = json.loads(text) if text else {}
    except ValueError:
        return {}
    return policy if isinstance(policy, dict) else {}


def _whole(value: str | int | None) -> int | None:
    """SQS gives numbers as text; maxReceiveCount is either."""
    return int(value) if str(value).isdigit() else None  # type: ignore[arg-type]
