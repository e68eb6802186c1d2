"""The bar over every page: where we look, how far back, and how fresh it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import freshness, phrasing, state
from dashboard.components import place_picker
from dashboard.components.live import live
from dashboard.windows import DEFAULT_RANGE, RANGES
from store.records import CollectorRun, Place


def bar(place: Place, seconds: int, runs: Callable[[], Sequence[CollectorRun]], clock: Callable[[], int],
        places: Sequence[Place] = ()) -> None:
    """Place, time range (both bound to the link) and a freshness that renews itself every `seconds`."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small",
                      key="bar"):
        st.segmented_control("Time range", list(RANGES), default=DEFAULT_RANGE, required=True, key=state.RANGE,
                             bind="query-params", label_visibility="collapsed")
        place_picker.choose(places, place)
        every = len(places) if state.all_places() else 1
        with st.container(width="content"):
            live(seconds, lambda: told(place, runs(), clock(), every))


def told(place: Place, runs: Sequence[CollectorRun], now: int, places: int = 1) -> None:
    where = f"{phrasing.plain_markdown(place.account)} · {phrasing.plain_markdown(place.region)}"
    where = where if places == 1 else phrasing.plural(places, "place")
    zone = phrasing.zone_name(now, state.zone())
    st.markdown(f":small[:gray[{where} · {zone} ·] {reading(runs, now)}]")


def reading(runs: Sequence[CollectorRun], now: int) -> str:
    """How fresh the page is, as coloured Markdown with a shape: live, late, or never read."""
    if not runs:
        return ":gray[:material/radio_button_unchecked: no collector has run yet]"
    newest = max(run.finished_at for run in runs)
    late = [run for run in runs if freshness.late(run, now)]
    if late and len(late) == len(runs):
        return f":orange[:material/schedule: stale, last read {phrasing.ago(newest, now)}]"
    if late:
        names = ", ".join(dict.fromkeys(phrasing.plain_markdown(run.collector) for run in late))
        return f":orange[:material/schedule: partly stale: {names}]"
    if any(run.problems for run in runs):
        return f":orange[:material/warning: live with problems, {phrasing.ago(newest, now)}]"
    return f":green[:material/check_circle: live, {phrasing.ago(newest, now)}]"
