"""Is anything wrong? Worst first, against the period before, one click from the cause."""

from __future__ import annotations

import streamlit as st

from dashboard import charts, clients, links, phrasing, prices, state
from dashboard.components import functions_table, headline
from dashboard.components.empty import empty
from dashboard.components.findings_list import findings_list
from dashboard.components.live import live
from dashboard.components.metrics_row import Metric, metrics_row
from dashboard.components.row_link import row_link, slot
from dashboard.components.tables import table
from dashboard.overviews import Overview, fetch


def page() -> None:
    connection = clients.connection()
    st.title("Overview")
    live(connection.settings.refresh_seconds,
         lambda: render(fetch(connection, state.current_window(connection.clock()))))


def render(data: Overview) -> None:
    if not data.fleet.functions and not data.inventory:
        empty("No invocation has been read yet",
              "Functions appear here a minute or two after they run. Health says what the collectors saw.",
              ":material/hourglass_empty:")
        links.to("health", "Health", icon=":material/ecg_heart:")
        return
    metrics_row(metrics(data))
    st.subheader("Needs attention")
    findings_list(data.findings, data.window.label)
    _functions(data)
    _trend(data)


def metrics(data: Overview) -> list[Metric]:
    infos = {info.name: info for info in data.inventory}
    dollars = prices.fleet_cost([(one.total, infos.get(one.function)) for one in data.fleet.functions])
    known = [waiting for _, waiting in data.queues if waiting is not None]
    letters = phrasing.compact(sum(known)) if known else phrasing.NONE
    return [
        *headline.traffic(data.window, data.fleet.whole, data.before, data.fleet.steps),
        Metric("Dead letters", letters, f"in {phrasing.plural(sum(map(bool, known)), 'queue')}" if any(known) else None,
               colour="violet", arrow=False, help="Waiting for somebody now, whatever the time range."),
        Metric("Compute cost", phrasing.money(dollars),
               help=f"Estimate at us-east-1 list prices of {prices.AS_OF}, without free tier."),
    ]


def _functions(data: Overview) -> None:
    st.subheader("Functions")
    if not data.fleet.functions:
        empty(f"No function ran in the last {data.window.label}", "Choose a longer time range.", ":material/bedtime:")
        return
    frame = functions_table.rows(data.fleet.functions, {info.name: info for info in data.inventory})
    room = slot()
    row = table(frame, "overview_functions", functions_table.columns(state.is_dark()),
                "Functions, worst first, with errors, invocations, durations and cold starts")
    chosen = None if row is None else data.fleet.functions[row].function
    row_link(room, "function", chosen, name=chosen or "")


def _trend(data: Overview) -> None:
    st.subheader("Trend")
    paper = charts.Paper(data.window, state.zone(), state.is_dark())
    st.plotly_chart(charts.trend(paper, data.fleet.steps, data.deploys), theme=None, key="overview_trend",
                    config=charts.CONFIG, alt=f"Failures and invocations over the last {data.window.label}")
