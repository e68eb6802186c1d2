"""Dead letters: which messages died, of what, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import clients, links, people, phrasing, reads, reads_recover, state
from dashboard.components.empty import empty
from dashboard.components.letter_detail import letter_detail
from dashboard.components.live import live
from dashboard.components.redrive_dialog import open_with, redrive_dialog
from dashboard.letters import Cause, by_cause, frame, matching
from operations.permissions import Action, can, needed
from store.clients import Connection
from store.recovery import Custody, DeadLetter, Queue

SNAPSHOT = "letters_snapshot"
SHOWS = ("waiting", "all")


@dataclass(frozen=True, slots=True)
class Data:
    """What the page draws. `letters` is the list as it was opened; rows never move under a selection."""

    queues: Sequence[tuple[Queue, int | None]]
    queue: Queue
    letters: Sequence[DeadLetter]
    shown: Sequence[DeadLetter]
    may_redrive: bool
    why_not: str
    zone: tzinfo
    now: int


def page() -> None:
    connection = clients.connection()
    found = sorted(reads.dead_letter_queues(connection), key=lambda one: (-(one[1] or 0), one[0].name))
    if not found:
        empty("No dead-letter queue is known.", "The queue collector looks for them once a minute: queues that "
              "others, or functions, send their failures to.", ":material/inbox:")
        return
    queue = _chosen_queue(found)
    shows = _choose_what()
    letters = _snapshot(connection, queue, shows)
    words = state.text("q")
    actor, writes = people.actor(connection.settings), connection.settings.writes
    allowed = can(actor, Action.REDRIVE, writes)
    why_not = "" if allowed else (
        f"Redriving takes the role {needed(Action.REDRIVE)}." if writes else "Writes are off: LAMPLIGHT_WRITES=on.")
    render(connection, Data(found, queue, letters, matching(letters, words), allowed, why_not, state.zone(),
                            connection.clock()))


def render(connection: Connection, data: Data) -> None:
    if data.queue.custody is Custody.WATCHED:
        _watched(data.queue)
        return
    live(connection.settings.refresh_seconds, lambda: _newcomers(connection, data.queue))
    if not data.letters:
        empty(f"No dead letter waits in {phrasing.plain_markdown(data.queue.name)}.",
              "Messages that fail too often appear here within seconds, and stay until somebody deals with them.")
        return
    _causes(by_cause(data.letters), data)
    st.text_input("Filter", key="q", bind="query-params", placeholder="Filter by body, id, cause or attribute",
                  label_visibility="collapsed", icon=":material/search:", max_chars=state.MAX_TEXT)
    if not data.shown:
        empty("Nothing matches this filter.", "Remove a word to see more.", ":material/search_off:")
        return
    selected = _table(data)
    _actions(connection, data, selected)
    if len(selected) == 1:
        letter_detail(selected[0], data.zone)


def _chosen_queue(found: Sequence[tuple[Queue, int | None]]) -> Queue:
    names = [queue.name for queue, _ in found]
    counts = {queue.name: count for queue, count in found}
    st.pills("Queue", names, default=names[0], required=True, key="queue", bind="query-params",
             label_visibility="collapsed",
             format_func=lambda name: f"{phrasing.plain_markdown(name)}  **{phrasing.count(counts[name])}**")
    chosen = st.session_state.get("queue")
    return next(queue for queue, _ in found if queue.name == (chosen if chosen in counts else names[0]))


def _choose_what() -> str:
    labels = {"waiting": "Waiting", "all": "Every life, dealt with or not"}
    chosen = st.segmented_control("Show", SHOWS, default="waiting", required=True, key="show", bind="query-params",
                                  format_func=labels.__getitem__, label_visibility="collapsed")
    return chosen or "waiting"


def _snapshot(connection: Connection, queue: Queue, shows: str) -> list[DeadLetter]:
    """The list as first read for this queue and view, until the reader asks for a newer one."""
    key = (connection.table.name, queue.name, shows)
    held = st.session_state.get(SNAPSHOT)
    if held is None or held[0] != key:
        read = reads_recover.waiting if shows == "waiting" else reads_recover.every_life
        held = (key, read(connection, queue.name), connection.clock())
        st.session_state[SNAPSHOT] = held
    letters: list[DeadLetter] = held[1]
    return letters


def _newcomers(connection: Connection, queue: Queue) -> None:
    """Says when the queue has changed since the list was read; the list itself stays still."""
    held = st.session_state.get(SNAPSHOT)
    if held is None or held[0][2] != "waiting":
        return
    now_waiting, listed = reads_recover.waiting_count(connection, queue.name), len(held[1])
    beyond = max(0, now_waiting - reads_recover.MOST_LETTERS)
    if now_waiting == listed or (beyond and listed == reads_recover.MOST_LETTERS):
        st.caption(f"{phrasing.plural(now_waiting, 'message')} waiting"
                   + (f", the newest {listed:,} are listed" if beyond else ""))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{phrasing.plural(now_waiting, 'message')} waiting now, {listed:,} when this list was read")
        if st.button("Show the new list", icon=":material/refresh:", key="reload_letters"):
            st.session_state.pop(SNAPSHOT, None)
            st.cache_data.clear()
            st.rerun()


def _causes(causes: Sequence[Cause], data: Data) -> None:
    rows = pd.DataFrame({
        "messages": [len(cause.letters) for cause in causes],
        "cause": [cause.name for cause in causes],
        "function": [cause.function or phrasing.NONE for cause in causes],
        "distinct bodies": [cause.bodies for cause in causes],
        "first": [phrasing.minute(cause.first, data.now, data.zone) for cause in causes],
        "last": [phrasing.minute(cause.last, data.now, data.zone) for cause in causes],
    })
    st.dataframe(rows, hide_index=True, width="stretch", alt="Dead letters by cause", column_config={
        "messages": st.column_config.NumberColumn(width="small"),
        "cause": st.column_config.TextColumn(width="large"),
        "distinct bodies": st.column_config.NumberColumn(width="small"),
    })


def _table(data: Data) -> list[DeadLetter]:
    held = st.session_state.get(SNAPSHOT)
    key = f"letters-{data.queue.name}-{held[2] if held else 0}-{state.text('q')}"
    everything = st.checkbox(f"Select all {len(data.shown):,} shown", key=f"all-{key}")
    event = st.dataframe(
        frame(data.shown), key=key, hide_index=True, width="stretch", on_select="rerun", selection_mode="multi-row",
        alt="Dead letters", column_config={
            "died": st.column_config.DatetimeColumn(format="D MMM HH:mm:ss", timezone=str(data.zone)),
            "body": st.column_config.TextColumn(width="large"),
            "cause": st.column_config.TextColumn(width="medium"),
            "receives": st.column_config.NumberColumn(help="How often it was received before it was given up"),
            "life": st.column_config.NumberColumn(help="1 died once; 2 came back after one redrive"),
        })
    if everything:
        return list(data.shown)
    return [data.shown[row] for row in event["selection"]["rows"] if row < len(data.shown)]


def _actions(connection: Connection, data: Data, selected: Sequence[DeadLetter]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Redrive {phrasing.plural(len(selected), 'message')}…" if selected else "Redrive…"
        if st.button(label, type="primary", icon=":material/replay:", key="open_redrive",
                     disabled=not selected or not data.may_redrive, help=data.why_not or None):
            open_with(data.queue.name, [letter.message_id for letter in selected])
            redrive_dialog(connection)
        st.caption(f"{len(selected):,} selected" if selected else "Select messages to look into them or redrive them.")
        links.to("redrives", "Redrives", icon=":material/history:")


def _watched(queue: Queue) -> None:
    visible = phrasing.count(queue.visible)
    empty(f"{visible} messages wait in {phrasing.plain_markdown(queue.name)}, which is watched, not captured.",
          "Looking into a queue would hide its messages and count as a receive, so only its numbers are shown. Add its "
          "ARN to CapturedQueueArns of the stack to have its messages kept and redrivable here.",
          ":material/visibility:")
