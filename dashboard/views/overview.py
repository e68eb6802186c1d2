"""Is anything wrong? Worst first, against the period before, one click from the cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import attention, charts, clients, links, phrasing, prices, reads, state
from dashboard.attention import Finding
from dashboard.components import functions_table, headline
from dashboard.components.empty import empty
from dashboard.components.findings_list import findings_list
from dashboard.components.live import live
from dashboard.components.metrics_row import Metric, metrics_row
from dashboard.components.row_link import row_link, slot
from dashboard.components.tables import table
from dashboard.summaries import Fleet
from dashboard.windows import Window
from store.clients import Connection
from store.records import Deploy, FunctionInfo
from store.recovery import Queue
from store.rollups import Rollup

MARKED = 5
"""Deploys are drawn for this many of the worst functions."""


@dataclass(frozen=True, slots=True)
class Overview:
    window: Window
    fleet: Fleet
    before: Rollup
    inventory: Sequence[FunctionInfo]
    queues: Sequence[tuple[Queue, int | None]]
    findings: Sequence[Finding]
    deploys: Sequence[Deploy]


def page() -> None:
    connection = clients.connection()
    st.title("Overview")
    live(connection.settings.refresh_seconds,
         lambda: render(fetch(connection, state.current_window(connection.clock()))))


def fetch(connection: Connection, window: Window) -> Overview:
    fleet = reads.overview(connection, window)
    inventory, queues = reads.inventory(connection), reads.dead_letter_queues(connection)
    found = attention.findings(fleet, window, inventory, reads.groups(connection), queues)
    failing = [summary.function for summary in fleet.functions if summary.total.failures][:MARKED]
    deploys = [deploy for name in failing for deploy in reads.deploys(connection, name, window.start, window.end)]
    return Overview(window, fleet, reads.before(connection, window.previous), inventory, queues, found, deploys)


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
