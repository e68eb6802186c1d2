"""The line over a table that leads where the chosen row leads: a real link, so Back and new tabs work."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import links
from dashboard.phrasing import plain_markdown

LINE_PX = 34
"""One line whether or not a row is chosen, so that the table stays where it is."""


def slot() -> DeltaGenerator:
    """Room for the line, above the table that is drawn next."""
    return st.container(height=LINE_PX, border=False)


def row_link(room: DeltaGenerator, page: str, chosen: str | None, **params: str) -> None:
    """Fill the room: how to choose, or the way to what was chosen."""
    with room:
        if chosen is None:
            st.caption("Click a row to choose it.")
        else:
            links.to(page, f"**Open {plain_markdown(chosen, 80)}**", icon=":material/arrow_forward:", **params)
