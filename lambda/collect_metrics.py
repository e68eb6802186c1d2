"""Schedule → CloudWatch metrics of functions, queues and custom namespaces."""

from __future__ import annotations

import logging
from typing import Any

from collectors import metrics
from collectors.rounds import everywhere, summed

from .connection import Context, connection

CONNECTION = connection()
LOG = logging.getLogger("lamplight.collect_metrics")


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """One run; what it could not read is in `problems` and on the Health page."""
    runs = everywhere("metrics", metrics.collect, CONNECTION, context.get_remaining_time_in_millis)
    for run in runs:
        LOG.info("%s: read %d, wrote %d, %d problems", run.place, run.read, run.wrote, len(run.problems))
    return dict(summed(runs))
