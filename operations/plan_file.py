"""A plan as a file: made, reviewed, perhaps shortened by hand, applied. It names its job, so applying it twice
is one redrive."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.errors import BadPlan
from operations.plan import Plan
from store.clock import iso
from store.records import Place

VERSION = 1


@dataclass(frozen=True, slots=True)
class Manner:
    """How a plan is to be carried out, as `redrive.ask` takes it; `not_before` is epoch ms."""

    rate_per_s: int | None = None
    ramp: tuple[int, ...] = ()
    not_before: int | None = None
    destination: str | None = None
    pause_consumer: bool = False


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What `apply` needs of a plan."""

    place: Place
    queue: str
    job_id: str
    message_ids: Sequence[str]
    manner: Manner = Manner()


def written(planned: Plan, job_id: str, manner: Manner | None = None) -> dict[str, Any]:
    """The plan as JSON: what would be sent and how, and for review every letter with its verdict."""
    manner = manner or Manner()
    return {
        "v": VERSION,
        "account": planned.place.account,
        "region": planned.place.region,
        "queue": planned.queue,
        "job": job_id,
        "rate_per_s": manner.rate_per_s,
        "canary": list(manner.ramp),
        "not_before": None if manner.not_before is None else iso(manner.not_before),
        "destination": manner.destination,
        "pause_consumer": manner.pause_consumer,
        "message_ids": list(planned.runnable),
        "destinations": dict(planned.destinations),
        "verdicts": {str(verdict): count for verdict, count in planned.counts.items()},
        "warnings": [{"kind": str(one.kind), "count": one.count, "sentence": one.sentence}
                     for one in planned.warnings],
        "letters": [
            {"message_id": letter.message_id, "verdict": str(letter.verdict), "reason": letter.reason,
             **({"edit": letter.edit} if letter.edit else {})}
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
    return PlanFile(Place(names[0], names[1]), names[2], names[3], ids, _manner(plan))


def moment(text: str) -> int:
    """Epoch ms of a time with its zone, such as `2026-11-24T08:00:00Z`. Raises BadPlan."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadPlan(f"{text} is no time such as 2026-11-24T08:00:00Z") from error
    if at.tzinfo is None:
        raise BadPlan(f"{text} does not say its time zone; add Z or an offset")
    return round(at.timestamp() * 1_000)


def _manner(plan: Mapping[str, Any]) -> Manner:
    rate, canary, at = plan.get("rate_per_s"), plan.get("canary") or [], plan.get("not_before")
    to, pause = plan.get("destination"), plan.get("pause_consumer") or False
    if not (rate is None or type(rate) is int):
        raise BadPlan("rate_per_s is not a whole number")
    if not isinstance(canary, list) or not all(type(size) is int for size in canary):
        raise BadPlan("canary is not a list of whole numbers")
    if not (at is None or isinstance(at, str)) or not (to is None or isinstance(to, str)):
        raise BadPlan("not_before or destination is not text")
    if not isinstance(pause, bool):
        raise BadPlan("pause_consumer is neither true nor false")
    return Manner(rate, tuple(canary), None if at is None else moment(at), to or None, pause)


def _word(plan: Mapping[str, Any], name: str) -> str:
    value = plan.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", value):
        raise BadPlan(f"{name} is missing or not a name")
    return value
