"""Who may do what."""

from __future__ import annotations

import pytest

from operations.errors import NotAllowed
from operations.permissions import Action, Actor, can, enforce

ADMIN = (Action.REDRIVE_ELSEWHERE, Action.SWITCH, Action.EDIT, Action.IMPORT, Action.UNQUARANTINE)
"""What sends something, or to somewhere, that was not there before."""


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("operator", True), ("admin", True), ("root", False),
                                           ("", False), ("Operator", False)])
def test_each_role_may_do_what_it_may(role: str, may: bool, action: Action):
    assert can(Actor("ada", role), action, writes=True) is (may and (role == "admin" or action not in ADMIN))


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_with_writes_off_nobody_acts(role: str):
    assert not any(can(Actor("ada", role), action, writes=False) for action in Action)


def test_an_actor_without_a_name_never_acts():
    assert not can(Actor("  ", "admin"), Action.REDRIVE, writes=True)


def test_a_refusal_names_the_role_it_takes():
    with pytest.raises(NotAllowed, match=r"ada is viewer; to redrive takes operator\.") as refused:
        enforce(Actor("ada", "viewer"), Action.REDRIVE, writes=True)
    assert refused.value.needed == "operator"


def test_a_refusal_says_that_writes_are_off():
    with pytest.raises(NotAllowed, match=r"Writes are off, so nobody can cancel\.") as refused:
        enforce(Actor("ada", "admin"), Action.CANCEL, writes=False)
    assert "LAMPLIGHT_WRITES=on" in refused.value.advice
    assert refused.value.needed == ""


def test_who_may_act_is_let_through():
    asked: list[Action] = []
    for action in Action:
        enforce(Actor("ada", "admin"), action, writes=True)
        asked.append(action)
    assert asked == list(Action)
