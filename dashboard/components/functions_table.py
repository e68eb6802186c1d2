"""Functions as rows: what failed, how much, how slow, how cold, at what cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import palette, prices
from dashboard.summaries import Summary
from store.records import FunctionInfo

PERCENT = "%.1f %%"
MS = "%,.0f ms"
THIN = "Empty below 20 samples: too few to be honest about one."


def rows(summaries: Sequence[Summary], infos: Mapping[str, FunctionInfo]) -> pd.DataFrame:
    """One row a function, in the order given. Absent facts stay empty."""
    return pd.DataFrame([_row(summary, infos.get(summary.function)) for summary in summaries])


def _row(summary: Summary, info: FunctionInfo | None) -> dict[str, Any]:
    total = summary.total
    return {
        "name": summary.function,
        "failures": total.failures,
        "failure_rate": _percent(total.failure_rate),
        "failing": list(summary.failures),
        "invocations": total.invocations,
        "traffic": list(summary.invocations),
        "p50": total.duration.percentile(0.5),
        "p95": total.duration.percentile(0.95),
        "p99": total.duration.percentile(0.99),
        "cold": _percent(summary.cold_rate),
        "init": total.init.percentile(0.95),
        "memory": _percent(summary.memory_share),
        "cost": prices.cost(total, info.architecture if info else None),
        "version": summary.busiest_version or (info.version if info else None),
    }


def columns(dark: bool) -> dict[str, Any]:
    number, config = st.column_config.NumberColumn, st.column_config
    return {
        "name": config.TextColumn("function", width=150),
        "failures": number("errors", format="%,d", width=58, help="Errors, crashes, timeouts and out of memory"),
        "failure_rate": number("rate", format=PERCENT, width=56),
        "failing": config.BarChartColumn("over time", width=85, y_min=0, color=palette.ERROR.on(dark)),
        "invocations": number("invocations", format="%,d", width=82),
        "traffic": config.AreaChartColumn("traffic", width=80, y_min=0, color=palette.NEUTRAL.on(dark)),
        "p50": number("p50", format=MS, width=70, help=THIN),
        "p95": number("p95", format=MS, width=74, help=THIN),
        "p99": number("p99", format=MS, width=76, help=THIN),
        "cold": number("cold", format=PERCENT, width=58, help="Invocations that began with an init or a restore"),
        "init": number("init p95", format=MS, width=74, help=THIN),
        "memory": number("memory", format=PERCENT, width=68, help="Most memory ever used, of what is configured"),
        "cost": number("cost", format="~$%.3f", width=64,
                       help=f"Estimate from billed GB-seconds at us-east-1 list prices of {prices.AS_OF}"),
        "version": config.TextColumn("version", width=58, help="The version that served most invocations"),
        "runtime": config.TextColumn("runtime", width=100),
        "memory_mb": number("memory size", format="%,d MB", width=95),
        "timeout_s": number("timeout", format="%,d s", width=75),
        "architecture": config.TextColumn("arch", width=70),
        "changed": config.DatetimeColumn("last change", format="D MMM HH:mm", width=105),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100
