"""Contract of the audit trail, on moto and on MiniStack."""

from __future__ import annotations

import pytest

from store import audit_log
from store.clock import DAY_MS, utc
from store.errors import StoreError
from store.recovery import AuditEntry
from store.table import Table
from tests.builders import NOW, PLACE


def an_entry(**facts) -> AuditEntry:
    defaults = {
        "place": PLACE, "id": "job-1", "at": NOW, "actor": "grace@example.com", "role": "admin", "action": "redrive",
        "subject": "orders-fulfil-dlq", "reason": "catalogue repaired", "details": {"messages": "2"},
    }
    return AuditEntry(**{**defaults, **facts})


def test_an_entry_says_who_did_what_why_and_how_it_ended(table: Table):
    assert audit_log.put_intent(table, an_entry())
    audit_log.put_outcome(table, an_entry(), "done", NOW + 9, {"succeeded": "2"})
    (entry,) = audit_log.entries(table, PLACE, NOW)
    assert entry == an_entry(outcome="done", outcome_at=NOW + 9, outcome_details={"succeeded": "2"})


def test_an_intent_without_an_outcome_shows_as_such(table: Table):
    audit_log.put_intent(table, an_entry())
    (entry,) = audit_log.entries(table, PLACE, NOW)
    assert (entry.outcome, entry.outcome_at) == (None, None)


def test_neither_half_can_be_changed(table: Table):
    audit_log.put_intent(table, an_entry())
    assert not audit_log.put_intent(table, an_entry(actor="somebody else"))
    audit_log.put_outcome(table, an_entry(), "done", NOW + 9, {})
    audit_log.put_outcome(table, an_entry(), "done", NOW + 10, {})  # told again by a second worker
    with pytest.raises(StoreError, match="another outcome"):
        audit_log.put_outcome(table, an_entry(), "cancelled", NOW + 11, {})
    (entry,) = audit_log.entries(table, PLACE, NOW)
    assert (entry.actor, entry.outcome, entry.outcome_at) == ("grace@example.com", "done", NOW + 9)


def test_entries_come_newest_first_and_month_by_month(table: Table):
    for number in range(3):
        audit_log.put_intent(table, an_entry(id=f"act-{number}", at=NOW + number))
    audit_log.put_intent(table, an_entry(id="old", at=NOW - 40 * DAY_MS))
    assert [entry.id for entry in audit_log.entries(table, PLACE, NOW)] == ["act-2", "act-1", "act-0"]
    before = audit_log.month_before(NOW)
    assert utc(before).month == 10
    assert [entry.id for entry in audit_log.entries(table, PLACE, before)] == ["old"]
