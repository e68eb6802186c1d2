"""Where to look in a logger's JSON line, decided once for all lines with the same keys in the same order.

A logger writes the same members line after line, so a plan is found by the keys alone (0.2 µs) and names the few
members that matter; trying all the names that `structured_json` knows takes 3 µs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from collectors import structured_json as known

_SPECIAL = frozenset(
    {"_aws", "CloudWatchMetrics", "span", "spans", *known.WRAPPED_KEYS}
    | {*known.EXECUTION_KEYS, *known.MESSAGE_ID_KEYS, *known.TENANT_KEYS}
)
"""With one of these a line is more than a plain line of a logger, or might be."""
MAX_PLANS = 2_000
"""Key sequences remembered: a fleet's loggers write some hundred, a function that prints its maps any number."""
MAX_KEYS = 40
"""Longer sequences are somebody's data, and not seen twice."""


class Facts(NamedTuple):
    """Members that say something about the invocation, if this line is known to be of it."""

    trace: tuple[str, ...]
    version: tuple[str, ...]


class Plan(NamedTuple):
    """The members of a line that matter; None: it has no such member."""

    level: str | None
    unsaid_level: str | None
    """The level of a line without that member: Serilog leaves out `Information`."""
    message: str | None
    request_id: str | None
    cold: str | None
    facts: Facts | None


NEW = Plan(None, None, None, None, None, None)
"""Stands for no plan in `PLANS.get`: it is compared by identity."""
PLANS: dict[tuple[str, ...], Plan | None] = {}


def plan_for(document: dict[str, Any]) -> Plan | None:
    """The plan for a document, or None when its keys alone do not make it a plain line of a logger."""
    keys = tuple(document)
    plan = PLANS.get(keys, NEW)
    if plan is not NEW:
        return plan
    plan = _plan(keys)
    if len(keys) <= MAX_KEYS:
        if len(PLANS) >= MAX_PLANS:
            PLANS.clear()
        PLANS[keys] = plan
    return plan


def _plan(keys: tuple[str, ...]) -> Plan | None:
    if not _SPECIAL.isdisjoint(keys) or ("errorMessage" in keys and "errorType" in keys):
        return None
    message = _first(known.MESSAGE_KEYS, keys)
    cold = _present(known.COLD_KEYS, keys)
    if len(cold) > 1 or (message is None and "fields" in keys):
        return None
    level = _first(known.LEVEL_KEYS, keys)
    serilog = level is None and "@t" in keys and ("@m" in keys or "@mt" in keys)
    request_id = _first(known.REQUEST_ID_KEYS, keys)
    facts = Facts(_present(known.TRACE_KEYS, keys), _present(known.VERSION_KEYS, keys))
    of_this = any(facts) and (request_id is not None or bool(cold))
    return Plan(level, "INFO" if serilog else None, message, request_id, cold[0] if cold else None,
                facts if of_this else None)


def _present(wanted: tuple[str, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in wanted if key in keys)


def _first(wanted: tuple[str, ...], keys: tuple[str, ...]) -> str | None:
    return next(iter(_present(wanted, keys)), None)
