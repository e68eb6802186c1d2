"""Schedule → every alert that waits is told through the topic, once."""

from __future__ import annotations

import logging
from typing import Any

from operations.alert_delivery import Telling
from operations.alert_topic import Topic
from store import places

from .connection import Context, connection

CONNECTION = connection()
LOG = logging.getLogger("lamplight.tell_alerts")


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """What could not be told is in `problems` and on the Health page, and waits for the next run."""
    topic = Topic.of(CONNECTION.clients, CONNECTION.settings.alert_topic)
    telling = Telling(CONNECTION.table, CONNECTION.place, CONNECTION.clock, topic, CONNECTION.settings.dashboard_url)
    run = telling.run(places.everywhere(CONNECTION.table, CONNECTION.place), context.get_remaining_time_in_millis)
    LOG.info("%d alerts waited, %d told, %d problems", run.read, run.wrote, len(run.problems))
    return {"told": run.wrote, "problems": list(run.problems)}
