"""What was asked of the worker: the newest line by line, and a table of all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from dashboard import commands, phrasing
from dashboard.components.tables import table
from store.commands import Command

TOLD = 5
"""Commands told line by line."""


def commands_list(found: Sequence[Command], now: int, zone: tzinfo) -> None:
    """The newest few with state and outcome; live where this is drawn live."""
    for one in found[:TOLD]:
        word, tone, icon = commands.STATES[commands.state(one, now)]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(word, icon=f":material/{icon}:", color=tone)  # type: ignore[arg-type]
            st.markdown(f"**{phrasing.plain_markdown(commands.what(one))}** · "
                        f":gray[{phrasing.plain_markdown(one.actor, 60)}, {phrasing.moment(one.asked_at, zone)}]",
                        width="content")
        st.caption(phrasing.plain_markdown(commands.outcome(one, now), 600))


def commands_table(found: Sequence[Command], now: int, zone: tzinfo) -> None:
    """All of it; a click shows one whole."""
    config = st.column_config
    named = hashlib.sha256("".join(one.id for one in found).encode()).hexdigest()[:12]
    row = table(commands.frame(found, now, zone), f"commands-{named}", {
        "asked": config.DatetimeColumn("asked", format="D MMM HH:mm:ss", width=120),
        "state": config.TextColumn("state", width=140),
        "what": config.TextColumn("what", width=220),
        "queue": config.TextColumn("queue", width=160),
        "outcome": config.TextColumn("what came of it", width=320),
        "by": config.TextColumn("by", width=120),
        "reason": config.TextColumn("reason", width=170),
    }, "What was asked of the worker, the newest first")
    if row is not None:
        commands_list(found[row:row + 1], now, zone)
        st.text(f"“{found[row].reason}”")
