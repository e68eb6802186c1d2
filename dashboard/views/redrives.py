"""Redrives: what was sent back, by whom, why, and what became of it; and what else was asked of the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from dashboard import clients, links, phrasing, reads_recover, state
from dashboard.components.commands_list import commands_table
from dashboard.components.empty import empty
from dashboard.components.live import live
from dashboard.components.row_link import row_link, slot
from dashboard.components.tables import table
from dashboard.progress import jobs_frame
from store.clients import Connection
from store.recovery import Job


def page() -> None:
    connection = clients.connection()
    st.title("Redrives")
    live(connection.settings.refresh_seconds, lambda: draw(connection))


def draw(connection: Connection) -> None:
    render(reads_recover.recent_jobs(connection), state.zone())
    st.subheader("Asked of the worker beside redrives", anchor=False)
    found = reads_recover.recent_commands(connection)
    if found:
        commands_table(found, connection.clock(), state.zone())
    else:
        st.caption("Looks into queues, switched custody, rescued messages and moves by AWS itself appear here with "
                   "what came of them. What was discarded, edited, exported or imported stands in the audit.")


def render(jobs: Sequence[Job], zone: tzinfo) -> None:
    if not jobs:
        empty("Nothing has been redriven yet", "Tick messages under Dead letters and press Redrive.",
              ":material/replay:")
        links.to("dead_letters", "Dead letters", icon=":material/mail:")
        return
    room = slot()
    rows = hashlib.sha256("".join(job.id for job in jobs).encode()).hexdigest()[:12]
    chosen = table(jobs_frame(jobs, zone), f"redrives-{rows}", _columns(), "Redrives, the newest first")
    if chosen is None:
        row_link(room, "redrive", None)
        return
    job = jobs[chosen]
    row_link(room, "redrive", f"redrive of {phrasing.plural(job.total, 'message')} from {job.queue}", id=job.id)


def _columns() -> dict[str, object]:
    config = st.column_config
    counted = {name: config.NumberColumn(name, format="%,d", width=70) for name in (
        "messages", "succeeded", "presumed", "returned", "not sent")}
    return {
        **counted,
        "asked": config.DatetimeColumn("asked", format="D MMM HH:mm", width=92),
        "state": config.TextColumn("state", width=80),
        "queue": config.TextColumn("queue", width=145),
        "settled": config.ProgressColumn("outcome known", format="%.0f %%", min_value=0, max_value=100, width=105),
        "by": config.TextColumn("by", width=100),
        "reason": config.TextColumn("reason", width=145),
    }
