"""Nothing to show: say what would be here, and what to do about it."""

from __future__ import annotations

import streamlit as st


def empty(what: str, next_step: str = "", icon: str = ":material/check_circle:") -> None:
    """`what` and `next_step` are Markdown written by us; escape names in them."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f"{icon} **{what}**", text_alignment="center")
        if next_step:
            st.caption(next_step, text_alignment="center")
