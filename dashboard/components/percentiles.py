"""Percentiles in one line, or how few samples there are."""

from __future__ import annotations

import streamlit as st

from dashboard import phrasing
from store.histogram import MIN_SAMPLES, Histogram

QUANTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


def percentiles(*named: tuple[str, Histogram]) -> None:
    """One caption: each histogram's p50, p95 and p99."""
    st.caption(" · ".join(words(name, histogram) for name, histogram in named if histogram.n))


def words(name: str, histogram: Histogram) -> str:
    if histogram.n < MIN_SAMPLES:
        return f"{name}: n = {histogram.n}, too few for percentiles"
    values = ", ".join(f"{label} {phrasing.duration(histogram.percentile(q))}" for label, q in QUANTILES)
    return f"{name}: {values} (n = {phrasing.count(histogram.n)})"
