"""Every question the Watch and Account pages ask, once, with how long an answer may stand.

Answers are shared by everybody who looks at the same table and place. Nothing here depends on a role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.summaries import Fleet, comparable, fleet
from dashboard.windows import Window
from store import (
    alerts,
    audit_log,
    dead_letters,
    drift,
    error_groups,
    functions,
    health,
    invocations,
    metrics,
    minutes,
    queues,
    readings,
    rollups,
    standing,
)
from store import places as known_places
from store.alerts import Alert
from store.clients import Connection
from store.configured import Configuration
from store.drift import Drift
from store.readings import SourceReading
from store.records import (
    CollectorRun,
    Deploy,
    ErrorGroup,
    FunctionInfo,
    KeptInvocation,
    MetricPoint,
    MetricSeries,
    Place,
    Unrecognised,
)
from store.recovery import AuditEntry, Custody, Queue
from store.rollups import Rollup, Span
from store.standing import Standing

KEYED: dict[str | type[Any], Callable[[Any], Any]] = {
    Connection: lambda connection: (connection.table.name, str(connection.place)),
}
"""An answer belongs to a table and a place, not to the connection that fetched it."""
LIVE_S = 5
"""Below the default refresh of 10 s: people on the same page share one read, and nobody sees it late."""
INVENTORY_S = 60
"""Functions, deploys and metric names change with deploys; collectors look once a minute."""
PAST_S = 300
"""A period that is over only changes by late events, which are rare and small."""
MANY = 500
"""Cached answers kept per question: bounds memory, not what can be asked."""


@st.cache_data(ttl=LIVE_S, max_entries=50, hash_funcs=KEYED, show_spinner=False)
def overview(connection: Connection, window: Window) -> Fleet:
    """Every active function over the window that is still running."""
    return fleet(connection.place, window, _fleet_parts(connection, window))


@st.cache_data(ttl=PAST_S, max_entries=50, hash_funcs=KEYED, show_spinner=False)
def before(connection: Connection, window: Window) -> Rollup:
    """The whole fleet over a window that is over, to compare with."""
    return comparable(connection.place, window, "", _fleet_parts(connection, window))


@st.cache_data(ttl=LIVE_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def function_parts(connection: Connection, function: str, window: Window) -> list[Rollup]:
    return _parts(connection, function, window)


@st.cache_data(ttl=PAST_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def function_before(connection: Connection, function: str, window: Window) -> Rollup:
    """One function over a window that is over, as one rollup."""
    return comparable(connection.place, window, function, _parts(connection, function, window))


@st.cache_data(ttl=INVENTORY_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def inventory(connection: Connection) -> list[FunctionInfo]:
    return list(functions.of_place(connection.table, connection.place))


@st.cache_data(ttl=INVENTORY_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def function(connection: Connection, name: str) -> FunctionInfo | None:
    return functions.get(connection.table, connection.place, name)


@st.cache_data(ttl=INVENTORY_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def deploys(connection: Connection, name: str, start: int, end: int) -> list[Deploy]:
    return list(functions.deploys(connection.table, connection.place, name, start, end))


@st.cache_data(ttl=LIVE_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def groups(connection: Connection) -> list[ErrorGroup]:
    return list(error_groups.of_place(connection.table, connection.place))


@st.cache_data(ttl=LIVE_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def group(connection: Connection, fingerprint: str) -> ErrorGroup | None:
    return error_groups.get(connection.table, connection.place, fingerprint)


@st.cache_data(ttl=LIVE_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def standings(connection: Connection) -> dict[str, Standing]:
    """What was decided about error groups and how it stands now, by fingerprint."""
    return standing.of_place(connection.table, connection.place, connection.clock())


@st.cache_data(ttl=LIVE_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def newest_alerts(connection: Connection, limit: int) -> list[Alert]:
    """Told and waiting ones, newest first."""
    return alerts.newest(connection.table, connection.place, limit)


@st.cache_data(ttl=LIVE_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def kept(connection: Connection, name: str, start: int, end: int) -> list[KeptInvocation]:
    return invocations.of_function(connection.table, connection.place, name, start, end)


@st.cache_data(ttl=LIVE_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def samples(connection: Connection, fingerprint: str) -> list[KeptInvocation]:
    return invocations.of_group(connection.table, connection.place, fingerprint)


@st.cache_data(ttl=LIVE_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def dead_letter_queues(connection: Connection) -> list[tuple[Queue, int | None]]:
    """Each dead-letter queue with how many letters wait in it: counted when captured, as SQS says (approximate)
    when watched."""
    found = [queue for queue in queues.of_place(connection.table, connection.place) if queue.is_dead_letter_queue]
    return [(queue, _waiting(connection, queue)) for queue in found]


@st.cache_data(ttl=INVENTORY_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def every_queue(connection: Connection) -> list[Queue]:
    """Queues of the place, dead-letter queues and others, by name."""
    return list(queues.of_place(connection.table, connection.place))


@st.cache_data(ttl=LIVE_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def runs(connection: Connection) -> list[CollectorRun]:
    return list(health.runs(connection.table, connection.place))


@st.cache_data(ttl=INVENTORY_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def places(connection: Connection) -> list[Place]:
    """Accounts and regions there is anything of, the one we are in first."""
    return known_places.everywhere(connection.table, connection.clients.place)


@st.cache_data(ttl=INVENTORY_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def configuration(connection: Connection, name: str) -> Configuration:
    return functions.configuration(connection.table, connection.place, name)


@st.cache_data(ttl=PAST_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def configurations(connection: Connection) -> list[Configuration]:
    """Mappings, aliases and versions of every function: larger than the inventory, and no fresher than its findings
    need."""
    return list(functions.configurations(connection.table, connection.place))


@st.cache_data(ttl=LIVE_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def log_groups(connection: Connection) -> list[SourceReading]:
    """How far each log group is read, as the last run of the log collector left it."""
    return readings.of_collector(connection.table, connection.place, "logs")


@st.cache_data(ttl=LIVE_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def drifts(connection: Connection, start: int, end: int) -> list[Drift]:
    """Hours (start ≤ hour < end) in which logs and CloudWatch's metrics differ or did, newest first."""
    return list(drift.of_place(connection.table, connection.place, start, end))


