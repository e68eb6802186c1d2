"""Deciding about error groups: who may, what it takes, and what is written down."""

from __future__ import annotations

import pytest

from operations.errors import BadTriage, GroupNotFound, NotAllowed, TriageChanged
from operations.permissions import Actor
from operations.triage import decide
from store import audit_log, error_groups, triage
from store.clock import HOUR_MS
from store.triage import TriageState
from tests.builders import NOW, PLACE, FakeClock, a_group
from tests.collectors.memory import MemoryTable

ADA = Actor("ada@example.com", "operator")
REASON = "fixed the price table"


def a_table() -> MemoryTable:
    table = MemoryTable()
    error_groups.observe(table, a_group())
    return table


def decided(table, actor=ADA, writes=True, **facts):
    return decide(table, PLACE, FakeClock(NOW), actor, writes, **{
        "fingerprint": a_group().fingerprint, "state": TriageState.RESOLVED, "reason": REASON, "seen_revision": None,
        **facts})


def test_a_decision_stands_with_its_name_and_reason_and_is_audited():
    table = a_table()
    decided(table, version="8")
    standing = triage.get(table, PLACE, a_group().fingerprint)
    assert standing is not None
    assert (standing.state, standing.by, standing.version, standing.reason) == (
        TriageState.RESOLVED, ADA.name, "8", REASON)
    (entry,) = audit_log.entries(table, PLACE, NOW)
    assert (entry.actor, entry.outcome, entry.details["version"]) == (ADA.name, "done", "8")


def test_a_viewer_may_not_decide_and_writes_off_means_nobody():
    table = a_table()
    with pytest.raises(NotAllowed):
        decided(table, actor=Actor("eve", "viewer"))
    with pytest.raises(NotAllowed):
        decided(table, writes=False)
    assert triage.get(table, PLACE, a_group().fingerprint) is None


def test_a_decision_over_what_somebody_changed_meanwhile_is_refused():
    table = a_table()
    first = decided(table)
    with pytest.raises(TriageChanged):
        decided(table, state=TriageState.UNRESOLVED)
    assert decided(table, state=TriageState.UNRESOLVED, seen_revision=first.revision).revision == 2


def test_a_double_click_is_one_decision_and_one_entry_in_the_audit():
    table = a_table()
    first = decided(table, state=TriageState.IGNORED, until=NOW + HOUR_MS)
    assert decided(table, state=TriageState.IGNORED, until=NOW + HOUR_MS + 3) == first
    assert len(audit_log.entries(table, PLACE, NOW)) == 1


@pytest.mark.parametrize("other", [{"version": "9"}, {"actor": Actor("grace@example.com", "admin")},
                                   {"state": TriageState.UNRESOLVED}])
def test_another_wish_over_what_was_seen_before_is_refused_and_names_who_decided(other):
    table = a_table()
    decided(table, version="8")
    with pytest.raises(TriageChanged, match="ada@example.com decided about this error meanwhile"):
        decided(table, **{"version": "8", **other})


@pytest.mark.parametrize("facts", [
    {"state": TriageState.IGNORED}, {"state": TriageState.REGRESSED}, {"state": TriageState.IGNORED, "until": NOW - 1},
    {"state": TriageState.IGNORED, "more": 0}])
def test_a_decision_without_an_end_or_into_the_past_is_refused(facts):
    with pytest.raises(BadTriage):
        decided(a_table(), **facts)


def test_what_is_ignored_keeps_its_end():
    table = a_table()
    kept = decided(table, state=TriageState.IGNORED, until=NOW + HOUR_MS, more=100)
    assert (kept.until, kept.more) == (NOW + HOUR_MS, 100)


def test_no_reason_is_needed_but_a_group_that_is_known():
    assert decided(a_table(), reason=" ").reason == ""
    with pytest.raises(GroupNotFound):
        decided(a_table(), fingerprint="ffffffffffffffff")
