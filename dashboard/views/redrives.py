"""Redrives: what was sent back, by whom, why, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from dashboard import clients, links, reads_recover, state
from dashboard.components.empty import empty
from dashboard.progress import jobs_frame
from store.recovery import Job


def page() -> None:
    render(reads_recover.recent_jobs(clients.connection()), state.zone())


def render(jobs: Sequence[Job], zone: tzinfo) -> None:
    if not jobs:
        empty("Nothing has been redriven yet.", "Select messages under Dead letters and press Redrive.",
              ":material/replay:")
        return
    event = st.dataframe(
        jobs_frame(jobs, zone), hide_index=True, width="stretch", on_select="rerun", selection_mode="single-row",
        key="redrives", alt="Redrives, the newest first", column_config={
            "asked": st.column_config.DatetimeColumn(format="D MMM HH:mm:ss"),
            "settled": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100,
                                                       help="Messages whose outcome is known"),
            "reason": st.column_config.TextColumn(width="large"),
        })
    st.caption("Select a redrive to follow it message by message.")
    for row in event["selection"]["rows"][:1]:
        links.go("redrive", id=jobs[row].id)
