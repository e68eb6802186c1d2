"""What people were told of, when, and what still waits to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import clients, phrasing, reads, state
from dashboard.components.empty import empty
from dashboard.components.live import live
from dashboard.components.row_link import row_link, slot
from dashboard.components.tables import table
from operations import alert_words
from operations.alert_delivery import SOURCE
from store.alerts import Alert, AlertKind
from store.clients import Connection
from store.records import CollectorRun

SHOWN = 200
MARKS = {AlertKind.EXPIRING: "▲", AlertKind.STOPPED: "▲", AlertKind.REGRESSED: "▲", AlertKind.DEAD_LETTERS: "●",
         AlertKind.NEW: "●"}


@dataclass(frozen=True, slots=True)
class Alerts:
    """`teller` is the last run of the function that tells people; None when there is none."""

    alerts: Sequence[Alert]
    teller: CollectorRun | None
    zone: tzinfo
    now: int


def page() -> None:
    connection = clients.connection()
    st.title("Alerts")
    live(connection.settings.refresh_seconds, lambda: render(fetch(connection)))


def fetch(connection: Connection) -> Alerts:
    home = connection.at(connection.clients.place)
    teller = next((run for run in reads.runs(home) if run.collector == SOURCE), None)
    return Alerts(reads.newest_alerts(connection, SHOWN), teller, state.zone(), connection.clock())


def render(data: Alerts) -> None:
    _teller(data)
    if not data.alerts:
        empty("Nothing to tell yet", "New errors, errors that come back after they were resolved, messages that die or "
              "are about to expire, and redrives that stop themselves are listed here for 90 days.",
              ":material/notifications:")
        return
    waiting = sum(alert.delivered_at is None for alert in data.alerts)
    least = "The newest " if len(data.alerts) == SHOWN else ""
    told_all = f"{phrasing.count(waiting)} not told yet" if waiting else "all told"
    st.caption(f"{least}{phrasing.plural(len(data.alerts), 'alert')}, {told_all}")
    config = st.column_config
    room = slot()
    row = table(frame(data), "alerts_table", {
        "at": config.DatetimeColumn("at", format="D MMM HH:mm", width=95),
        "what": config.TextColumn("what", width=430),
        "message": config.TextColumn("message", width=300),
        "told": config.TextColumn("told", width=225),
    }, "Alerts, the newest first")
    if row is None:
        row_link(room, "error", None)
        return
    chosen = data.alerts[row]
    to, params = alert_words.target(chosen)
    row_link(room, to, _subject(chosen), **params)


def _subject(alert: Alert) -> str:
    if alert.kind is AlertKind.STOPPED:
        return f"the redrive from {alert.queue}"
    if alert.kind in (AlertKind.DEAD_LETTERS, AlertKind.EXPIRING):
        return alert.queue
    return f"{alert.error_type or 'the error'} of {alert.function}"


def _teller(data: Alerts) -> None:
    if data.teller is None:
        st.info("**Nobody is told of alerts.** They are listed here alone. Deploy with AlertEmail, or with the "
                "AlertTopicArn of a topic that reaches people.", icon=":material/notifications_off:")
    for problem in data.teller.problems if data.teller else ():
        st.warning(phrasing.plain_markdown(problem, 600), icon=":material/warning:")


def frame(data: Alerts) -> pd.DataFrame:
    return pd.DataFrame([{
        "at": phrasing.local(alert.at, data.zone),
        "what": f"{MARKS[alert.kind]} {alert_words.headline(alert)}",
        "message": phrasing.line(alert.message),
        "told": told(alert, data),
    } for alert in data.alerts])


def told(alert: Alert, data: Alerts) -> str:
    """Whether and when people were told, in words."""
    if alert.delivered_at is not None:
        return f"✓ {phrasing.moment(alert.delivered_at, data.zone)}"
    if alert.problem:
        return f"▲ tried {phrasing.plural(alert.attempts, 'time')}: {phrasing.line(alert.problem, 120)}"
    return "○ waits to be told" if data.teller else "– nobody is told"
