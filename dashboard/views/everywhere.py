"""The overview of all accounts and regions at once: which one is in trouble, and of what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from dashboard import charts, clients, freshness, overviews, palette, phrasing, prices, reads, state
from dashboard.components import functions_table, headline
from dashboard.components.findings_list import findings_list
from dashboard.components.live import live
from dashboard.components.metrics_row import Metric, metrics_row
from dashboard.components.place_picker import way_to
from dashboard.components.row_link import row_link, slot
from dashboard.components.tables import table
from dashboard.overviews import Overview
from dashboard.summaries import Fleet, Summary, merged, squeezed
from dashboard.windows import Window
from store.clients import Connection
from store.records import CollectorRun, FunctionInfo, Place
from store.rollups import Rollup, Span, total

MANY = 300
"""Functions listed; the rest is reached through their places."""


@dataclass(frozen=True, slots=True)
class Everywhere:
    """One overview per place, home first, and how its collectors do."""

    window: Window
    overviews: Mapping[Place, Overview]
    runs: Mapping[Place, Sequence[CollectorRun]]
    now: int

    @property
    def fleet(self) -> Fleet:
        return merged(self.window, [one.fleet for one in self.overviews.values()])

    @property
    def before(self) -> Rollup:
        return total(Place("", ""), "", self.window.previous.start, Span.DAY,
                     (one.before for one in self.overviews.values()))


def page() -> None:
    connection = clients.connection()
    places = reads.places(connection)
    st.title("Overview")
    live(connection.settings.refresh_seconds,
         lambda: render(fetch(connection, places, state.current_window(connection.clock()))))


def fetch(connection: Connection, places: Sequence[Place], window: Window) -> Everywhere:
    there = {place: connection.at(place) for place in places}
    return Everywhere(window, {place: overviews.fetch(one, window) for place, one in there.items()},
                      {place: reads.runs(one) for place, one in there.items()}, connection.clock())


def render(data: Everywhere) -> None:
    fleet = data.fleet
    metrics_row(_metrics(data, fleet))
    st.subheader("Accounts and regions")
    _places(data)
    st.subheader("Needs attention")
    found = [replace(finding, place=state.place_name(place))
             for place, one in data.overviews.items() for finding in one.findings]
    findings_list(sorted(found, key=lambda finding: -finding.weight), data.window.label)
    _functions(data, fleet)
    st.subheader("Trend")
    paper = charts.Paper(data.window, state.zone(), state.is_dark())
    st.plotly_chart(charts.trend(paper, fleet.steps), theme=None, key="everywhere_trend", config=charts.CONFIG,
                    alt=f"Failures and invocations in all places over the last {data.window.label}")


def _metrics(data: Everywhere, fleet: Fleet) -> list[Metric]:
    letters = [waiting for one in data.overviews.values() for _, waiting in one.queues if waiting is not None]
    dollars = [cost for one in data.overviews.values() if (cost := _cost(one)) is not None]
    return [
        *headline.traffic(data.window, fleet.whole, data.before, fleet.steps),
        Metric("Dead letters", phrasing.compact(sum(letters)) if letters else phrasing.NONE, colour="violet",
               arrow=False, help="Waiting for somebody now, whatever the time range."),
        Metric("Compute cost", phrasing.money(sum(dollars) if dollars else None),
               help=f"Estimate at us-east-1 list prices of {prices.AS_OF}, without free tier."),
    ]


def _places(data: Everywhere) -> None:
    ordered = sorted(data.overviews.items(), key=lambda one: (-one[1].fleet.whole.failures, one[0]))
    config = st.column_config
    room = slot()
    row = table(places_frame(ordered, data), "everywhere_places", {
        "account": config.TextColumn("account", width=120),
        "region": config.TextColumn("region", width=110),
        "state": config.TextColumn("collectors", width=160),
        "functions": config.NumberColumn("active functions", format="%,d", width=115),
        "failures": config.NumberColumn("errors", format="%,d", width=70),
        "rate": config.NumberColumn("rate", format=functions_table.PERCENT, width=60),
        "failing": config.BarChartColumn("over time", width=100, y_min=0, color=palette.ERROR.on(state.is_dark())),
        "invocations": config.NumberColumn("invocations", format="%,d", width=95),
        "letters": config.NumberColumn("dead letters", format="%,d", width=90),
        "cost": config.NumberColumn("cost", format="~$%.3f", width=80),
    }, "Accounts and regions, most errors first")
    with room:
        if row is None:
            st.caption("Click a row to choose it.")
        else:
            way_to(ordered[row][0])


def places_frame(ordered: Sequence[tuple[Place, Overview]], data: Everywhere) -> pd.DataFrame:
    """One row a place, in the order given."""
    return pd.DataFrame([{
        "account": place.account,
        "region": place.region,
        "state": collectors_words(data.runs.get(place, ()), data.now),
        "functions": len(one.fleet.functions),
        "failures": one.fleet.whole.failures,
        "rate": None if one.fleet.whole.failure_rate is None else one.fleet.whole.failure_rate * 100,
        "failing": squeezed([step.failures for step in one.fleet.steps]),
        "invocations": one.fleet.whole.invocations,
        "letters": sum(waiting or 0 for _, waiting in one.queues),
        "cost": _cost(one),
    } for place, one in ordered])


def collectors_words(runs: Sequence[CollectorRun], now: int) -> str:
    """How the collectors of one place do, with a shape."""
    problems = sum(len(run.problems) for run in runs)
    if not runs:
        return "○ only pushed"
    if all(freshness.late(run, now) for run in runs):
        return f"● stale, {phrasing.ago(max(run.finished_at for run in runs), now)}"
    return f"▲ {phrasing.plural(problems, 'problem')}" if problems else "○ running"


def _functions(data: Everywhere, fleet: Fleet) -> None:
    st.subheader("Functions")
    shown = fleet.functions[:MANY]
    infos = {place: {info.name: info for info in one.inventory} for place, one in data.overviews.items()}
    rows = functions_table.rows(shown, {})
    known = [_info(infos, one) for one in shown]
    rows.insert(1, "place", [state.place_name(one.total.place) for one in shown])
    rows["cost"] = [prices.cost(one.total, info.architecture if info else None)
                    for one, info in zip(shown, known, strict=True)]
    columns = functions_table.columns(state.is_dark()) | {"place": st.column_config.TextColumn("place", width=185)}
    room = slot()
    row = table(rows, "everywhere_functions", columns, "Functions of all places, worst first")
    chosen = None if row is None else shown[row]
    row_link(room, "function", chosen.function if chosen else None, name=chosen.function if chosen else "",
             place=state.place_name(chosen.total.place) if chosen else "")


def _info(infos: Mapping[Place, Mapping[str, FunctionInfo]], one: Summary) -> FunctionInfo | None:
    return infos.get(one.total.place, {}).get(one.function)


def _cost(one: Overview) -> float | None:
    known = {info.name: info for info in one.inventory}
    return prices.fleet_cost([(found.total, known.get(found.function)) for found in one.fleet.functions])
