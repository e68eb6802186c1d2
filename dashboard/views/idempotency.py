"""Idempotency: has this payload run, is it running, is it stuck? Records read from the functions' own tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import clients, phrasing, reads_recover, state
from dashboard.components.empty import empty
from dashboard.components.problem import guarded
from dashboard.components.record_detail import answer, record_detail
from operations.idempotency import Found
from operations.idempotency_key import Language, key_for
from operations.idempotency_record import IdempotencyRecord
from store.clients import Connection

SHOWS = {"recent": "Recent", "held": "In progress or stuck"}


@dataclass(frozen=True, slots=True)
class Data:
    table: str
    found: Found
    shows: str
    now: int
    zone: tzinfo


def page() -> None:
    connection = clients.connection()
    tables = connection.settings.idempotency_tables
    if not tables:
        empty("No idempotency table is configured.", "Name the tables in `LAMPLIGHT_IDEMPOTENCY_TABLES`, separated "
              "by commas: Powertools' tables and the classic schema are understood.", ":material/key:")
        return
    answer()
    table = _chosen(tables)
    key = st.text_input("Idempotency key", key="key", bind="query-params", max_chars=2048,
                        placeholder="Look a key up, or pick a record below", icon=":material/search:",
                        label_visibility="collapsed")
    if key:
        _one(connection, table, key)
    else:
        shows = st.segmented_control("Show", list(SHOWS), default="recent", required=True, key="show",
                                     bind="query-params", format_func=SHOWS.__getitem__,
                                     label_visibility="collapsed") or "recent"
        read = reads_recover.records if shows == "recent" else reads_recover.held_records
        render(connection, Data(table, read(connection, table), shows, connection.clock(), state.zone()))
    _calculator()


def render(connection: Connection, data: Data) -> None:
    if not len(data.found):
        held = data.shows == "held"
        empty("No record is in progress." if held else "This table holds no record.",
              "Nothing is locked or stuck." if held else "Records appear when a function with idempotency runs.")
        return
    records = list(data.found)
    event = st.dataframe(frame(records, data.now), hide_index=True, width="stretch", on_select="rerun",
                         selection_mode="single-row", key=f"records-{data.table}-{data.shows}",
                         alt="Idempotency records", column_config={
                             "key": st.column_config.TextColumn(width="large"),
                             "what it means": st.column_config.TextColumn(width="large"),
                             "expires": st.column_config.DatetimeColumn(format="D MMM HH:mm:ss",
                                                                        timezone=str(data.zone))})
    if not data.found.complete:
        st.caption(f"The newest of the first {data.found.scanned:,} rows; the table holds more. Look others up by key.")
    for row in event["selection"]["rows"][:1]:
        if row < len(records):
            record_detail(connection, records[row], data.zone)


def frame(records: Sequence[IdempotencyRecord], now: int) -> pd.DataFrame:
    return pd.DataFrame({
        "state": [str(record.state(now)) for record in records],
        "key": [record.key for record in records],
        "expires": pd.to_datetime(pd.Series([record.expires_at for record in records], dtype="Int64"), unit="ms",
                                  utc=True),
        "what it means": [record.explanation(now) for record in records],
    })


def _chosen(tables: Sequence[str]) -> str:
    if len(tables) == 1:
        st.caption(f"Table {phrasing.plain_markdown(tables[0])}")
        return tables[0]
    return st.pills("Table", list(tables), default=tables[0], required=True, key="table", bind="query-params",
                    label_visibility="collapsed", format_func=phrasing.plain_markdown) or tables[0]


def _one(connection: Connection, table: str, key: str) -> None:
    record = reads_recover.record(connection, table, key)
    if record is None:
        empty("There is no record of this key.", "It never ran, it failed (Powertools deletes the record of a failed "
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
                                   format_func=lambda name: f"Powertools for {name}")
        if payload.strip():
            with guarded():
                st.code(key_for(payload, function, language), language=None)
