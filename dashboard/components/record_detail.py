"""One idempotency record in words, with its row, and its release when that is safe."""

from __future__ import annotations

import hashlib
import json
from datetime import tzinfo

import streamlit as st

from dashboard import people, phrasing, snapshots
from dashboard.components.problem import show
from operations import release
from operations.idempotency_record import IdempotencyRecord, RecordState
from operations.permissions import Action, can, needed
from operations.redrive import MAX_REASON
from store.clients import Connection
from store.errors import LamplightError

BADGES = {
    RecordState.COMPLETED: ("green", "check_circle"),
    RecordState.RUNNING: ("blue", "progress_activity"),
    RecordState.TIMED_OUT: ("orange", "timer_off"),
    RecordState.STUCK: ("red", "lock"),
    RecordState.FAILED: ("gray", "replay"),
    RecordState.EXPIRED: ("gray", "hourglass_disabled"),
    RecordState.UNKNOWN: ("gray", "help"),
}
ANSWER = "release_answer"
RELEASED = "release_done"
REASON = "release_reason"
WINDOWS = {"1 hour (the default)": 3_600, "5 minutes": 300, "1 day": 86_400, "7 days": 604_800}
"""`expires_after_seconds` of the function: no record says when it was made, so the window must be known to tell."""
SHOWN = 20_000


def record_detail(connection: Connection, record: IdempotencyRecord, zone: tzinfo) -> None:
    """Draw one record. Everything that came from outside is drawn as text."""
    now = connection.clock()
    state = record.state(now)
    colour, icon = BADGES[state]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(str(state), icon=f":material/{icon}:", color=colour)  # type: ignore[arg-type]
        st.markdown(phrasing.plain_markdown(record.explanation(now), 600))
    st.code(record.key, language=None, wrap_lines=True)
    locked = f" · locked until {phrasing.moment(record.locked_until, zone)}" if record.locked_until else ""
    status = phrasing.plain_markdown(record.status or phrasing.NONE)
    st.caption(f"{record.schema.capitalize()} schema · status {status} · expires "
               f"{phrasing.moment(record.expires_at, zone)}{locked}")
    if state is RecordState.STUCK:
        _release(connection, record)
    if record.result is not None:
        st.caption("Stored result, given to duplicates:")
        st.code(record.result[:SHOWN], language="json", wrap_lines=True)
    with st.expander("The row as it is stored"):
        st.code(json.dumps(record.item, indent=2, default=repr, ensure_ascii=False)[:SHOWN], language="json",
                wrap_lines=True)


def _release(connection: Connection, record: IdempotencyRecord) -> None:
    """Offered only for a stuck record, and only once nothing can be running behind it."""
    settings = connection.settings
    may = can(people.actor(settings), Action.RELEASE, settings.writes)
    name = _identity(record)[:12]
    with st.container(border=True):
        st.markdown("**Release this key**, so that the next attempt runs")
        window = st.selectbox("The function's idempotency window", list(WINDOWS), width=320,
                              key=f"release-window-{name}",
                              help="Its expires_after_seconds. No record says when it was made; with the window, its "
                                   "expiry tells.")
        why_not = release.refusal(record, connection.clock(), WINDOWS[window])
        with st.form(f"release-{name}", border=False):
            st.text_input("Reason", key=REASON, placeholder="Why is it safe to run again?", max_chars=MAX_REASON,
                          help="Kept in the audit with your name.")
            st.form_submit_button("Release the key", icon=":material/lock_open:",
                                  disabled=not may or why_not is not None, on_click=_act,
                                  args=(connection, record, WINDOWS[window]))
        if not may:
            st.caption(f":material/lock: Takes the role {needed(Action.RELEASE)}, with writes on.")
        elif why_not:
            st.caption(phrasing.plain_markdown(why_not.sentence, 600))


def answer() -> None:
    """What became of the last release, once."""
    told = st.session_state.pop(ANSWER, None)
    if isinstance(told, tuple):
        show(LamplightError(*told))
    elif told:
        st.success(told, icon=":material/lock_open:")


def _act(connection: Connection, record: IdempotencyRecord, window_s: int) -> None:
    """Runs once per click; the second half of a double click finds its record released already."""
    settings = connection.settings
    if st.session_state.get(RELEASED) != _identity(record):
        try:
            release.release(connection.clients.dynamodb, connection.table, connection.place, connection.clock,
                            people.actor(settings), settings.writes, record=record,
                            reason=st.session_state[REASON], window_s=window_s)
        except LamplightError as error:
            st.session_state[ANSWER] = (str(error), error.advice)
            return
    st.session_state[RELEASED] = _identity(record)
    st.session_state[ANSWER] = "Released: the next attempt with this key runs. It is in the audit."
    snapshots.forget_records()


def _identity(record: IdempotencyRecord) -> str:
    """The very row that was shown: another attempt under the same key is another record."""
    row = json.dumps([record.table, record.key, record.item], sort_keys=True, default=repr)
    return hashlib.sha256(row.encode("utf-8", "surrogatepass")).hexdigest()
