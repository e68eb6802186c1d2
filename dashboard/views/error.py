"""One error group: its stack, how often it strikes, and invocations that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import charts, clients, links, phrasing, reads, state
from dashboard.components.empty import empty
from dashboard.components.groups_table import title, versions
from dashboard.components.invocation_detail import invocations_table
from dashboard.components.live import live
from dashboard.components.metrics_row import Metric, metrics_row
from dashboard.components.triage import triage_bar
from dashboard.summaries import steps
from dashboard.windows import Window
from store.clients import Connection
from store.records import Deploy, ErrorGroup, KeptInvocation
from store.rollups import Rollup

STACK_PX = 360


@dataclass(frozen=True, slots=True)
class Error:
    window: Window
    group: ErrorGroup
    steps: Sequence[Rollup]
    samples: Sequence[KeptInvocation]
    deploys: Sequence[Deploy]


def page() -> None:
    connection = clients.connection()
    fingerprint = state.fingerprint()
    group = reads.group(connection, fingerprint) if fingerprint else None
    if group is None:
        st.title("Error")
        empty("This link names no known error", "It may belong to another account or region.", ":material/link_off:")
        links.to("errors", "All errors", icon=":material/arrow_back:")
        return
    head(connection, group)
    live(connection.settings.refresh_seconds,
         lambda: _draw(fetch(connection, fingerprint, state.current_window(connection.clock()))))


def head(connection: Connection, group: ErrorGroup) -> None:
    """What does not change by itself."""
    with st.container(horizontal=True, gap="small"):
        links.to("errors", "Errors", icon=":material/arrow_back:")
        links.to("function", phrasing.plain_markdown(group.function), icon=":material/function:", name=group.function)
    st.title(phrasing.plain_markdown(title(group), 200), anchor=False)
    triage_bar(connection, group, state.zone())


def _draw(data: Error | None) -> None:
    if data is not None:
        render(data)


def fetch(connection: Connection, fingerprint: str, window: Window) -> Error | None:
    group = reads.group(connection, fingerprint)
    if group is None:
        return None
    parts = reads.function_parts(connection, group.function, window)
    return Error(window, group, steps(connection.place, window, parts), reads.samples(connection, fingerprint),
                 reads.deploys(connection, group.function, window.start, window.end))


def render(data: Error) -> None:
    group = data.group
    _facts(data)
    paper = charts.Paper(data.window, state.zone(), state.is_dark())
    counts = [step.groups.get(group.fingerprint, 0) for step in data.steps]
    st.plotly_chart(charts.group_count(paper, counts, data.deploys), theme=None, key="error_chart",
                    config=charts.CONFIG, alt="How often this error struck over time")
    _stack(group)
    st.subheader("Invocations that show it")
    if not data.samples:
        empty("No sample is kept", "Samples are kept for 15 days.", ":material/inbox:")
        return
    invocations_table(data.samples, "error_samples", state.zone(), data.window.now)


def _facts(data: Error) -> None:
    group, now = data.group, data.window.now
    counts = [step.groups.get(group.fingerprint, 0) for step in data.steps]
    invocations = sum(step.invocations for step in data.steps)
    share = phrasing.rate(sum(counts) / invocations) if invocations else phrasing.NONE
    metrics_row([
        Metric(f"Times in the last {data.window.label}", phrasing.count(sum(counts)), colour="red"),
        Metric("Share of invocations", share),
        Metric("Last seen", phrasing.ago(group.last_seen, now), help=phrasing.moment(group.last_seen, state.zone())),
        Metric("First seen", phrasing.ago(group.first_seen, now),
               help=phrasing.moment(group.first_seen, state.zone())),
        Metric("Versions", versions(group)),
    ])


def _stack(group: ErrorGroup) -> None:
    st.subheader("Stack of the latest")
    if not group.stack:
        message = "A process that was stopped leaves no stack." if group.status not in ("error",) else (
            "The function logged no stack for it.")
        st.caption(message)
        return
    tall = len(group.stack.splitlines()) > 16
    st.code(group.stack, language=None, wrap_lines=True, height=STACK_PX if tall else "content")
