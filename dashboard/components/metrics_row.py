"""The row of headline numbers: value, change against the period before, sparkline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True, slots=True)
class Metric:
    """One number. `colour` is a Streamlit colour with our meaning, `gray` while there is no trouble."""

    label: str
    value: str
    delta: str | None = None
    against: str | None = None
    colour: str = "gray"
    spark: Sequence[float] = ()
    help: str = ""
    arrow: bool = True


def metrics_row(metrics: Sequence[Metric], columns: int | None = None) -> None:
    """All in one row while they fit; two a row on a phone."""
    with st.grid(columns or len(metrics), min_column_width=150, gap="small"):
        for metric in metrics:
            st.metric(metric.label, metric.value, metric.delta, delta_color=metric.colour,  # type: ignore[arg-type]
                      delta_arrow="auto" if metric.arrow else "off",
                      delta_description=metric.against if metric.delta else None,
                      chart_data=list(metric.spark) if metric.spark else None, chart_type="area",
                      help=metric.help or None, height="stretch")
