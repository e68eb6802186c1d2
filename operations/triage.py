"""Deciding about an error group: resolved, ignored, open again. One conditional write, audited."""

from __future__ import annotations

from dataclasses import replace

from operations import audit, permissions
from operations.errors import BadTriage, GroupNotFound, TriageChanged
from operations.permissions import Action, Actor
from operations.redrive import kept_reason
from store import error_groups, triage
from store.clock import Clock
from store.errors import ConditionLost
from store.records import Place
from store.recovery import AuditEntry
from store.table import Table
from store.triage import Triage, TriageState

MAX_MORE = 1_000_000


def decide(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
           fingerprint: str, state: TriageState, reason: str, seen_revision: int | None, version: str | None = None,
           next_deploy: bool = False, until: int | None = None, more: int | None = None) -> Triage:
    """Write one person's decision over the one they saw (`seen_revision`, None for none).

    RESOLVED takes the first version with the fix, or the next deploy, or neither: fixed as of now. IGNORED takes a
    time (epoch ms) or a number of further failures. Raises NotAllowed, ReasonRequired, GroupNotFound, BadTriage,
    TriageChanged, or StoreError; then nothing was decided."""
    permissions.enforce(actor, Action.TRIAGE, writes)
    kept = kept_reason(reason)
    now = clock()
    _check(state, until, more, now)
    group = error_groups.get(table, place, fingerprint)
    if group is None:
        raise GroupNotFound(fingerprint)
    before = triage.get(table, place, fingerprint)
    if (before.revision if before else None) != seen_revision:
        raise TriageChanged(before.by if before else "nobody")
    after = Triage(place, fingerprint, group.function, state, actor.name, now, kept)
    if state is TriageState.RESOLVED:
        after = replace(after, version=version, next_deploy=next_deploy)
    elif state is TriageState.IGNORED:
        after = replace(after, until=until, more=more)
    entry = AuditEntry(place, f"{fingerprint}-{(seen_revision or 0) + 1}", now, actor.name, actor.role, Action.TRIAGE,
                       f"{group.function}: {group.error_type}", kept, _details(after))
    with audit.audited(table, clock, entry):
        try:
            return triage.save(table, before, after)
        except ConditionLost as lost:
            raise TriageChanged("somebody") from lost


def _check(state: TriageState, until: int | None, more: int | None, now: int) -> None:
    if state is TriageState.REGRESSED:
        raise BadTriage("a group regresses by failing, not by hand")
    if state is TriageState.IGNORED and until is None and more is None:
        raise BadTriage("an ignored group needs an end: a time, or a number of further failures")
    if until is not None and until <= now:
        raise BadTriage("the time until which it is ignored has passed already")
    if more is not None and not 1 <= more <= MAX_MORE:
        raise BadTriage(f"the number of further failures must be from 1 to {MAX_MORE:,}")


def _details(decided: Triage) -> dict[str, str]:
    told = {"state": str(decided.state), "version": decided.version, "until": decided.until, "more": decided.more,
            "next deploy": "yes" if decided.next_deploy else None}
    return {name: str(value) for name, value in told.items() if value is not None}
