"""Records to Plotly figures. Pure: no Streamlit, no reading; both modes from one palette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import reduce
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import palette, phrasing
from dashboard.windows import Window
from store.histogram import MIN_SAMPLES, Histogram
from store.records import Deploy, MetricPoint, MetricSeries
from store.rollups import Rollup

FAILURES = (
    ("error", "errors", palette.ERROR, ""),
    ("crash", "crashes", palette.ERROR, "\\"),
    ("timeout", "timeouts", palette.TIMEOUT, "/"),
    ("oom", "out of memory", palette.OUT_OF_MEMORY, "x"),
)
"""Status, name, colour, and a pattern that tells them apart without hue."""
CONFIG = {"displayModeBar": False}
"""Charts here are for reading; a toolbar over each would be louder than the data."""
STRETCHES = (1, 5, 15, 30)
"""Steps put together for percentiles."""
LABELLED_DEPLOYS = 6
"""More version labels than this over one chart overlap."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What every chart of a page is drawn on: one time axis, one zone, one mode."""

    window: Window
    zone: tzinfo
    dark: bool

    def at(self, ms: int) -> datetime:
        """Local time without its zone: Plotly would turn it into UTC otherwise."""
        return phrasing.local(ms, self.zone).replace(tzinfo=None)

    @property
    def times(self) -> list[datetime]:
        return [self.at(start) for start in self.window.starts]

    def ink(self, shade: palette.Shade) -> str:
        return shade.on(self.dark)


