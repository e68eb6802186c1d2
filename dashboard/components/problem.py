"""What went wrong, in one sentence, and what to do. Never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.phrasing import plain_markdown
from store.errors import (
    CredentialsMissing,
    EndpointUnreachable,
    LamplightError,
    PermissionDenied,
    SettingsError,
    TableMissing,
    Throttled,
)

ICONS = {
    SettingsError: ":material/tune:",
    EndpointUnreachable: ":material/cloud_off:",
    CredentialsMissing: ":material/key_off:",
    TableMissing: ":material/database_off:",
    PermissionDenied: ":material/lock:",
    Throttled: ":material/hourglass_top:",
}


@contextmanager
def guarded() -> Iterator[None]:
    """Draw inside; whatever Lamplight raises on purpose becomes a sentence in its place."""
    try:
        yield
    except LamplightError as error:
        show(error)


def show(error: LamplightError) -> None:
    icon = ICONS.get(type(error), ":material/error:")
    st.error(f"**{plain_markdown(str(error), 600)}**\n\n{plain_markdown(error.advice, 600)}", icon=icon)