@st.cache_data(ttl=LIVE_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def unrecognised(connection: Connection, day: int) -> list[Unrecognised]:
    return health.unrecognised(connection.table, connection.place, day)


@st.cache_data(ttl=LIVE_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def audit(connection: Connection, month: int) -> list[AuditEntry]:
    """The newest entries of the UTC month that begins at `month`."""
    return audit_log.entries(connection.table, connection.place, month)


@st.cache_data(ttl=INVENTORY_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def metric_series(connection: Connection) -> list[MetricSeries]:
    return list(metrics.series_of_place(connection.table, connection.place))


@st.cache_data(ttl=LIVE_S, max_entries=MANY, hash_funcs=KEYED, show_spinner=False)
def metric_points(connection: Connection, series: MetricSeries, start: int, end: int) -> list[MetricPoint]:
    return list(metrics.points(connection.table, connection.place, series, start, end))


def _fleet_parts(connection: Connection, window: Window) -> list[Rollup]:
    table, place = connection.table, connection.place
    if window.span is Span.HOUR:
        return list(rollups.fleet(table, place, window.start, window.end))
    if window.span is Span.MINUTE:  # the fleet's hours say who was active; only they have minutes to read
        names = {part.function for part in rollups.fleet(table, place, window.start, window.end)}
    else:
        names = {info.name for info in functions.of_place(table, place)}
    return [part for name in sorted(names) for part in _parts(connection, name, window)]


def _parts(connection: Connection, name: str, window: Window) -> list[Rollup]:
    read = {Span.MINUTE: minutes.between, Span.HOUR: rollups.hours, Span.DAY: rollups.days}[window.span]
    return list(read(connection.table, connection.place, name, window.start, window.end))


def _waiting(connection: Connection, queue: Queue) -> int | None:
    if queue.custody is Custody.CAPTURED:
        return dead_letters.count_dead(connection.table, connection.place, queue.name)
    return queue.visible