def trend(paper: Paper, steps: Sequence[Rollup], deploys: Sequence[Deploy] = (), height: int = 300) -> go.Figure:
    """Failures by kind over invocations, on one time axis."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.56, 0.44], vertical_spacing=0.09)
    for status, name, shade, pattern in FAILURES:
        counts = [step.by_status.get(status, 0) for step in steps]
        if any(counts) or status == "error":
            figure.add_trace(_bars(paper, name, counts, shade, pattern), row=1, col=1)
    volume = [step.invocations for step in steps]
    figure.add_trace(_bars(paper, "invocations", volume, palette.VOLUME), row=2, col=1)
    figure.update_yaxes(title_text="failures", **_counted(figure, "y"), row=1, col=1)
    figure.update_yaxes(title_text="invocations", **_counted(figure, "y2"), row=2, col=1)
    return _styled(figure, paper, height, deploys)


def durations(paper: Paper, steps: Sequence[Rollup], deploys: Sequence[Deploy] = ()) -> go.Figure:
    """p50, p95 and p99 per stretch of steps, as long as it takes to hold 20 values; shorter ones have no point."""
    figure, size = go.Figure(), stretch(steps)
    merged = merge([step.duration for step in steps], size)
    for (q, name), shade in zip(((0.5, "p50"), (0.95, "p95"), (0.99, "p99")), palette.SERIES, strict=False):
        values = [histogram.percentile(q) for histogram in merged]
        words = [phrasing.duration(value) for value in values]
        figure.add_trace(_line(paper, name, values, shade, words, paper.times[::size]))
    figure.update_yaxes(title_text="ms", rangemode="tozero")
    return _styled(figure, paper, 240, deploys)


def cold_starts(paper: Paper, steps: Sequence[Rollup], deploys: Sequence[Deploy] = ()) -> go.Figure:
    """Cold starts per step, SnapStart restores told apart by pattern."""
    figure = go.Figure()
    restores = [step.restores for step in steps]
    inits = [step.cold_starts - step.restores for step in steps]
    figure.add_trace(_bars(paper, "cold starts", inits, palette.COLD))
    if any(restores):
        figure.add_trace(_bars(paper, "restores", restores, palette.COLD, "/"))
    figure.update_yaxes(title_text="starts", **_counted(figure))
    return _styled(figure, paper, 240, deploys)


def memory(paper: Paper, steps: Sequence[Rollup], deploys: Sequence[Deploy] = ()) -> go.Figure:
    """The most memory used per step, under the line of what is configured."""
    figure = go.Figure()
    used = [step.max_memory_mb for step in steps]
    configured = [step.memory_mb for step in steps]
    figure.add_trace(_line(paper, "most used", used, palette.SERIES[0], [phrasing.megabytes(mb) for mb in used]))
    limit = _line(paper, "configured", configured, palette.NEUTRAL, [phrasing.megabytes(mb) for mb in configured])
    limit.line.dash = "dot"
    limit.connectgaps = True
    figure.add_trace(limit)
    figure.update_yaxes(title_text="MB", rangemode="tozero")
    return _styled(figure, paper, 240, deploys)


def group_count(paper: Paper, counts: Sequence[int], deploys: Sequence[Deploy] = ()) -> go.Figure:
    """How often one error group struck per step."""
    figure = go.Figure(_bars(paper, "errors", counts, palette.ERROR))
    figure.update_yaxes(title_text="errors", **_counted(figure))
    return _styled(figure, paper, 200, deploys)


def metric(paper: Paper, series: MetricSeries, points: Sequence[MetricPoint]) -> go.Figure:
    """A custom metric: counts as sums, everything else as the mean of each minute."""
    counted = series.unit == "Count"
    values = [point.total if counted or not point.count else point.total / point.count for point in points]
    times = [paper.at(point.at) for point in points]
    ink = paper.ink(palette.SERIES[0])
    trace: Any = go.Bar(x=times, y=values, name=series.name, marker_color=ink) if counted else go.Scatter(
        x=times, y=values, name=series.name, mode="lines+markers", marker_size=4, line={"color": ink, "width": 1.5})
    figure = go.Figure(trace)
    figure.update_yaxes(title_text=series.unit.lower(), rangemode="tozero")
    return _styled(figure, paper, 150).update_layout(showlegend=False, margin_t=6)


def _bars(paper: Paper, name: str, counts: Sequence[int], shade: palette.Shade, pattern: str = "") -> go.Bar:
    ink = paper.ink(shade)
    marker = {"color": ink, "line": {"width": 0},
              "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": paper.ink(palette.BACKGROUND),
                          "solidity": 0.25, "size": 5}}
    return go.Bar(x=paper.times, y=list(counts), name=name, marker=marker, offset=0,
                  width=paper.window.span.ms * 0.9, hovertemplate="%{y:,}")


def _line(paper: Paper, name: str, values: Sequence[float | None], shade: palette.Shade,
          words: Sequence[str], times: Sequence[datetime] | None = None) -> go.Scatter:
    return go.Scatter(
        x=paper.times if times is None else times, y=list(values), name=name, text=list(words), mode="lines+markers",
        marker={"size": 4}, line={"color": paper.ink(shade), "width": 1.5}, hovertemplate="%{text}",
    )


def stretch(steps: Sequence[Rollup]) -> int:
    """How many neighbouring steps are put together so that most stretches that ran hold enough for percentiles."""
    for size in STRETCHES:
        counts = [histogram.n for histogram in merge([step.duration for step in steps], size) if histogram.n]
        if sum(count >= MIN_SAMPLES for count in counts) * 2 > len(counts):
            return size
    return STRETCHES[-1]


def merge(histograms: Sequence[Histogram], size: int) -> list[Histogram]:
    """Neighbours put together, `size` at a time."""
    return [reduce(Histogram.merge, histograms[start:start + size], Histogram())
            for start in range(0, len(histograms), size)]


def _counted(figure: go.Figure, axis: str = "y") -> dict[str, Any]:
    """A scale of whole numbers from zero, also when every count is zero or small."""
    stacks = zip(*(trace.y for trace in figure.data if (trace.yaxis or "y") == axis), strict=True)
    tallest = max((sum(stack) for stack in stacks), default=0)
    if tallest == 0:
        return {"range": [0, 2], "dtick": 1}
    return {"rangemode": "tozero", "dtick": 1} if tallest <= 3 else {"rangemode": "tozero"}


def _styled(figure: go.Figure, paper: Paper, height: int, deploys: Sequence[Deploy] = ()) -> go.Figure:
    grid, text = paper.ink(palette.GRID), paper.ink(palette.NEUTRAL)
    figure.update_layout(
        height=height, barmode="stack", bargap=0, hovermode="x unified", dragmode=False,
        margin={"l": 8, "r": 8, "t": 30, "b": 40}, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "'Source Sans', sans-serif", "size": 12, "color": text}, showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
        hoverlabel={"bgcolor": paper.ink(palette.RAISED), "font": {"color": paper.ink(palette.TEXT), "size": 12}},
    )
    figure.update_xaxes(range=[paper.at(paper.window.start), paper.at(paper.window.end)], showgrid=False,
                        linecolor=grid, ticks="", tickformatstops=_ticks(), fixedrange=True)
    figure.update_yaxes(gridcolor=grid, zeroline=False, fixedrange=True, nticks=4, automargin=True,
                        title_font={"size": 11}, title_standoff=4)
    _mark(figure, paper, deploys)
    return figure


def _mark(figure: go.Figure, paper: Paper, deploys: Sequence[Deploy]) -> None:
    """A dotted line where code or configuration changed, with the version while the labels fit."""
    shown = [deploy for deploy in deploys if paper.window.start <= deploy.at < paper.window.end]
    for deploy in shown:
        label = (f"v{deploy.version}" if deploy.code else "config") if len(shown) <= LABELLED_DEPLOYS else ""
        at = paper.at(deploy.at)
        figure.add_vline(x=at, line={"width": 1, "dash": "dot", "color": paper.ink(palette.NEUTRAL)})
        figure.add_annotation(x=at, y=1, yref="paper", text=label, showarrow=False, xanchor="left", yanchor="top",
                              font={"size": 11})


def _ticks() -> list[dict[str, Any]]:
    """24-hour clock, no seconds, no year."""
    return [{"dtickrange": [None, 43_200_000], "value": "%H:%M\n%-d %b"},
            {"dtickrange": [43_200_001, None], "value": "%-d %b"}]
