"""The dashboard's composition root: settings from the environment, one connection per process."""

from __future__ import annotations

import os

import streamlit as st

from dashboard import reads, state
from store.clients import Connection, connect
from store.settings import Settings


def connection() -> Connection:
    """Looking at the account and region the link names, if there is anything of it; else at the one we are in. Raises
    as `home` does, and StoreError when a place is named and the table cannot be used."""
    here, asked = home(), state.place()
    return here.at(asked) if asked and asked in reads.places(here) else here


@st.cache_resource(show_spinner=False)
def home() -> Connection:
    """Shared by all sessions: the SDK's clients are safe to share. Raises SettingsError or CredentialsMissing,
    and then is asked again on the next run."""
    return connect(Settings.from_env(os.environ))
