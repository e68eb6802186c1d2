"""One function: how it ends, how long it takes, how it starts, what it needs, and why it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import advice, charts, clients, links, phrasing, prices, reads, state
from dashboard.advice import Advice
from dashboard.components import headline
from dashboard.components.configuration import configuration
from dashboard.components.empty import empty
from dashboard.components.groups_table import groups_table, struck
from dashboard.components.invocation_detail import invocations_table
from dashboard.components.live import live
from dashboard.components.metrics_row import Metric, metrics_row
from dashboard.components.percentiles import percentiles
from dashboard.summaries import memory_share, steps
from dashboard.windows import Window
from store.clients import Connection
from store.clock import DAY_MS, SECOND_MS, floor_to
from store.configured import Configuration
from store.records import Deploy, ErrorGroup, FunctionInfo, KeptInvocation, MetricPoint, MetricSeries
from store.rollups import Rollup, total

FUNCTION_DIMENSIONS = ("FunctionName", "function_name", "functionName")
SERVICE_DIMENSION = "service"
MANY_METRICS = 12
"""More charts than this are a page of their own."""
CHANGES_MS = 30 * DAY_MS
"""Changes are listed this far back, whatever the time range."""


@dataclass(frozen=True, slots=True)
class Function:
    window: Window
    name: str
    info: FunctionInfo | None
    whole: Rollup
    before: Rollup
    steps: Sequence[Rollup]
    deploys: Sequence[Deploy]
    groups: Sequence[ErrorGroup]
    kept: Sequence[KeptInvocation]
    metrics: Sequence[tuple[MetricSeries, Sequence[MetricPoint]]]
    parts: Configuration | None = None
    changes: Sequence[Deploy] = ()
    advice: Sequence[Advice] = ()


def page() -> None:
    connection = clients.connection()
    name = state.text("name")
    links.to("functions", "Functions", icon=":material/arrow_back:")
    if not name:
        st.title("Function")
        empty("This link names no function", "Choose one from the list.", ":material/link_off:")
        return
    st.title(phrasing.plain_markdown(name), anchor=False)
    live(connection.settings.refresh_seconds,
         lambda: render(fetch(connection, name, state.current_window(connection.clock()))))


def fetch(connection: Connection, name: str, window: Window) -> Function:
    parts = reads.function_parts(connection, name, window)
    groups = [group for group in reads.groups(connection) if group.function == name]
    return Function(
        window, name, reads.function(connection, name),
        total(connection.place, name, window.start, window.span, parts),
        reads.function_before(connection, name, window.previous),
        steps(connection.place, window, parts),
        reads.deploys(connection, name, window.start, window.end),
        groups,
        reads.kept(connection, name, window.start, window.end),
        [(series, reads.metric_points(connection, series, window.start, window.end))
         for series in reads.metric_series(connection) if belongs(series, name)][:MANY_METRICS],
        *_configured(connection, name, window),
    )


def _configured(connection: Connection, name: str,
                window: Window) -> tuple[Configuration, Sequence[Deploy], Sequence[Advice]]:
    info, parts = reads.function(connection, name), reads.configuration(connection, name)
    changes = reads.deploys(connection, name, floor_to(window.now, DAY_MS) - CHANGES_MS, window.end)
    queues = {queue.arn: queue for queue in reads.every_queue(connection)}
    return parts, changes, advice.of_function(info, parts, queues, window.now) if info else ()


def belongs(series: MetricSeries, function: str) -> bool:
    """Whether a series is about this function: a dimension names it, or the service its name begins with."""
    service = series.dimensions.get(SERVICE_DIMENSION, "")
    named = any(series.dimensions.get(dimension) == function for dimension in FUNCTION_DIMENSIONS)
    return named or bool(service) and (function == service or function.startswith(f"{service}-"))


def render(data: Function) -> None:
    _configuration(data)
    if not data.whole.invocations:
        known = data.info is not None
        empty(f"No invocation in the last {data.window.label}",
              "Choose a longer time range." if known else "No function of this name has been seen here.",
              ":material/bedtime:")
        _whole_configuration(data)
        return
    metrics_row(_metrics(data))
    _status(data.whole)
    _errors(data)
    _charts(data)
    _custom_metrics(data)
    _kept(data)
    _whole_configuration(data)


def _whole_configuration(data: Function) -> None:
    if data.info is not None and data.info.code_sha256 is not None:
        configuration(data.info, data.parts or Configuration(data.info.place, data.name), data.changes, data.advice,
                      data.window.now, state.zone())


def _configuration(data: Function) -> None:
    info = data.info
    if info is None:
        st.caption("Known from its logs only; its configuration has not been read.")
        return
    if info.deleted_at is not None:
        st.info(f"Deleted, noticed {phrasing.ago(info.deleted_at, data.window.now)}. What it did stays here.",
                icon=":material/delete:")
    facts = [
        info.runtime, info.architecture, phrasing.megabytes(info.memory_mb) if info.memory_mb else None,
        f"timeout {phrasing.duration(info.timeout_s * SECOND_MS)}" if info.timeout_s else None,
        f"version {info.version}" if info.version else None,
        f"changed {phrasing.ago(info.last_modified, data.window.now)}" if info.last_modified else None,
        f"reserved concurrency {info.reserved_concurrency}" if info.reserved_concurrency is not None else None,
        f"tracing {info.tracing}" if info.tracing else None,
        f"logs {info.log_format}" if info.log_format else None,
    ]
    st.caption(" · ".join(phrasing.plain_markdown(fact) for fact in facts if fact))


def _metrics(data: Function) -> list[Metric]:
    share = memory_share(data.whole)
    dollars = prices.cost(data.whole, data.info.architecture if data.info else None)
    return [
        *headline.traffic(data.window, data.whole, data.before, data.steps),
        Metric("Memory used", phrasing.rate(share), help="The most ever used, of what is configured."),
        Metric("Compute cost", phrasing.money(dollars),
               help=f"Estimate at us-east-1 list prices of {prices.AS_OF}, without free tier."),
    ]


def _status(whole: Rollup) -> None:
    colours = {"error": "red", "crash": "red", "timeout": "orange", "oom": "gray", "ok": "gray"}
    parts = [f":{colours[status]}[{phrasing.count(count)} {phrasing.STATUS_WORDS[status]}]"
             for status, count in sorted(whole.by_status.items(), key=lambda pair: -pair[1]) if count]
    st.markdown(" · ".join(parts))


def _errors(data: Function) -> None:
    found = [one for one in struck(data.groups, data.steps) if one.times]
    if found:
        st.subheader("Why it fails")
        groups_table(found, "function_groups", charts.Paper(data.window, state.zone(), state.is_dark()), of_one=True)


def _charts(data: Function) -> None:
    paper = charts.Paper(data.window, state.zone(), state.is_dark())
    drawn = (
        ("How it ends", charts.trend(paper, data.steps, data.deploys, 240), "Failures and invocations over time"),
        ("How long it takes", charts.durations(paper, data.steps, data.deploys), "Duration percentiles over time"),
        ("How it starts", charts.cold_starts(paper, data.steps, data.deploys), "Cold starts over time"),
        ("What it needs", charts.memory(paper, data.steps, data.deploys), "Memory used over time"),
    )
    with st.grid(2, min_column_width=360, gap="medium"):
        for number, (title, figure, alt) in enumerate(drawn):
            with st.container():
                st.subheader(title)
                st.plotly_chart(figure, theme=None, key=f"function_chart_{number}", config=charts.CONFIG, alt=alt)
    percentiles(("duration", data.whole.duration), ("init", data.whole.init))


def _custom_metrics(data: Function) -> None:
    drawn = [(series, points) for series, points in data.metrics if points]
    if not drawn:
        return
    st.subheader("Custom metrics")
    paper = charts.Paper(data.window, state.zone(), state.is_dark())
    with st.grid(3, min_column_width=300, gap="medium"):
        for number, (series, points) in enumerate(drawn):
            with st.container():
                st.caption(f"{phrasing.plain_markdown(series.name)} · {phrasing.plain_markdown(series.namespace)}")
                st.plotly_chart(charts.metric(paper, series, points), theme=None, key=f"function_metric_{number}",
                                config=charts.CONFIG, alt=f"{phrasing.line(series.name)} over time")


def _kept(data: Function) -> None:
    st.subheader("Failed, cold and slow invocations")
    if not data.kept:
        empty("None in this time range", "Ok ones are only counted.")
        return
    invocations_table(data.kept, "function_kept", state.zone(), data.window.now)
