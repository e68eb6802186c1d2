"""Time, handed in. The store keeps UTC epoch milliseconds; people see their own zone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]
"""Returns the wall-clock time in epoch milliseconds."""

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


def wall_clock() -> int:
    """The real clock, epoch milliseconds. Made at the edges, passed down."""
    return time.time_ns() // 1_000_000


def utc(ms: int) -> datetime:
    """Epoch milliseconds as an aware UTC datetime."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def floor_to(ms: int, step_ms: int) -> int:
    """The start of the step (minute, hour, day in UTC) that holds `ms`."""
    return ms - ms % step_ms


def iso(ms: int) -> str:
    """Epoch milliseconds as `2026-11-23T19:12:31.752Z`."""
    return utc(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
