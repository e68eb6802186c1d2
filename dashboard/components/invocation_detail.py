"""Kept invocations: a table, and the log lines of the one chosen. Log text is only ever shown as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Literal

import pandas as pd
import streamlit as st

from dashboard import phrasing
from dashboard.components.tables import table
from store.records import Invocation, KeptInvocation

LOG_PX = 420
"""A long stack scrolls in itself instead of pushing the page down."""


def invocations_table(kept: Sequence[KeptInvocation], key: str, zone: tzinfo, now: int) -> None:
    """The table; below it, what is known of the chosen row."""
    config = st.column_config
    columns = {
        "ended": config.DatetimeColumn("ended", format="D MMM HH:mm:ss", width=118),
        "ago": config.TextColumn("", width=85),
        "status": config.TextColumn("status", width=135),
        "error": config.TextColumn("error", width=270),
        "duration": config.NumberColumn("duration", format="%,.0f ms", width=90),
        "init": config.NumberColumn("init", format="%,.0f ms", width=85, help="Empty when the start was warm"),
        "memory": config.NumberColumn("memory used", format="%,d MB", width=95),
        "version": config.TextColumn("version", width=65),
        "request": config.TextColumn("request id", width=280),
    }
    row = table(frame(kept, zone, now), key, columns, "Kept invocations, newest first")
    if row is None:
        st.caption("Click a row for its log lines. Failed, cold and slow invocations are kept; others are counted.")
        return
    invocation_detail(kept[row].invocation, zone)


def frame(kept: Sequence[KeptInvocation], zone: tzinfo, now: int) -> pd.DataFrame:
    return pd.DataFrame([{
        "ended": phrasing.local(one.at, zone),
        "ago": phrasing.ago(one.at, now),
        "status": status_words(one.invocation),
        "error": error_words(one.invocation),
        "duration": one.invocation.duration_ms,
        "init": one.invocation.init_ms if one.invocation.init_ms is not None else one.invocation.restore_ms,
        "memory": one.invocation.max_memory_mb,
        "version": one.invocation.version,
        "request": one.invocation.request_id,
    } for one in kept])


def status_words(invocation: Invocation) -> str:
    words = phrasing.STATUS_WORDS[invocation.status]
    return f"{words}, cold" if invocation.cold_start else words


def error_words(invocation: Invocation) -> str | None:
    parts = [part for part in (invocation.error_type, invocation.error_message) if part]
    return phrasing.line(": ".join(parts)) if parts else None


def invocation_detail(invocation: Invocation, zone: tzinfo) -> None:
    """Ids to copy, what is known, the stack and the log lines."""
    facts = [
        f"{status_words(invocation)} at {phrasing.moment(invocation.ended_at, zone)}",
        f"took {phrasing.duration(invocation.duration_ms)}",
        f"used {phrasing.megabytes(invocation.max_memory_mb)} of {phrasing.megabytes(invocation.memory_mb)}",
        f"version {phrasing.plain_markdown(invocation.version)}" if invocation.version else "version unknown",
    ]
    st.markdown(" · ".join(facts))
    ids = {"request id": invocation.request_id, "log stream": invocation.log_stream, "trace": invocation.trace_id}
    st.code("\n".join(f"{name:<11} {phrasing.line(value)}" for name, value in ids.items() if value), language=None)
    if invocation.lines:
        st.code("\n".join(invocation.lines), language=None, wrap_lines=True, height=_height(invocation.lines))
    elif invocation.stack:
        st.code(invocation.stack, language=None, wrap_lines=True, height=_height(invocation.stack.splitlines()))
    else:
        st.caption("No log lines are kept for this one: only failures keep theirs.")


def _height(lines: Sequence[str]) -> int | Literal["content"]:
    return LOG_PX if len(lines) > 18 else "content"
