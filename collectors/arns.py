"""Names inside ARNs."""

from __future__ import annotations

FUNCTION = ":function:"
QUEUE = ":sqs:"
LATEST = ":$LATEST"


def function_name(arn: str) -> str:
    """`name` of `arn:aws:lambda:region:account:function:name[:version or alias]`; empty for any other ARN."""
    return arn.partition(FUNCTION)[2].partition(":")[0]


def queue_name(arn: str) -> str:
    """`name` of `arn:aws:sqs:region:account:name`; empty for any other ARN."""
    return arn.rpartition(":")[2] if QUEUE in arn else ""
