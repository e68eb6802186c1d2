"""The dashboard's composition root: settings from the environment, one connection per process."""

from __future__ import annotations

import os

import streamlit as st

from store.clients import Connection, connect
from store.settings import Settings


@st.cache_resource(show_spinner=False)
def connection() -> Connection:
    """Shared by all sessions: the SDK's clients are safe to share. Raises SettingsError or CredentialsMissing,
    and then is asked again on the next run."""
    return connect(Settings.from_env(os.environ))
