"""How decisions about error groups stand now: what was ignored until so many failures more is counted."""

from __future__ import annotations

from dataclasses import dataclass

from store import rollups, triage
from store.clock import DAY_MS, HOUR_MS, floor_to
from store.records import Place
from store.rollups import Rollup
from store.table import Table
from store.triage import Triage, TriageState


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision and the state it leaves the group in. `failures_since` is counted only where it decides."""

    decided: Triage
    state: TriageState
    failures_since: int | None = None


def of_place(table: Table, place: Place, now: int) -> dict[str, Standing]:
    """How every decision of a place stands, by fingerprint. Groups nobody decided about are unresolved."""
    return {decided.fingerprint: of(table, decided, now) for decided in triage.of_place(table, place)}


def of(table: Table, decided: Triage, now: int) -> Standing:
    """How one decision stands at `now` (epoch ms)."""
    counts = decided.state is TriageState.IGNORED and decided.more is not None
    since = failures_since(table, decided, now) if counts else None
    return Standing(decided, decided.standing(now, since or 0), since)


def failures_since(table: Table, decided: Triage, now: int) -> int:
    """Failures of the group after the decision: from its hour on, less what that hour had counted by then. Late log
    events of before may be among them."""
    first, place, function = floor_to(decided.at, HOUR_MS), decided.place, decided.function
    midnight = floor_to(first, DAY_MS) + DAY_MS
    parts: list[Rollup] = [
        *rollups.hours(table, place, function, first, min(midnight, now + 1)),
        *(rollups.days(table, place, function, midnight, now + 1) if midnight <= now else ())]
    return max(0, sum(part.groups.get(decided.fingerprint, 0) for part in parts) - decided.counted)


def counted_in_hour(table: Table, place: Place, function: str, fingerprint: str, at: int) -> int:
    """Failures of a group in the hour of `at`, as far as they are counted."""
    hour = floor_to(at, HOUR_MS)
    return sum(part.groups.get(fingerprint, 0) for part in rollups.hours(table, place, function, hour, hour + HOUR_MS))
