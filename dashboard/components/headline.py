"""The headline numbers of a fleet or of one function, against the period before."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import phrasing
from dashboard.components.metrics_row import Metric
from dashboard.summaries import cold_rate, squeezed
from dashboard.windows import Window
from store.rollups import Rollup

WORTH_A_WORD = 0.0005
"""0.05 percentage points: less is not shown as a change."""


def traffic(window: Window, now: Rollup, before: Rollup, steps: Sequence[Rollup]) -> list[Metric]:
    """Invocations, errors, p95 and cold starts."""
    against = f"vs previous {window.label}"
    return [
        _invocations(window, now, before, steps, against),
        _errors(now, before, steps, against),
        _p95(now, before, steps, against),
        _cold(now, before, steps, against),
    ]


def _invocations(window: Window, now: Rollup, before: Rollup, steps: Sequence[Rollup], against: str) -> Metric:
    past = window.previous
    pace = phrasing.change(window.per_hour(now.invocations), past.per_hour(before.invocations))
    return Metric("Invocations", phrasing.compact(now.invocations),
                  phrasing.signed_rate(pace) if pace is not None and abs(pace) >= 0.005 else None, against, "gray",
                  squeezed([step.invocations for step in steps]), "Pace per hour compared: this period still runs.")


def _errors(now: Rollup, before: Rollup, steps: Sequence[Rollup], against: str) -> Metric:
    points = _difference(now.failure_rate, before.failure_rate)
    worse = points is not None and points > 0
    value = phrasing.compact(now.failures) if now.invocations else phrasing.NONE
    share = f" ({phrasing.rate(now.failure_rate)})" if now.failures else ""
    return Metric("Errors", f"{value}{share}", phrasing.signed_points(points) if points is not None else None, against,
                  "red" if worse or now.failures else "gray", squeezed([step.failures for step in steps]),
                  "Errors, crashes, timeouts and out of memory, and their share of invocations.")


def _p95(now: Rollup, before: Rollup, steps: Sequence[Rollup], against: str) -> Metric:
    change = phrasing.change(now.duration.percentile(0.95), before.duration.percentile(0.95))
    spark = [value for step in steps if (value := step.duration.percentile(0.95)) is not None]
    return Metric("p95 duration", phrasing.percentile(now.duration, 0.95),
                  phrasing.signed_rate(change) if change is not None and abs(change) >= 0.005 else None, against,
                  "gray", spark[-30:], "Within 2 %. Needs 20 samples.")


def _cold(now: Rollup, before: Rollup, steps: Sequence[Rollup], against: str) -> Metric:
    points = _difference(cold_rate(now), cold_rate(before))
    return Metric("Cold starts", phrasing.rate(cold_rate(now)),
                  phrasing.signed_points(points) if points is not None else None, against,
                  "blue" if now.cold_starts else "gray", squeezed([step.cold_starts for step in steps]),
                  "Invocations that began with an init or a restore.")


def _difference(now: float | None, before: float | None) -> float | None:
    if now is None or before is None or abs(now - before) < WORTH_A_WORD:
        return None
    return now - before
