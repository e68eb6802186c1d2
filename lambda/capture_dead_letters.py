"""A dead-letter queue's event source mapping → the message in the table, then out of the queue.

What is not stored is reported as a batch item failure, so the queue keeps it."""

from __future__ import annotations

from typing import Any

from collectors import dead_letters

from .connection import Context, connection

CONNECTION = connection()


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    return dead_letters.capture(event, CONNECTION)
