"""Who is looking: the person signed in, or whom the settings name."""

from __future__ import annotations

import streamlit as st

from operations.permissions import Actor
from store.settings import Settings


def actor(settings: Settings) -> Actor:
    """The signed-in person with the role of this deployment; without a login, the actor of the settings."""
    name = settings.actor
    if st.user.get("is_logged_in"):
        name = str(st.user.get("email") or st.user.get("sub") or name)
    return Actor(name, settings.role)
