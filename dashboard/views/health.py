"""Can these numbers be believed? When collectors last ran, what they could not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import clients, freshness, phrasing, reads, state
from dashboard.components.empty import empty
from dashboard.components.live import live
from dashboard.components.tables import plain_table, table
from store.clients import Connection
from store.clock import DAY_MS, MINUTE_MS, floor_to
from store.drift import Drift, DriftState
from store.readings import SourceReading
from store.records import CollectorRun, Place, Unrecognised

DRIFT_MARKS = {DriftState.MISSING: "▲", DriftState.EXPLAINED: "◆", DriftState.MORE: "◆", DriftState.HEALED: "○"}
NO_DIFFERENCES = """
- **Throttled requests** are no invocations and leave no log line. CloudWatch counts them apart, as Throttles.
- **Asynchronous events that Lambda dropped** never ran, so neither side counts them.
- **Each try** of an asynchronous event is an invocation of its own, on both sides, with the same request id.
- **A timeout** is an error on both sides, and so is a crash or running out of memory.
- **A message that failed within a batch** is no error: the invocation itself went well.
- **Environments made ahead of need** log an init and no invocation.
- **Successes without a line**: with JSON logs and system log level WARN only failures are written. That is a
  difference, and is named as the reason.
- **The hour that is running**, and the one before it, are compared when metrics and logs had time to arrive.
"""
BEHIND_MS = 10 * MINUTE_MS
"""CloudWatch delivers within a minute or two; more than ten is a backlog."""


@dataclass(frozen=True, slots=True)
class Health:
    runs: Sequence[CollectorRun]
    groups: Sequence[SourceReading]
    drifts: Sequence[Drift]
    unrecognised: Sequence[Unrecognised]
    now: int
    place: Place | None = None
    """What is below the collectors is of this place; they are of all."""


def page() -> None:
    connection = clients.connection()
    st.title("Health")
    live(connection.settings.refresh_seconds, lambda: render(fetch(connection)))


def fetch(connection: Connection) -> Health:
    now = connection.clock()
    today = floor_to(now, DAY_MS)
    samples = [*reads.unrecognised(connection, today), *reads.unrecognised(connection, today - DAY_MS)]
    samples.sort(key=lambda one: -one.at)
    drifts = reads.drifts(connection, today - 6 * DAY_MS, today + DAY_MS)
    runs = [run for place in reads.places(connection) for run in reads.runs(connection.at(place))]
    return Health(runs, reads.log_groups(connection), drifts, samples, now, connection.place)


def render(data: Health) -> None:
    st.subheader("Collectors")
    _collectors(data)
    if data.place and _several(data.runs):
        st.caption(f"Below: {phrasing.plain_markdown(state.place_name(data.place))}.")
    st.subheader("Log groups")
    _log_groups(data)
    st.subheader("Logs against CloudWatch's metrics")
    _drifts(data)
    st.subheader("What could not be read")
    _unrecognised(data)


def _collectors(data: Health) -> None:
    if not data.runs:
        empty("No collector has run yet", "They run once a minute from their schedules. If this stays, look at the "
              "logs of the collect functions.", ":material/hourglass_empty:")
        return
    runs = sorted(data.runs, key=lambda run: run.finished_at)
    config = st.column_config
    plain_table(frame(runs, data.now), {
        "place": config.TextColumn("place", width=185),
        "collector": config.TextColumn("collector", width=130),
        "state": config.TextColumn("state", width=160),
        "last": config.TextColumn("last run", width=100),
        "took": config.TextColumn("took", width=80, alignment="right"),
        "read": config.NumberColumn("read", format="%,d", width=80),
        "wrote": config.NumberColumn("wrote", format="%,d", width=80),
        "unrecognised": config.NumberColumn("unrecognised", format="%,d", width=105),
        "behind": config.TextColumn("behind", width=90, alignment="right",
                                    help="Age of the newest event that was read"),
        "calls": config.NumberColumn("calls", format="%,d", width=75,
                                     help="Calls to AWS that grow with what is collected"),
        "paid": config.NumberColumn("paid metrics", format="%,d", width=95,
                                    help="Metrics asked of CloudWatch, $0.01 a thousand"),
    }, "Collectors and their last runs")
    for (place, problem), collectors in _problems(runs).items():
        where = f" in {phrasing.plain_markdown(state.place_name(place))}" if _several(runs) else ""
        names = ", ".join(phrasing.plain_markdown(name) for name in collectors)
        st.warning(f"**{names}{where}**: {phrasing.plain_markdown(problem, 400)}", icon=":material/warning:")


def _problems(runs: Sequence[CollectorRun]) -> dict[tuple[Place, str], list[str]]:
    """Each problem once with the collectors it stopped: a role that does not open stops them all."""
    found: dict[tuple[Place, str], list[str]] = {}
    for run in runs:
        for problem in run.problems:
            found.setdefault((run.place, problem), []).append(run.collector)
    return found


def frame(runs: Sequence[CollectorRun], now: int) -> pd.DataFrame:
    several = _several(runs)
    return pd.DataFrame([{
        **({"place": state.place_name(run.place)} if several else {}),
        "collector": run.collector,
        "state": state_words(run, now),
        "last": phrasing.ago(run.finished_at, now),
        "took": phrasing.duration(run.took_ms),
        "read": run.read,
        "wrote": run.wrote,
        "unrecognised": run.unrecognised,
        "behind": phrasing.duration(run.behind_ms),
        "calls": run.calls or None,
        "paid": run.paid_metrics or None,
    } for run in runs])


def _several(runs: Sequence[CollectorRun]) -> bool:
    return len({run.place for run in runs}) > 1


def _log_groups(data: Health) -> None:
    if not data.groups:
        empty("No log group has been read yet", "The log collector lists every group whose name begins with "
              "LAMPLIGHT_LOG_GROUP_PREFIXES. If this stays, look at its problems above.", ":material/hourglass_empty:")
        return
    config = st.column_config
    plain_table(groups_frame(data.groups), {
        "group": config.TextColumn("log group", width=320),
        "state": config.TextColumn("state", width=110),
        "lag": config.TextColumn("lag", width=80, alignment="right",
                                 help="How far what is read was behind the present when the group was last tried"),
        "events": config.NumberColumn("events", format="%,d", width=80, help="Log events read in the last run"),
        "problem": config.TextColumn("what stood in the way", width=420),
    }, "Log groups and how far they are read", "health_groups")


def _drifts(data: Health) -> None:
    if not data.drifts:
        empty("No difference known", "Every hour of the last seven days that could be compared holds the invocations, "
              "errors and durations that CloudWatch counted.")
        _no_differences()
        return
    st.caption("Hours of the last seven days, by when invocations began. An hour that lacks some is read again, three "
               "times at most.")
    config, zone = st.column_config, state.zone()
    rows = drifts_frame(data.drifts, zone)
    row = table(rows, "health_drifts", {
        "hour": config.DatetimeColumn("hour", format="D MMM HH:mm", width=100),
        "function": config.TextColumn("function", width=170),
        "state": config.TextColumn("state", width=130),
        "cloudwatch": config.NumberColumn("CloudWatch", format="%,d", width=90),
        "counted": config.NumberColumn("counted", format="%,d", width=80),
        "errors": config.NumberColumn("errors", format="%,d", width=70, help="CloudWatch's Errors"),
        "failures": config.NumberColumn("failures", format="%,d", width=75, help="Failures counted from logs"),
        "throttles": config.NumberColumn("throttles", format="%,d", width=80, help="Throttles leave no log line"),
        "why": config.TextColumn("why", width=300),
    }, "Hours in which logs and CloudWatch's metrics differ")
    st.caption("Click a row to read the whole of its reason." if row is None else phrasing.plain_markdown(
        f"{rows['function'].iloc[row]}: {rows['why'].iloc[row]}", 600))
    _no_differences()


def _no_differences() -> None:
    with st.expander("What looks different, and is not"):
        st.markdown(NO_DIFFERENCES)


def drifts_frame(drifts: Sequence[Drift], zone: tzinfo) -> pd.DataFrame:
    return pd.DataFrame([{
        "hour": phrasing.local(one.hour, zone),
        "function": phrasing.line(one.function),
        "state": f"{DRIFT_MARKS[one.state]} {one.state}",
        "cloudwatch": one.invocations,
        "counted": one.counted,
        "errors": one.errors,
        "failures": one.failures,
        "throttles": one.throttles,
        "why": one.why or _drift_words(one),
    } for one in drifts])


def _drift_words(one: Drift) -> str:
    return ("Complete since it was read again" if one.state is DriftState.HEALED
            else f"Read again {phrasing.plural(one.readings, 'time')} so far, will be once more")


def groups_frame(groups: Sequence[SourceReading]) -> pd.DataFrame:
    """Worst first: not readable, then by lag."""
    ordered = sorted(groups, key=lambda one: (one.problem is None, -(one.lag_ms or 0), one.source))
    return pd.DataFrame([{
        "group": phrasing.line(one.source),
        "state": _group_state(one),
        "lag": phrasing.duration(one.lag_ms),
        "events": one.events,
        "problem": phrasing.line(one.problem or ""),
    } for one in ordered])


def _group_state(one: SourceReading) -> str:
    if one.problem is not None:
        return "▲ not read"
    return "▲ behind" if one.lag_ms is not None and one.lag_ms > BEHIND_MS else "○ read"


def state_words(run: CollectorRun, now: int) -> str:
    if freshness.late(run, now):
        return "● stale"
    if run.problems:
        return f"▲ {phrasing.plural(len(run.problems), 'problem')}"
    return "▲ behind" if run.behind_ms is not None and run.behind_ms > BEHIND_MS else "○ running"


def _unrecognised(data: Health) -> None:
    if not data.unrecognised:
        empty("Everything was understood", "Lines and payloads nobody could read would be listed here, with why.")
        return
    st.caption("Counted, never guessed. Samples of today and yesterday (UTC), kept for 8 days.")
    config, zone = st.column_config, state.zone()
    row = table(_samples(data.unrecognised, zone), "health_samples", {
        "at": config.DatetimeColumn("at", format="D MMM HH:mm:ss", width=125),
        "source": config.TextColumn("source", width=220),
        "reason": config.TextColumn("why", width=260),
        "sample": config.TextColumn("sample", width=460),
    }, "Samples of what could not be read")
    if row is not None:
        st.code(data.unrecognised[row].sample, language=None, wrap_lines=True)


def _samples(found: Sequence[Unrecognised], zone: tzinfo) -> pd.DataFrame:
    return pd.DataFrame([{
        "at": phrasing.local(one.at, zone),
        "source": phrasing.line(one.source),
        "reason": phrasing.line(one.reason),
        "sample": phrasing.line(one.sample),
    } for one in found])
