from __future__ import annotations

import pytest

from dashboard import people
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
