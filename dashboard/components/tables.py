"""Tables whose rows lead somewhere."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import streamlit as st

from dashboard.phrasing import NONE

WHOLE_ROWS = 18
MAX_PX = 600
"""A table of more than 18 rows scrolls in itself, with its header in sight."""


def table(frame: pd.DataFrame, key: str, columns: dict[str, Any], alt: str, chosen: int | None = None) -> int | None:
    """Draw `frame`; the position of the row that was clicked, or None. Any cell of a row will do. `chosen` is the row
    a link names, until another one is clicked."""
    linked: Any = None if chosen is None else {"selection": {"rows": [chosen]}}
    event = st.dataframe(frame, key=key, column_config=columns, hide_index=True, on_select="rerun",
                         selection_mode=("single-row", "single-cell"), placeholder=NONE, alt=alt,
                         selection_default=linked, height=_height(len(frame)))
    return clicked(dict(event["selection"])) if event else None


def clicked(selection: dict[str, Any]) -> int | None:
    """The row of a selection, by its box or by any of its cells."""
    rows = [*selection.get("rows", ()), *(row for row, _ in selection.get("cells", ()))]
    return int(rows[0]) if rows else None


def plain_table(frame: pd.DataFrame, columns: dict[str, Any], alt: str, key: str | None = None) -> None:
    """Draw `frame` for reading only."""
    st.dataframe(frame, key=key, column_config=columns, hide_index=True, placeholder=NONE, alt=alt,
                 height=_height(len(frame)))


def _height(rows: int) -> int | Literal["content"]:
    return "content" if rows <= WHOLE_ROWS else MAX_PX
