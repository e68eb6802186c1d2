"""Who did what, why, and how it ended. An act without an outcome stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import pandas as pd
import streamlit as st

from dashboard import clients, phrasing, reads, state
from dashboard.components.empty import empty
from dashboard.components.live import live
from dashboard.components.tables import table
from store.audit_log import month_before
from store.clients import Connection
from store.clock import MINUTE_MS, utc
from store.recovery import AuditEntry

MONTHS = 13
"""A year back and the same month again; the trail itself has no end."""
UNFINISHED_MS = 5 * MINUTE_MS
"""An act ends within seconds; an intent this old without an outcome was cut short."""
ANY = "anyone"
ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Audit:
    month: int
    entries: Sequence[AuditEntry]
    now: int
    actor: str = ANY
    action: str = ANYTHING


def page() -> None:
    connection = clients.connection()
    st.title("Audit")
    live(connection.settings.refresh_seconds, lambda: render(_chosen(connection)))


def _chosen(connection: Connection) -> Audit:
    """What the three filters, all of them in the link, leave."""
    now = connection.clock()
    months = {f"{utc(first):%Y-%m}": first for first in _months(now)}
    with st.container(horizontal=True):
        month = months[st.selectbox("Month", list(months), key="month", bind="query-params", width=180)]
        entries = reads.audit(connection, month)
        actor = st.selectbox("Who", [ANY, *sorted({entry.actor for entry in entries})], key="actor",
                             bind="query-params", width=240)
        action = st.selectbox("What", [ANYTHING, *sorted({entry.action for entry in entries})], key="action",
                              bind="query-params", width=180)
    return Audit(month, entries, now, actor, action)


def _months(now: int) -> list[int]:
    found = [_first(now)]
    while len(found) < MONTHS:
        found.append(_first(month_before(found[-1])))
    return found


def _first(at: int) -> int:
    moment = utc(at)
    return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp() * 1000)


def render(data: Audit) -> None:
    shown = [entry for entry in data.entries
             if data.actor in (ANY, entry.actor) and data.action in (ANYTHING, entry.action)]
    if not shown:
        empty(f"Nothing was done in {utc(data.month):%B %Y}",
              "Everything anybody changes is written here before it happens, and how it ended after.",
              ":material/history_edu:")
        return
    cut_short = [entry for entry in shown if unfinished(entry, data.now)]
    if cut_short:
        st.warning(f"{phrasing.plural(len(cut_short), 'act')} without an outcome: begun, but how it ended was never "
                   "written.", icon=":material/warning:")
    row = table(frame(shown, state.zone(), data.now), "audit_table", _columns(), "Audit entries, newest first")
    if row is not None:
        detail(shown[row], state.zone())


def unfinished(entry: AuditEntry, now: int) -> bool:
    return entry.outcome is None and now - entry.at > UNFINISHED_MS


def frame(entries: Sequence[AuditEntry], zone: tzinfo, now: int) -> pd.DataFrame:
    return pd.DataFrame([{
        "at": phrasing.local(entry.at, zone),
        "actor": phrasing.line(entry.actor, 60),
        "role": entry.role,
        "action": entry.action,
        "subject": phrasing.line(entry.subject, 80),
        "reason": phrasing.line(entry.reason),
        "outcome": outcome_words(entry, now),
    } for entry in entries])


def outcome_words(entry: AuditEntry, now: int) -> str:
    if entry.outcome is not None:
        return phrasing.line(entry.outcome, 80)
    return "▲ no outcome" if unfinished(entry, now) else "under way"


def detail(entry: AuditEntry, zone: tzinfo) -> None:
    """One entry whole, as text to copy."""
    facts = {
        "id": entry.id, "at": phrasing.moment(entry.at, zone), "actor": f"{entry.actor} ({entry.role})",
        "action": entry.action, "subject": entry.subject, "reason": entry.reason, **entry.details,
        "outcome": entry.outcome or "none", "ended": phrasing.moment(entry.outcome_at, zone), **entry.outcome_details,
    }
    st.code("\n".join(f"{name:<14} {phrasing.line(value, 400)}" for name, value in facts.items()), language=None,
            wrap_lines=True)


def _columns() -> dict[str, object]:
    config = st.column_config
    return {
        "at": config.DatetimeColumn("at", format="D MMM HH:mm:ss", width=125),
        "actor": config.TextColumn("who", width=165),
        "role": config.TextColumn("role", width=75),
        "action": config.TextColumn("what", width=80),
        "subject": config.TextColumn("to", width=215),
        "reason": config.TextColumn("why", width=250),
        "outcome": config.TextColumn("outcome", width=150),
    }
