"""The wrapper around acts that end at once."""

from __future__ import annotations

import pytest

from operations import audit
from operations.permissions import Action
from store import audit_log
from store.errors import StoreError
from store.recovery import AuditEntry
from store.table import Table
from tests.builders import NOW, PLACE, FakeClock, a_job

ENTRY = AuditEntry(PLACE, "release-1", NOW, "ada@example.com", "operator", Action.RELEASE, "payments/k", "it is stuck")


def written(table: Table) -> AuditEntry:
    (entry,) = audit_log.entries(table, PLACE, NOW)
    return entry


def test_the_intent_stands_before_the_act_and_the_outcome_after(table: Table, clock: FakeClock):
    with audit.audited(table, clock, ENTRY) as act:
        assert written(table) == ENTRY
        clock.advance(5)
        act.outcome, act.details = "released", {"rows": "1"}
    assert (written(table).outcome, written(table).outcome_at, written(table).outcome_details) == (
        "released", NOW + 5, {"rows": "1"})


def test_an_act_that_fails_has_that_as_its_outcome(table: Table, clock: FakeClock):
    with pytest.raises(StoreError, match="gone"), audit.audited(table, clock, ENTRY):
        raise StoreError("gone")
    assert (written(table).outcome, written(table).outcome_details) == ("failed", {"error": "gone"})


def test_an_act_cut_off_leaves_an_intent_without_an_outcome(table: Table, clock: FakeClock):
    with pytest.raises(KeyboardInterrupt), audit.audited(table, clock, ENTRY):
        raise KeyboardInterrupt
    assert written(table).outcome is None


def test_completing_a_redrive_twice_keeps_the_first_outcome(table: Table):
    job = a_job(counts={"sent": 1, "skipped": 2}, problem="Cancelled")
    audit.announce(table, audit.of_job(job))
    audit.complete(table, job, NOW + 1, "cancelled")
    audit.complete(table, job, NOW + 9, "cancelled")
    assert written(table).outcome_at == NOW + 1
    assert written(table).outcome_details == {"sent": "1", "skipped": "2", "problem": "Cancelled"}
    assert (written(table).id, written(table).action) == (job.id, "redrive")
