"""Where pages are, so that they can lead to each other without knowing each other."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.state import PLACE

TITLES = {
    "overview": "Overview", "functions": "Functions", "function": "Function", "errors": "Errors", "error": "Error",
    "dead_letters": "Dead letters", "queues": "Queues", "redrives": "Redrives", "redrive": "Redrive",
    "idempotency": "Idempotency", "alerts": "Alerts", "audit": "Audit", "health": "Health",
}


def to(page: str, /, label: str, icon: str | None = None, help: str | None = None, **params: str) -> None:  # noqa: A002
    """A link within the app; the time range stays. `label` is Markdown: escape what AWS named."""
    st.page_link(_target(page), label=label, icon=icon, help=help, query_params=_named(params))


def go(page: str, /, **params: str) -> None:
    """Leave for another page, as a click on a table's row does."""
    st.switch_page(_target(page), query_params=_named(params))


def _target(page: str) -> StreamlitPage:
    return st.Page(_elsewhere, title=TITLES[page], url_path=page, default=page == "overview")


def _elsewhere() -> None:
    """Stands for the page that `st.navigation` holds under the same path: Streamlit goes by the path alone."""


def _named(params: dict[str, str]) -> dict[str, str]:
    """Without the range: it is bound to the link, and Streamlit carries it from page to page by itself. With the place
    that is chosen, unless another one is named."""
    carried = {PLACE: st.query_params.get(PLACE, ""), **params}
    return {name: value for name, value in carried.items() if value}
