from __future__ import annotations

import pytest

from dashboard import people
from operations.permissions import Action
from store.records import Place
from store.settings import Settings

SETTINGS = Settings("lamplight", role="operator", actor="the team")


@pytest.mark.parametrize(("user", "name"), [
    ({}, "the team"),
    ({"is_logged_in": False, "email": "eve@example.com"}, "the team"),
    ({"is_logged_in": True, "email": "ada@example.com"}, "ada@example.com"),
    ({"is_logged_in": True, "sub": "user-7"}, "user-7"),
    ({"is_logged_in": True}, "the team"),
])
def test_the_audit_names_who_signed_in_and_else_whom_the_settings_name(monkeypatch, user, name):
    monkeypatch.setattr("streamlit.user", user)
    actor = people.actor(SETTINGS)
    assert (actor.name, actor.role) == (name, "operator")


def test_what_is_missing_is_said_once_for_each_role(desk):
    wanted = [Action.REDRIVE, Action.DISCARD, Action.REDRIVE, Action.EDIT]
    desk.become(role="viewer")
    assert people.missing(desk.connection, wanted) == (
        "To redrive or discard takes the role operator; yours is viewer. "
        "To edit takes the role admin; yours is viewer."
    )
    desk.become(role="operator")
    assert people.missing(desk.connection, wanted) == "To edit takes the role admin; yours is operator."
    desk.become(role="admin")
    assert people.missing(desk.connection, wanted) == ""
    desk.become(writes=False)
    assert people.why_not(desk.connection, Action.EDIT).startswith("Writes are off here")


def test_another_account_is_not_acted_on_from_here(desk):
    there = desk.connection.at(Place("999999999999", "us-east-1"))
    assert "only account 123456789012 in eu-central-1" in people.why_not(there, Action.DISCARD)


@pytest.mark.parametrize(("role", "writes", "shown"), [("viewer", True, False), ("operator", False, True)])
def test_bodies_are_shown_by_role_whether_or_not_writes_are_on(desk, role, writes, shown):
    desk.become(role=role, writes=writes)
    assert people.reveals(desk.connection) is shown
