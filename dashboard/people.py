"""Who is looking: the person signed in, or whom the settings name; and what they may do here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from operations.permissions import Action, Actor, can, needed
from store.clients import Connection
from store.settings import Settings


def actor(settings: Settings) -> Actor:
    """The signed-in person with the role of this deployment; without a login, the actor of the settings."""
    name = settings.actor
    if st.user.get("is_logged_in"):
        name = str(st.user.get("email") or st.user.get("sub") or name)
    return Actor(name, settings.role)


def why_not(connection: Connection, action: Action) -> str:
    """What is missing to do this here, in a sentence; nothing when it may be done."""
    return missing(connection, [action])


def missing(connection: Connection, actions: Sequence[Action]) -> str:
    """What is missing for some of these, each named once; nothing when all of them may be done."""
    settings, here = connection.settings, connection.clients.place
    if connection.place != here:
        return (f"From here only account {here.account} in {here.region} can be acted on. Ask for this one in the "
                "Lamplight that is deployed there.")
    barred: dict[str, list[str]] = {}
    for action in dict.fromkeys(actions):
        if not can(actor(settings), action, settings.writes):
            barred.setdefault(needed(action), []).append(str(action))
    if barred and not settings.writes:
        return "Writes are off here: `LAMPLIGHT_WRITES=on` allows them."
    return " ".join(f"To {_listed(names)} takes the role {role}; yours is {settings.role}."
                    for role, names in barred.items())


def reveals(connection: Connection) -> bool:
    """Whether bodies and attributes are shown. Reading changes nothing, so it does not ask whether writes are on."""
    return can(actor(connection.settings), Action.REVEAL, writes=True)


def _listed(names: Sequence[str]) -> str:
    """`redrive, discard or export`."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
