"""Every known function: how it does and how it is configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import clients, phrasing, reads, state
from dashboard.components import functions_table
from dashboard.components.empty import empty
from dashboard.components.live import live
from dashboard.components.row_link import row_link, slot
from dashboard.components.tables import table
from dashboard.summaries import Fleet, Summary, summary
from dashboard.windows import Window
from store.clients import Connection
from store.records import FunctionInfo

FILTER = "q"
SHOW = "show"
ALL, FAILING, COLD, IDLE = "All", "Failing", "Cold", "Idle"


@dataclass(frozen=True, slots=True)
class Functions:
    window: Window
    fleet: Fleet
    inventory: Sequence[FunctionInfo]
    words: str = ""
    show: str = ALL


def page() -> None:
    connection = clients.connection()
    st.title("Functions")
    words, show = _filters()
    live(connection.settings.refresh_seconds,
         lambda: render(fetch(connection, state.current_window(connection.clock()), words, show)))


def _filters() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="center"):
        words = st.text_input("Filter", key=FILTER, bind="query-params", placeholder="Name, runtime or version",
                              max_chars=state.MAX_TEXT, label_visibility="collapsed", icon=":material/search:",
                              width=280)
        show = st.segmented_control("Show", (ALL, FAILING, COLD, IDLE), default=ALL, required=True, key=SHOW,
                                    bind="query-params", label_visibility="collapsed")
    return words or "", show or ALL


def fetch(connection: Connection, window: Window, words: str, show: str) -> Functions:
    return Functions(window, reads.overview(connection, window), reads.inventory(connection), words, show)


def render(data: Functions) -> None:
    infos = {info.name: info for info in data.inventory}
    every = [*data.fleet.functions, *_idle(data)]
    if not every:
        empty("No function is known yet", "The log collector lists log groups once a minute; Health says how it went.",
              ":material/hourglass_empty:")
        return
    shown = [one for one in every if _matches(one, infos.get(one.function), data.words, data.show)]
    st.caption(f"{phrasing.count(len(shown))} of {phrasing.plural(len(every), 'function')}, worst first")
    if not shown:
        empty("No function matches", "Clear the filter, or choose All.", ":material/filter_alt_off:")
        return
    room = slot()
    row = table(frame(shown, infos), "functions_table", functions_table.columns(state.is_dark()),
                "Functions with errors, durations, cold starts and configuration")
    chosen = None if row is None else shown[row].function
    row_link(room, "function", chosen, name=chosen or "")


def frame(shown: Sequence[Summary], infos: dict[str, FunctionInfo]) -> pd.DataFrame:
    """The shared columns, and the configuration beside them."""
    rows = functions_table.rows(shown, infos)
    known = [infos.get(one.function) for one in shown]
    rows["runtime"] = [_runtime(info) for info in known]
    rows["memory_mb"] = [info.memory_mb if info else None for info in known]
    rows["timeout_s"] = [info.timeout_s if info else None for info in known]
    rows["architecture"] = [info.architecture if info else None for info in known]
    rows["changed"] = [
        phrasing.local(info.last_modified, state.zone()) if info and info.last_modified else None for info in known
    ]
    return rows


def _runtime(info: FunctionInfo | None) -> str | None:
    if info is None:
        return None
    return info.runtime if info.deleted_at is None else f"deleted ({info.runtime})"


def _idle(data: Functions) -> list[Summary]:
    """Known functions that did not run in the window, as summaries of nothing."""
    active = {one.function for one in data.fleet.functions}
    return [summary(info.place, data.window, info.name, []) for info in data.inventory if info.name not in active]


def _matches(one: Summary, info: FunctionInfo | None, words: str, show: str) -> bool:
    text = " ".join((one.function, (info.runtime or "") if info else "", one.busiest_version or "")).lower()
    if not all(word in text for word in words.lower().split()):
        return False
    return {
        FAILING: one.total.failures > 0,
        COLD: one.total.cold_starts > 0,
        IDLE: one.total.invocations == 0,
    }.get(show, True)
