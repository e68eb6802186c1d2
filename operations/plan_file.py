"""A plan as a file: made, reviewed, perhaps shortened by hand, applied. It names its job, so applying it twice
is one redrive."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operations.errors import BadPlan
from operations.plan import Plan
from store.records import Place

VERSION = 1


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What `apply` needs of a plan."""

    place: Place
    queue: str
    job_id: str
    message_ids: Sequence[str]


def written(planned: Plan, job_id: str) -> dict[str, Any]:
    """The plan as JSON: what would be sent, and for review every letter with its verdict."""
    return {
        "v": VERSION,
        "account": planned.place.account,
        "region": planned.place.region,
        "queue": planned.queue,
        "job": job_id,
        "message_ids": list(planned.runnable),
        "destinations": dict(planned.destinations),
        "verdicts": {str(verdict): count for verdict, count in planned.counts.items()},
        "letters": [
            {"message_id": letter.message_id, "verdict": str(letter.verdict), "reason": letter.reason}
            for letter in planned.letters
        ],
    }


def read(text: str) -> PlanFile:
    """Raises BadPlan naming what is wrong."""
    try:
        plan: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadPlan("it is not JSON") from error
    if not isinstance(plan, Mapping) or plan.get("v") != VERSION:
        raise BadPlan(f"it does not say version {VERSION}")
    names = [_word(plan, name) for name in ("account", "region", "queue", "job")]
    ids = plan.get("message_ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) and one for one in ids):
        raise BadPlan("message_ids is not a list of ids")
    return PlanFile(Place(names[0], names[1]), names[2], names[3], ids)


def _word(plan: Mapping[str, Any], name: str) -> str:
    value = plan.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", value):
        raise BadPlan(f"{name} is missing or not a name")
    return value
