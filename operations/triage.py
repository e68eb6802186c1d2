"""Deciding about an error group: resolved, ignored, open again. One conditional write, audited."""

from __future__ import annotations

from dataclasses import replace

from operations import audit, permissions
from operations.errors import BadTriage, GroupNotFound, TriageChanged
from operations.permissions import Action, Actor
from operations.redrive import MAX_REASON
from store import error_groups, standing, triage
from store.clock import MINUTE_MS, Clock
from store.errors import ConditionLost
from store.records import ErrorGroup, Place
from store.recovery import AuditEntry
from store.table import Table
from store.triage import Triage, TriageState

MAX_MORE = 1_000_000
AGAIN_MS = MINUTE_MS
"""A double click, a page that is sent again: the same wish of the same person is the decision that stands."""


def decide(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
           fingerprint: str, state: TriageState, seen_revision: int | None, reason: str = "",
           version: str | None = None, next_deploy: bool = False, until: int | None = None,
           more: int | None = None) -> Triage:
    """Write one person's decision over the one they saw (`seen_revision`, None for none).

    RESOLVED takes the first version with the fix, or the next deploy, or neither: fixed as of now. IGNORED takes a
    time (epoch ms) or a number of further failures. The same again within a minute returns what stands. Raises
    NotAllowed, GroupNotFound, BadTriage, TriageChanged, or StoreError; then nothing was decided."""
    permissions.enforce(actor, Action.TRIAGE, writes)
    now = clock()
    _check(state, until, more, now)
    if version is not None and not version.isdecimal():
        raise BadTriage("a version is a number, as Lambda publishes them")
    group = error_groups.get(table, place, fingerprint)
    if group is None:
        raise GroupNotFound(fingerprint)
    before = triage.get(table, place, fingerprint)
    after = Triage(place, fingerprint, group.function, state, actor.name, now, " ".join(reason.split())[:MAX_REASON])
    if state is TriageState.RESOLVED:
        after = replace(after, version=version, next_deploy=next_deploy)
    elif state is TriageState.IGNORED:
        counted = standing.counted_in_hour(table, place, group.function, fingerprint, now) if more else 0
        after = replace(after, until=until, more=more, counted=counted)
    if before and _same(before, after, seen_revision or 0):
        return before
    if (before.revision if before else None) != seen_revision:
        raise TriageChanged(before.by if before else "nobody")
    with audit.audited(table, clock, _entry(group, after, actor, seen_revision or 0)):
        try:
            return triage.save(table, before, after)
        except ConditionLost as lost:
            raise TriageChanged("somebody") from lost


def _same(before: Triage, after: Triage, seen_revision: int) -> bool:
    """Whether what stands is this very decision, made over the same one a moment ago."""
    wish = (before.by, before.state, before.version, before.next_deploy, before.more, before.until is None)
    return (before.revision == seen_revision + 1 and after.at - before.at < AGAIN_MS
            and wish == (after.by, after.state, after.version, after.next_deploy, after.more, after.until is None))


def _check(state: TriageState, until: int | None, more: int | None, now: int) -> None:
    if state is TriageState.REGRESSED:
        raise BadTriage("a group regresses by failing, not by hand")
    if state is TriageState.IGNORED and until is None and more is None:
        raise BadTriage("an ignored group needs an end: a time, or a number of further failures")
    if until is not None and until <= now:
        raise BadTriage("the time until which it is ignored has passed already")
    if more is not None and not 1 <= more <= MAX_MORE:
        raise BadTriage(f"the number of further failures must be from 1 to {MAX_MORE:,}")


def _entry(group: ErrorGroup, decided: Triage, actor: Actor, seen_revision: int) -> AuditEntry:
    told = {"state": str(decided.state), "version": decided.version, "until": decided.until, "more": decided.more,
            "next deploy": "yes" if decided.next_deploy else None}
    return AuditEntry(group.place, f"{group.fingerprint}-{seen_revision + 1}", decided.at, actor.name, actor.role,
                      Action.TRIAGE, f"{group.function}: {group.error_type}", decided.reason,
                      {name: str(value) for name, value in told.items() if value is not None})
