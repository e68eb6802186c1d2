"""What people decided about error groups, and when a decision no longer holds.

A group nobody decided about is unresolved. A decision is one row beside the group; each change is conditional on the
revision that was seen, so two people never write over each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from store import keys
from store.errors import ConditionLost
from store.items import from_item, to_item
from store.records import Place
from store.table import Condition, Table


class TriageState(StrEnum):
    """RESOLVED holds until the group fails again in a version that should have the fix; then it is REGRESSED.
    IGNORED holds until a time, or until it failed so many times more."""

    UNRESOLVED = "unresolved"
    RESOLVED = "resolved"
    IGNORED = "ignored"
    REGRESSED = "regressed"


@dataclass(frozen=True, slots=True)
class Triage:
    """One decision, taken at `at` (epoch ms) by `by`. `version` is the first that has the fix; `next_deploy` says the
    fix comes with the first deploy after `at`. Ignored: until `until` (epoch ms), or until `more` failures since."""

    place: Place
    fingerprint: str
    function: str
    state: TriageState
    by: str
    at: int
    reason: str = ""
    version: str | None = None
    next_deploy: bool = False
    until: int | None = None
    more: int | None = None
    regressed_at: int | None = None
    regressed_version: str | None = None
    revision: int = 0
    counted: int = 0
    """Failures that the hour of the decision had counted by then: `more` are counted from there."""

    def standing(self, now: int, failures_since: int) -> TriageState:
        """The state as it is now, with the failures counted since the decision."""
        if self.state is not TriageState.IGNORED:
            return self.state
        over = self.until is not None and now >= self.until
        enough = self.more is not None and failures_since >= self.more
        return TriageState.UNRESOLVED if over or enough else TriageState.IGNORED


def regresses(triage: Triage, at: int, version: str | None, deployed_at: int | None) -> bool:
    """Whether a failure at `at` (epoch ms) in `version` says that a resolved group is not. `deployed_at` is the first
    deploy after the decision, if there was one. A late event of an old version never does."""
    if triage.state is not TriageState.RESOLVED or at <= triage.at:
        return False
    if triage.next_deploy and (deployed_at is None or at <= deployed_at):
        return False
    return not _older(version, triage.version)


def _older(version: str | None, fixed_in: str | None) -> bool:
    """Published versions are numbers that grow; `$LATEST` and aliases tell nothing."""
    if version is None or fixed_in is None or not version.isdecimal() or not fixed_in.isdecimal():
        return False
    return int(version) < int(fixed_in)


def get(table: Table, place: Place, fingerprint: str) -> Triage | None:
    item = table.get(keys.triage(place, fingerprint))
    return from_item(Triage, item) if item else None


def of_place(table: Table, place: Place) -> Iterator[Triage]:
    """Every decision of a place, by fingerprint."""
    for item in table.query(keys.triage(place, "").pk):
        yield from_item(Triage, item)


def save(table: Table, before: Triage | None, after: Triage) -> Triage:
    """Write a decision over the one that was seen. Raises ConditionLost when somebody decided meanwhile."""
    seen = before.revision if before else 0
    written = replace(after, revision=seen + 1)
    condition = (Condition("attribute_not_exists(pk)") if before is None
                 else Condition("#revision = :seen", {"seen": seen}, ("revision",)))
    table.put(keys.triage(after.place, after.fingerprint), to_item(written), condition)
    return written


def regress(table: Table, triage: Triage, at: int, version: str | None) -> bool:
    """Note that a resolved group failed again. False when somebody else noted it, or decided anew, first."""
    after = replace(triage, state=TriageState.REGRESSED, regressed_at=at, regressed_version=version)
    try:
        save(table, triage, after)
    except ConditionLost:
        return False
    return True
