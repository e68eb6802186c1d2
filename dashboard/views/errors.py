"""What goes wrong, grouped by cause: what, where, how often, since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from dashboard import charts, clients, phrasing, reads, state
from dashboard.components.empty import empty
from dashboard.components.groups_table import Struck, groups_table, struck
from dashboard.components.live import live
from dashboard.components.triage import WORDS
from dashboard.summaries import Fleet
from dashboard.windows import Window
from store.clients import Connection
from store.records import ErrorGroup
from store.triage import TriageState

FILTER = "q"
SHOW = "show"
IN_RANGE, NEW, EVER = "In range", "New", "Ever seen"
STATE = "state"
OPEN, EVERY = "Open", "All"
STATES = {OPEN: (TriageState.UNRESOLVED, TriageState.REGRESSED),
          **{word: (one,) for one, word in WORDS.items() if one is not TriageState.UNRESOLVED},
          EVERY: tuple(TriageState)}
"""What needs somebody, first; the rest by what was decided."""


@dataclass(frozen=True, slots=True)
class Errors:
    window: Window
    fleet: Fleet
    groups: Sequence[ErrorGroup]
    words: str = ""
    show: str = IN_RANGE
    states: Mapping[str, TriageState] = field(default_factory=dict)
    """What stands of each group that somebody decided about, by fingerprint."""
    wanted: str = OPEN


def page() -> None:
    connection = clients.connection()
    st.title("Errors")
    with st.container(horizontal=True, vertical_alignment="center"):
        words = st.text_input("Filter", key=FILTER, bind="query-params", placeholder="Error, message or function",
                              max_chars=state.MAX_TEXT, label_visibility="collapsed", icon=":material/search:",
                              width=280)
        show = st.segmented_control("Show", (IN_RANGE, NEW, EVER), default=IN_RANGE, required=True, key=SHOW,
                                    bind="query-params", label_visibility="collapsed")
        wanted = st.segmented_control("State", list(STATES), default=OPEN, required=True, key=STATE,
                                      bind="query-params", label_visibility="collapsed")
    live(connection.settings.refresh_seconds,
         lambda: render(fetch(connection, state.current_window(connection.clock()), words or "", show or IN_RANGE,
                              wanted or OPEN)))


def fetch(connection: Connection, window: Window, words: str, show: str, wanted: str) -> Errors:
    states = {name: one.state for name, one in reads.standings(connection).items()}
    return Errors(window, reads.overview(connection, window), reads.groups(connection), words, show, states, wanted)


def render(data: Errors) -> None:
    if not data.groups:
        empty("No error has been seen", "Failures of functions are grouped here by their cause.")
        return
    found = [one for one in struck(data.groups, data.fleet.steps) if _matches(one, data)]
    shown = [one for one in found if _state(one, data) in STATES[data.wanted]]
    times = sum(one.times for one in shown)
    st.caption(f"{phrasing.plural(len(shown), 'group')}, {phrasing.plural(times, 'failure')} "
               f"in the last {data.window.label}{_others(found, shown, data)}")
    if not shown:
        empty(f"No error matches in the last {data.window.label}",
              "Clear the filter, choose All, Ever seen, or a longer time range.")
        return
    paper = charts.Paper(data.window, state.zone(), state.is_dark())
    groups_table(shown, "errors_table", paper, states={one.group.fingerprint: _state(one, data) for one in shown})


def _state(one: Struck, data: Errors) -> TriageState:
    return data.states.get(one.group.fingerprint, TriageState.UNRESOLVED)


def _others(found: Sequence[Struck], shown: Sequence[Struck], data: Errors) -> str:
    """How many wait under which other state."""
    counts = Counter(_state(one, data) for one in found) - Counter(_state(one, data) for one in shown)
    told = [f"{count:,} {one}" for one in TriageState if (count := counts[one])]
    return f" · not shown: {', '.join(told)}" if told else ""


def _matches(one: Struck, data: Errors) -> bool:
    group = one.group
    text = f"{group.error_type} {group.message} {group.function} {group.status}".lower()
    if not all(word in text for word in data.words.lower().split()):
        return False
    if data.show == EVER:
        return True
    recent = one.times > 0 or group.last_seen >= data.window.start
    return recent and (data.show != NEW or group.first_seen >= data.window.start)
