"""What a link holds: time range, selected function, filters, ids. Typed, bounded, and hostile values fall back."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from dashboard.windows import DEFAULT_RANGE, RANGES, Window, window

RANGE = "range"
MAX_TEXT = 256
"""Longer than any AWS name; a filter longer than this finds nothing anyway."""


def range_name() -> str:
    """What the bar's control holds, which is what the link says; the link alone where there is no bar."""
    held = st.session_state.get(RANGE)
    return held if held in RANGES else choice(RANGE, tuple(RANGES), DEFAULT_RANGE)


def current_window(now: int) -> Window:
    return window(range_name(), now)


def text(name: str, default: str = "") -> str:
    """A query parameter as one printable line of at most `MAX_TEXT` characters."""
    value = st.query_params.get(name, default)
    return value if len(value) <= MAX_TEXT and value.isprintable() else default


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    return value if value in allowed else default


def fingerprint(name: str = "id") -> str:
    """An error group's id, or an empty string."""
    value = text(name)
    return value if re.fullmatch(r"[0-9a-f]{8,64}", value) else ""


def zone() -> tzinfo:
    """The reader's own time zone as the browser names it; UTC when it does not."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def is_dark() -> bool:
    return st.context.theme.type == "dark"
