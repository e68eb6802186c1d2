"""What goes wrong, grouped by cause: what, where, how often, since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import charts, clients, phrasing, reads, state
from dashboard.components.empty import empty
from dashboard.components.groups_table import Struck, groups_table, struck
from dashboard.components.live import live
from dashboard.summaries import Fleet
from dashboard.windows import Window
from store.clients import Connection
from store.records import ErrorGroup

FILTER = "q"
SHOW = "show"
IN_RANGE, NEW, EVER = "In range", "New", "Ever seen"


@dataclass(frozen=True, slots=True)
class Errors:
    window: Window
    fleet: Fleet
    groups: Sequence[ErrorGroup]
    words: str = ""
    show: str = IN_RANGE


def page() -> None:
    connection = clients.connection()
    st.title("Errors")
    with st.container(horizontal=True, vertical_alignment="center"):
        words = st.text_input("Filter", key=FILTER, bind="query-params", placeholder="Error, message or function",
                              max_chars=state.MAX_TEXT, label_visibility="collapsed", icon=":material/search:",
                              width=280)
        show = st.segmented_control("Show", (IN_RANGE, NEW, EVER), default=IN_RANGE, required=True, key=SHOW,
                                    bind="query-params", label_visibility="collapsed")
    live(connection.settings.refresh_seconds,
         lambda: render(fetch(connection, state.current_window(connection.clock()), words or "", show or IN_RANGE)))


def fetch(connection: Connection, window: Window, words: str, show: str) -> Errors:
    return Errors(window, reads.overview(connection, window), reads.groups(connection), words, show)


def render(data: Errors) -> None:
    if not data.groups:
        empty("No error has been seen", "Failures of functions are grouped here by their cause.")
        return
    shown = [one for one in struck(data.groups, data.fleet.steps) if _matches(one, data)]
    times = sum(one.times for one in shown)
    st.caption(f"{phrasing.plural(len(shown), 'group')}, {phrasing.plural(times, 'failure')} "
               f"in the last {data.window.label}")
    if not shown:
        empty(f"No error matches in the last {data.window.label}",
              "Clear the filter, choose Ever seen, or a longer time range.")
        return
    groups_table(shown, "errors_table", charts.Paper(data.window, state.zone(), state.is_dark()))


def _matches(one: Struck, data: Errors) -> bool:
    group = one.group
    text = f"{group.error_type} {group.message} {group.function} {group.status}".lower()
    if not all(word in text for word in data.words.lower().split()):
        return False
    if data.show == EVER:
        return True
    recent = one.times > 0 or group.last_seen >= data.window.start
    return recent and (data.show != NEW or group.first_seen >= data.window.start)
