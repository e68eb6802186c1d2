"""A part of a page that reads itself again while it is looked at."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.components.problem import guarded


def live(seconds: int, draw: Callable[[], None]) -> None:
    """Draw now and again every `seconds`, in place. A failure is worded where the part would be, and the next
    turn tries again."""

    @st.fragment(run_every=seconds)
    def part() -> None:
        with guarded():
            draw()

    part()
