"""How long after its last run a collector is late. Pure."""

from __future__ import annotations

from store.clock import MINUTE_MS
from store.records import CollectorRun

LATE_MS = 3 * MINUTE_MS
"""Collectors run every minute; two missed turns are worth a word."""
LATE = {"metrics": 32 * MINUTE_MS}
"""CloudWatch's metrics are paid for by the query and read every quarter of an hour."""


def late(run: CollectorRun, now: int) -> bool:
    return now - run.finished_at > LATE.get(run.collector, LATE_MS)
