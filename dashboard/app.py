"""The dashboard: `streamlit run dashboard/app.py`. Navigation and the bar over every page; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import clients, reads
from dashboard.components import header
from dashboard.components.problem import guarded
from dashboard.links import TITLES
from dashboard.views import (
    audit,
    dead_letters,
    error,
    errors,
    function,
    functions,
    health,
    idempotency,
    overview,
    redrive,
    redrives,
)

LOGO = Path(__file__).parent / "logo.svg"
SIDEBAR_PX = 210


def page(name: str, draw: Callable[[], None], icon: str, hidden: bool = False) -> StreamlitPage:
    return st.Page(draw, title=TITLES[name], icon=f":material/{icon}:", url_path=name, default=name == "overview",
                   visibility="hidden" if hidden else "visible")


def pages() -> dict[str, list[StreamlitPage]]:
    return {
        "Watch": [
            page("overview", overview.page, "monitoring"),
            page("functions", functions.page, "function"),
            page("errors", errors.page, "bug_report"),
            page("function", function.page, "function", hidden=True),
            page("error", error.page, "bug_report", hidden=True),
        ],
        "Recover": [
            page("dead_letters", dead_letters.page, "mail"),
            page("redrives", redrives.page, "replay"),
            page("idempotency", idempotency.page, "key"),
            page("redrive", redrive.page, "replay", hidden=True),
        ],
        "Account": [
            page("audit", audit.page, "history_edu"),
            page("health", health.page, "ecg_heart"),
        ],
    }


def main() -> None:
    st.set_page_config(page_title="Lamplight", page_icon=":material/lightbulb:", layout="wide",
                       initial_sidebar_state=SIDEBAR_PX)
    st.logo(LOGO, size="large")
    chosen = st.navigation(pages(), expanded=True)
    with guarded():
        connection = clients.connection()
        header.bar(connection.place, connection.settings.refresh_seconds, lambda: reads.runs(connection),
                   connection.clock)
        chosen.run()


main()
