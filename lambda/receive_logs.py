"""A log subscription, direct or through Kinesis → counted as it comes."""

from __future__ import annotations

from typing import Any

from collectors.deliveries import deliver
from collectors.pushed import Push

from .connection import Context, connection

CONNECTION = connection()
PUSH = Push(CONNECTION.table, CONNECTION.clock)


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    return deliver(CONNECTION, PUSH, event)
