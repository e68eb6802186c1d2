"""What a link holds: time range, selected function, filters, ids. Typed, bounded, and hostile values fall back."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from dashboard.windows import DEFAULT_RANGE, RANGES, Window, window
from store.records import Place

RANGE = "range"
PLACE = "place"
ALL_PLACES = "all places"
HELD_PLACE = "held_place"
MAX_TEXT = 256
"""Longer than any AWS name; a filter longer than this finds nothing anyway."""


def range_name() -> str:
    """What the bar's control holds, which is what the link says; the link alone where there is no bar."""
    held = st.session_state.get(RANGE)
    return held if held in RANGES else choice(RANGE, tuple(RANGES), DEFAULT_RANGE)


def place_name(place: Place) -> str:
    """A place as links and the bar spell it."""
    return f"{place.account}/{place.region}"


def place() -> Place | None:
    """The account and region that is chosen; None for the one we are in, or for all."""
    account, _, region = _chosen_place().partition("/")
    return Place(account, region) if account and region else None


def all_places() -> bool:
    return _chosen_place() == ALL_PLACES


def _chosen_place() -> str:
    """What the link says; on a page reached from the navigation, whose links say nothing, what was chosen before."""
    linked = text(PLACE)
    if linked:
        st.session_state[HELD_PLACE] = linked
    return linked or str(st.session_state.get(HELD_PLACE, ""))


def choose_place(name: str) -> None:
    """Look at another place from now on, and say so in the link."""
    st.session_state[HELD_PLACE] = name
    if text(PLACE) != name:
        st.query_params[PLACE] = name


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
