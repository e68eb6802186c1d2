"""The headline numbers of a fleet or of one function, against the period before."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import phrasing
from dashboard.components.metrics_row import Metric
from dashboard.summaries import cold_rate, squeezed
from dashboard.windows import Window
from store.rollups import Rollup

SAME = "no change"
HALF_A_PERCENT = 0.005
HALF_A_TENTH_OF_A_POINT = 0.0005
"""Smaller changes would be shown as 0."""


def traffic(window: Window, now: Rollup, before: Rollup, steps: Sequence[Rollup]) -> list[Metric]:
    """Invocations, errors, p95 and cold starts."""
    pace = phrasing.change(window.per_hour(now.invocations), window.previous.per_hour(before.invocations))
    slower = phrasing.change(now.duration.percentile(0.95), before.duration.percentile(0.95))
    p95s = [value for step in steps if (value := step.duration.percentile(0.95)) is not None]
    failed = f"{phrasing.compact(now.failures)} ({phrasing.rate(now.failure_rate)})" if now.failures else "0"
    return [
        _metric(window, "Invocations", phrasing.compact(now.invocations), _relative(pace), "gray",
                squeezed([step.invocations for step in steps]), "Pace per hour compared: this period still runs."),
        _metric(window, "Errors", failed, _points(now.failure_rate, before.failure_rate),
                "red" if now.failures else "gray", squeezed([step.failures for step in steps]),
                "Errors, crashes, timeouts and out of memory, and their share of invocations."),
        _metric(window, "p95 duration", phrasing.percentile(now.duration, 0.95), _relative(slower), "gray",
                p95s[-30:], "Within 2 %. Needs 20 samples."),
        _metric(window, "Cold starts", phrasing.rate(cold_rate(now)), _points(cold_rate(now), cold_rate(before)),
                "blue" if now.cold_starts else "gray", squeezed([step.cold_starts for step in steps]),
                "Invocations that began with an init or a restore."),
    ]


def _metric(window: Window, label: str, value: str, delta: str | None, colour: str, spark: Sequence[float],
            explained: str) -> Metric:
    return Metric(label, value, delta, f"vs previous {window.label}", colour, spark, explained, delta != SAME)


def _relative(change: float | None) -> str | None:
    if change is None:
        return None
    return phrasing.signed_rate(change) if abs(change) >= HALF_A_PERCENT else SAME


def _points(now: float | None, before: float | None) -> str | None:
    if now is None or before is None:
        return None
    return phrasing.signed_points(now - before) if abs(now - before) >= HALF_A_TENTH_OF_A_POINT else SAME
