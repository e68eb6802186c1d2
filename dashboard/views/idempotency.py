"""Idempotency: has this payload run, is it running, is it stuck? Records read from the functions' own tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import clients, phrasing, reads_recover, snapshots, state
from dashboard.components.empty import empty
from dashboard.components.problem import guarded
from dashboard.components.record_detail import answer, record_detail
from dashboard.components.tables import table
from dashboard.snapshots import IN_PROGRESS, RECENT
from operations.idempotency import Found
from operations.idempotency_key import Language, key_for
from operations.idempotency_record import IdempotencyRecord, RecordState
from store.clients import Connection

SHOWS = (RECENT, IN_PROGRESS)
REFRESH = "refresh_records"
"""A button that every visit draws: Streamlit forgets its key when the page is left, which tells a new visit."""
MARKS = {RecordState.STUCK: "●", RecordState.TIMED_OUT: "▲", RecordState.UNKNOWN: "▲"}
NEXT = {
    RecordState.COMPLETED: "gets the stored result",
    RecordState.RUNNING: "is refused while it runs",
    RecordState.TIMED_OUT: "runs; this one was cut off",
    RecordState.STUCK: "is refused, although nothing runs",
    RecordState.FAILED: "runs",
    RecordState.EXPIRED: "runs",
    RecordState.UNKNOWN: "nobody can tell",
}
"""What the next attempt with the same key meets."""
MAX_KEY = 2_048
"""DynamoDB's limit for a partition key, bytes."""


@dataclass(frozen=True, slots=True)
class Data:
    table: str
    found: Found
    shows: str
    read_at: int
    now: int
    zone: tzinfo


def page() -> None:
    connection = clients.connection()
    st.title("Idempotency")
    tables = connection.settings.idempotency_tables
    if not tables:
        empty("No idempotency table is configured", "Name the tables in `LAMPLIGHT_IDEMPOTENCY_TABLES`, separated "
              "by commas: Powertools' tables and the classic schema are understood.", ":material/key:")
    else:
        here = connection.clients.place
        if connection.place != here:
            st.caption(f"These tables stand in account {here.account}, {here.region}, whatever place is chosen.")
        answer()
        _records(connection, _chosen(tables))
    _calculator()


def render(connection: Connection, data: Data) -> None:
    records = list(data.found)
    if not records:
        held = data.shows == IN_PROGRESS
        empty("No record is in progress" if held else "This table holds no record",
              "Nothing is locked or stuck." if held else "Records appear when a function with idempotency runs.")
        return
    config = st.column_config
    row = table(frame(records, data.now, data.zone), f"records-{data.table}-{data.shows}-{data.read_at}", {
        "state": config.TextColumn("state", width=110),
        "key": config.TextColumn("key", width=520),
        "next": config.TextColumn("the next attempt", width=240),
        "expires": config.DatetimeColumn("expires", format="D MMM HH:mm:ss", width=130),
    }, "Idempotency records")
    if not data.found.complete:
        st.caption(f"The newest of the first {data.found.scanned:,} rows; the table holds more. Look others up by key.")
    if row is not None:
        record_detail(connection, records[row], data.zone)


def frame(records: Sequence[IdempotencyRecord], now: int, zone: tzinfo) -> pd.DataFrame:
    """One row a record: its state with a shape for trouble, and what the next attempt meets."""
    states = [record.state(now) for record in records]
    expires = pd.Series([record.expires_at for record in records], dtype="Int64")
    return pd.DataFrame({
        "state": [f"{MARKS.get(one, '○')} {one}" for one in states],
        "key": [phrasing.line(record.key, MAX_KEY) for record in records],
        "next": [NEXT[one] for one in states],
        "expires": pd.to_datetime(expires, unit="ms", utc=True, errors="coerce").dt.tz_convert(zone),
    })


def _records(connection: Connection, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        key = st.text_input("Idempotency key", key="key", bind="query-params", max_chars=MAX_KEY, width=480,
                            placeholder="Look a key up", icon=":material/search:", label_visibility="collapsed")
        shows = st.segmented_control("Show", SHOWS, default=RECENT, required=True, key="show", disabled=bool(key),
                                     bind="query-params", label_visibility="collapsed") or RECENT
        anew = REFRESH not in st.session_state
        st.button("Refresh list", icon=":material/refresh:", key=REFRESH, type="tertiary", disabled=bool(key),
                  on_click=snapshots.forget_records)
    if key:
        with guarded():
            _one(connection, name, key.strip())
        return
    with guarded():
        found, read_at = snapshots.records(connection, name, shows, anew)
        render(connection, Data(name, found, shows, read_at, connection.clock(), state.zone()))


def _chosen(tables: Sequence[str]) -> str:
    if len(tables) == 1:
        st.caption(f"Table {phrasing.plain_markdown(tables[0])}")
        return tables[0]
    chosen = st.pills("Table", list(tables), default=tables[0], required=True, key="table", bind="query-params",
                      label_visibility="collapsed")
    return chosen if chosen in tables else tables[0]


def _one(connection: Connection, name: str, key: str) -> None:
    record = reads_recover.record(connection, name, key)
    if record is None:
        empty("There is no record of this key", "It never ran, it failed (Powertools deletes the record of a failed "
              "attempt), or its record has expired and was removed.", ":material/key_off:")
        return
    record_detail(connection, record, state.zone())


def _calculator() -> None:
    with st.expander("Which key does a payload have?", icon=":material/calculate:"):
        st.caption("The part of the event that the function's key expression selects, as JSON. Each library hashes it "
                   "in its own way.")
        payload = st.text_area("Payload", placeholder='{"order_id": "88123"}', max_chars=100_000)
        left, right = st.columns(2)
        function = left.text_input("Prefix", placeholder="orders-payments.orders.payments.pay",
                                   help="Python: function name, module and qualified name. TypeScript, Java and .NET: "
                                        "function name, or function and method.")
        language = right.selectbox("Library", [str(language) for language in Language],
                                   format_func=_library)
        if payload.strip():
            with guarded():
                st.code(key_for(payload, function, language), language=None)


def _library(language: str) -> str:
    return f"Powertools for {language}"
