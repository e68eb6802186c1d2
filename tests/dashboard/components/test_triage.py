"""Deciding about an error group, as an operator does it on its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.triage import sentence
from operations import triage as deciding
from operations.permissions import Actor
from store import audit_log, error_groups, triage
from store.clock import DAY_MS
from store.standing import Standing
from store.triage import Triage, TriageState
from tests.builders import NOW, PLACE, a_group
from tests.dashboard.conftest import open_page, read
from tests.dashboard.desk import Desk

GROUP = a_group()


def opened(desk: Desk) -> AppTest:
    error_groups.observe(desk.table, GROUP)
    return open_page("error", id=GROUP.fingerprint)


def button(page: AppTest, label: str):
    (found,) = [one for one in page.button if one.label == label]
    return found


def said(page: AppTest) -> str:
    return " ".join(text.value for text in page.text)


def decided(desk: Desk) -> Triage | None:
    return triage.get(desk.table, PLACE, GROUP.fingerprint)


def test_a_group_is_resolved_in_a_version_with_a_reason_and_stands_in_the_audit(desk):
    page = opened(desk)
    assert "Nobody has decided about it yet." in said(page)
    button(page, "Resolve…").click().run()
    page.radio(key="triage_fix").set_value("In version")
    page.text_input(key="triage_version").set_value("8")
    page.text_area(key="triage_reason").set_value("the catalogue holds the SKUs again")
    button(page, "Set to resolved").click().run()
    found = decided(desk)
    assert found is not None
    assert (found.state, found.version, found.by) == (TriageState.RESOLVED, "8", "ada@example.com")
    assert "Resolved in version 8 by ada@example.com" in said(page)
    (entry,) = audit_log.entries(desk.table, PLACE, NOW)
    assert (entry.action, entry.reason) == ("decide about errors", "the catalogue holds the SKUs again")


def test_a_group_is_ignored_for_a_day_and_opened_again(desk):
    page = opened(desk)
    button(page, "Ignore…").click().run()
    page.selectbox(key="triage_for").set_value("1 day")
    page.text_area(key="triage_reason").set_value("the partner is down")
    button(page, "Set to ignored").click().run()
    found = decided(desk)
    assert found is not None
    assert (found.state, found.until) == (TriageState.IGNORED, NOW + DAY_MS)
    button(page, "Reopen…").click().run()
    page.text_area(key="triage_reason").set_value("the partner is back")
    button(page, "Set to unresolved").click().run()
    assert "Opened again by ada@example.com" in said(page)


def test_without_its_version_nothing_is_decided_and_the_form_says_so(desk):
    page = opened(desk)
    button(page, "Resolve…").click().run()
    page.radio(key="triage_fix").set_value("In version")
    button(page, "Set to resolved").click().run()
    assert decided(desk) is None
    assert "a version is a number" in read(page)


def test_the_second_of_two_operators_hears_of_the_first(desk):
    page = opened(desk)
    button(page, "Resolve…").click().run()
    deciding.decide(desk.table, PLACE, desk.clock, Actor("grace@example.com", "operator"), True, seen_revision=None,
                    fingerprint=GROUP.fingerprint, state=TriageState.IGNORED, reason="known since May", more=10)
    page.text_area(key="triage_reason").set_value("it is fixed")
    button(page, "Set to resolved").click().run()
    found = decided(desk)
    assert found is not None
    assert found.by == "grace@example.com"
    assert "grace@example.com decided about this error meanwhile." in read(page)
    assert "Ignored until 10 failures more, 0 so far, by grace@example.com" in said(page)
    button(page, "Set to resolved").click().run()  # having seen it
    found = decided(desk)
    assert found is not None
    assert (found.by, found.revision) == ("ada@example.com", 2)


@pytest.mark.parametrize(("facts", "why"), [({"role": "viewer"}, "takes operator"),
                                            ({"writes": False}, "Writes are off")])
def test_who_may_not_decide_sees_why(desk, facts, why):
    desk.become(**facts)
    page = opened(desk)
    assert all(button(page, label).disabled and why in button(page, label).help for label in ("Resolve…", "Ignore…"))


def said_of(known: Triage, state: TriageState) -> str:
    return sentence(Standing(known, state, 7), UTC)


def test_every_state_is_told_in_words():
    known = Triage(PLACE, GROUP.fingerprint, "f", TriageState.RESOLVED, "ada", NOW, "fixed", next_deploy=True)
    assert said_of(known, TriageState.RESOLVED).startswith("Resolved with the next deploy by ada, ")
    again = replace(known, state=TriageState.REGRESSED, regressed_at=NOW, regressed_version="9")
    assert said_of(again, TriageState.REGRESSED).startswith("It failed again in version 9 on ")
    ignored = replace(known, state=TriageState.IGNORED, more=1_000)
    assert said_of(ignored, TriageState.IGNORED).startswith("Ignored until 1,000 failures more, 7 so far, by ada")
    assert said_of(ignored, TriageState.UNRESOLVED).startswith("No longer ignored. It was until 1,000 failures more")
