"""Error groups as rows: what, where, how often, since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import palette, phrasing
from dashboard.charts import Paper
from dashboard.components.row_link import row_link, slot
from dashboard.components.tables import table
from dashboard.summaries import squeezed
from store.records import ErrorGroup
from store.rollups import Rollup
from store.triage import TriageState

STATE_MARKS = {TriageState.UNRESOLVED: "●", TriageState.RESOLVED: "✓", TriageState.IGNORED: "○",
               TriageState.REGRESSED: "▲"}
PREVIEW_LINES = 12
"""Enough to recognise a stack; the group's own page has all of it."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A group, and how often it struck in the window, whole and per step."""

    group: ErrorGroup
    times: int
    over_time: tuple[int, ...]


def struck(groups: Sequence[ErrorGroup], steps: Sequence[Rollup]) -> list[Struck]:
    """Every group with its counts, most frequent first, then the latest."""
    found = []
    for group in groups:
        counts = [step.groups.get(group.fingerprint, 0) for step in steps]
        found.append(Struck(group, sum(counts), squeezed(counts)))
    return sorted(found, key=lambda one: (-one.times, -one.group.last_seen))


def groups_table(found: Sequence[Struck], key: str, paper: Paper, of_one: bool = False,
                 states: Mapping[str, TriageState] | None = None) -> None:
    """The table; a click shows the stack's beginning and the way to the group. `of_one`: all of one function,
    which need not be named. `states`: what was decided about each, by fingerprint."""
    config = st.column_config
    columns = {
        "what": config.TextColumn("error", width=280 if states is not None else 350),
        "kind": config.TextColumn("kind", width=95),
        "function": config.TextColumn("function", width=135),
        "times": config.NumberColumn("times", format="%,d", width=60),
        "over_time": config.BarChartColumn("over time", width=110, y_min=0, color=paper.ink(palette.ERROR)),
        "last": config.TextColumn("last", width=80),
        "first": config.TextColumn("first", width=105),
        "versions": config.TextColumn("versions", width=75),
        "state": config.TextColumn("state", width=100),
    }
    rows = frame(found, paper.zone, paper.window.now)
    if states is not None:
        rows.insert(2, "state", [state_words(states[one.group.fingerprint]) for one in found])
    room = slot()
    row = table(rows.drop(columns="function") if of_one else rows, key, columns, "Error groups, most frequent first")
    if row is None:
        row_link(room, "error", None)
        return
    group = found[row].group
    row_link(room, "error", title(group), id=group.fingerprint)
    if group.stack:
        st.code("\n".join(group.stack.splitlines()[:PREVIEW_LINES]), language=None, wrap_lines=True)


def state_words(state: TriageState) -> str:
    return f"{STATE_MARKS[state]} {state}"


def frame(found: Sequence[Struck], zone: tzinfo, now: int) -> pd.DataFrame:
    return pd.DataFrame([{
        "what": title(one.group),
        "kind": phrasing.STATUS_WORDS[one.group.status],
        "function": one.group.function,
        "times": one.times,
        "over_time": list(one.over_time),
        "last": phrasing.ago(one.group.last_seen, now),
        "first": phrasing.minute(one.group.first_seen, now, zone),
        "versions": versions(one.group),
    } for one in found])


def title(group: ErrorGroup) -> str:
    return phrasing.line(": ".join(part for part in (group.error_type, group.message) if part)) or "unknown error"


def versions(group: ErrorGroup) -> str:
    """`31`, `29 – 31`, or `–` when no version is known."""
    known = list(dict.fromkeys(version for version in (group.first_version, group.last_version) if version))
    return " – ".join(known) or phrasing.NONE
