"""Letters to choose from: their causes, each a filter, and the messages. A ticked box selects, a click looks into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import streamlit as st

from dashboard.components.tables import clicked
from dashboard.letters import Cause, causes_frame, frame
from dashboard.phrasing import NONE
from store.recovery import DeadLetter

WHOLE_ROWS = 10
ROWS_PX = 342
"""Ten rows and the header; more scroll, so that the message looked into stays on the screen."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What is ticked, and the one letter to look into."""

    selected: tuple[DeadLetter, ...]
    looked_into: DeadLetter | None


@dataclass(frozen=True, slots=True)
class Shown:
    """To whom letters are shown: the reader's zone, the time (epoch ms), and whether bodies may be read."""

    zone: tzinfo
    now: int
    revealed: bool = True


def causes_table(causes: Sequence[Cause], chosen: str, now: int, zone: tzinfo, key: str) -> Cause | None:
    """The causes; a click leaves only the letters of one. `chosen` is the id of the one the link names."""
    config = st.column_config
    linked = [row for row, cause in enumerate(causes) if cause.id == chosen]
    event = st.dataframe(
        causes_frame(causes, now, zone), key=key, hide_index=True, on_select="rerun", placeholder=NONE,
        selection_mode=("single-row", "single-cell"), selection_default={"selection": {"rows": linked}},
        height="content" if len(causes) <= WHOLE_ROWS else ROWS_PX, alt="Dead letters by cause", column_config={
            "messages": config.NumberColumn("messages", format="%,d", width=85),
            "cause": config.TextColumn("cause", width=470),
            "function": config.TextColumn("function", width=170),
            "bodies": config.NumberColumn("distinct bodies", format="%,d", width=115,
                                          help="Forty copies of one poison message are one problem"),
            "first": config.TextColumn("first", width=105),
            "last": config.TextColumn("last", width=105),
        })
    row = clicked(dict(event["selection"]))
    return causes[row] if row is not None and row < len(causes) else None


def letters_table(letters: Sequence[DeadLetter], columns: Sequence[str], shown: Shown, key: str) -> Picked:
    """The messages, in the order given. The same `key` must mean the same rows: a selection is kept by position."""
    config = st.column_config
    event = st.dataframe(
        frame(letters, shown.zone, shown.now, shown.revealed), key=key, hide_index=True, on_select="rerun",
        placeholder=NONE, column_order=columns, selection_mode=("multi-row", "single-cell"), alt="Dead letters",
        height="content" if len(letters) <= WHOLE_ROWS else ROWS_PX, column_config={
            "state": config.TextColumn("state", width=130),
            "cause": config.TextColumn("cause", width=280),
            "function": config.TextColumn("function", width=125),
            "body": config.TextColumn("body", width=330),
            "expires": config.TextColumn("expires", width=80, help="When its queue forgets it"),
            "died": config.DatetimeColumn("died", format="D MMM HH:mm:ss", width=120),
            "receives": config.NumberColumn("receives", width=75,
                                            help="How often it was received before it was given up"),
            "life": config.NumberColumn("life", width=50, help="1 died once; 2 came back after one redrive"),
            "message": config.TextColumn("message", width=280),
        })
    rows = [row for row in event["selection"]["rows"] if row < len(letters)]
    cells = [row for row, _ in event["selection"].get("cells", ()) if row < len(letters)]
    looked_into = cells[:1] or (rows if len(rows) == 1 else [])
    return Picked(tuple(letters[row] for row in rows), letters[looked_into[0]] if looked_into else None)
