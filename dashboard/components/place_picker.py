"""Which account and region: the choice in the bar, and the page that asks for one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import phrasing, state
from store.records import Place

CHOICE = "place_choice"
PICKER_PX = 230


def choose(places: Sequence[Place], shown: Place) -> None:
    """The choice in the bar, always said in the link; nothing while there is one place only. Not bound to the link: a
    link to another place must win over what the control held."""
    if len(places) < 2:
        return
    names = [*map(state.place_name, places), state.ALL_PLACES]
    now = state.ALL_PLACES if state.all_places() else state.place_name(shown)
    asked = state.text(state.PLACE)
    st.session_state[CHOICE] = now
    st.selectbox("Account and region", names, key=CHOICE, on_change=_chosen, label_visibility="collapsed",
                 width=PICKER_PX)
    if asked and asked not in names:
        st.caption(f":orange[:material/wrong_location: {phrasing.plain_markdown(asked)} is not known here]")
    else:
        state.choose_place(now)


def _chosen() -> None:
    state.choose_place(st.session_state[CHOICE])


def ask(title: str, places: Sequence[Place]) -> None:
    """Stands for a page that shows one place, while all are chosen."""
    st.title(title)
    st.caption("This page is about one account and region. Which one?")
    for place in places:
        way_to(place)


def way_to(place: Place) -> None:
    """Look at a place from now on. No link: one to the page it is on would leave the old place in the address."""
    if st.button(f"Open **{phrasing.plain_markdown(place.account)}** · {phrasing.plain_markdown(place.region)}",
                 icon=":material/location_on:", type="tertiary", key=f"way-to-{state.place_name(place)}"):
        state.choose_place(state.place_name(place))
        st.rerun()
