"""The dashboard: `streamlit run dashboard/app.py`. Navigation and the bar over every page; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import clients, reads, state
from dashboard.components import header, place_picker
from dashboard.components.problem import guarded
from dashboard.links import TITLES
from dashboard.views import (
    alerts,
    audit,
    dead_letters,
    error,
    errors,
    everywhere,
    function,
    functions,
    health,
    idempotency,
    overview,
    queues,
    redrive,
    redrives,
)

LOGO = Path(__file__).parent / "logo.svg"
SIDEBAR_PX = 210
OF_ALL_PLACES = ("", "health")
"""Pages that show every account and region at once; the default page has no path."""


def page(name: str, draw: Callable[[], None], icon: str, hidden: bool = False) -> StreamlitPage:
    return st.Page(draw, title=TITLES[name], icon=f":material/{icon}:", url_path=name, default=name == "overview",
                   visibility="hidden" if hidden else "visible")


def first_page() -> None:
    """The overview of what is chosen in the bar: one account and region, or all of them."""
    every = state.all_places() and len(reads.places(clients.connection())) > 1
    (everywhere.page if every else overview.page)()


def pages() -> dict[str, list[StreamlitPage]]:
    return {
        "Watch": [
            page("overview", first_page, "monitoring"),
            page("functions", functions.page, "function"),
            page("errors", errors.page, "bug_report"),
            page("alerts", alerts.page, "notifications"),
            page("function", function.page, "function", hidden=True),
            page("error", error.page, "bug_report", hidden=True),
        ],
        "Recover": [
            page("dead_letters", dead_letters.page, "mail"),
            page("queues", queues.page, "inbox"),
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
        places = reads.places(connection)
        every = state.all_places() and len(places) > 1
        shown = places if every else [connection.place]
        header.bar(connection.place, connection.settings.refresh_seconds,
                   lambda: [run for place in shown for run in reads.runs(connection.at(place))],
                   connection.clock, places)
        if every and chosen.url_path not in OF_ALL_PLACES:
            place_picker.ask(chosen.title, places)
        else:
            chosen.run()


main()
