"""Schedule → every log group is read from its checkpoint."""

from __future__ import annotations

import logging
from typing import Any

from collectors import logs

from .connection import Context, connection

CONNECTION = connection()
LOG = logging.getLogger("lamplight.collect_logs")


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """One run; what it could not read is in `problems` and on the Health page."""
    run = logs.collect(CONNECTION, context.get_remaining_time_in_millis)
    LOG.info("read %d, wrote %d, %d problems", run.read, run.wrote, len(run.problems))
    return {"read": run.read, "wrote": run.wrote, "problems": list(run.problems)}
