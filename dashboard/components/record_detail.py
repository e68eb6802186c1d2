"""One idempotency record in words, with its row, and its release when that is safe."""

from __future__ import annotations

import json
from datetime import tzinfo

import streamlit as st

from dashboard import people, phrasing
from dashboard.components.problem import show
from operations import release
from operations.errors import NotReleasable
from operations.idempotency_record import IdempotencyRecord, RecordState
from operations.permissions import Action, can, needed
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
WINDOWS = {"1 hour (the default)": 3_600, "5 minutes": 300, "1 day": 86_400, "7 days": 604_800}
"""`expires_after_seconds` of the function: no record says when it was made, so the window must be known to tell."""


def record_detail(connection: Connection, record: IdempotencyRecord, zone: tzinfo) -> None:
    now = connection.clock()
    state = record.state(now)
    colour, icon = BADGES[state]
    st.badge(str(state), icon=f":material/{icon}:", color=colour)  # type: ignore[arg-type]
    st.text(record.key)
    st.markdown(phrasing.plain_markdown(record.explanation(now), 600))
    st.caption(f"{record.schema} schema · status {phrasing.plain_markdown(record.status or phrasing.NONE)} · expires "
               f"{phrasing.moment(record.expires_at, zone)}"
               + (f" · locked until {phrasing.moment(record.locked_until, zone)}" if record.locked_until else ""))
    if record.result is not None:
        st.caption("Stored result, given to duplicates:")
        st.code(record.result[:20_000], language="json", wrap_lines=True)
    with st.expander("The row as it is stored"):
        st.code(json.dumps(record.item, indent=2, default=repr, ensure_ascii=False)[:20_000], language="json")
    if state is RecordState.STUCK:
        _release(connection, record)


def _release(connection: Connection, record: IdempotencyRecord) -> None:
    """Offered only for a stuck record, and only once nothing can be running behind it."""
    settings = connection.settings
    may = can(people.actor(settings), Action.RELEASE, settings.writes)
    with st.form(f"release-{record.key}", border=True):
        st.markdown("**Release this key**, so that the next attempt runs")
        st.selectbox("The function's idempotency window", list(WINDOWS), key="release_window")
        st.text_input("Reason", key="release_reason", placeholder="Why is it safe to run again?")
        st.form_submit_button("Release the key", icon=":material/lock_open:", disabled=not may,
                              help=None if may else f"Takes the role {needed(Action.RELEASE)} and writes on.",
                              on_click=_act, args=(connection, record))
    window_s = WINDOWS[st.session_state["release_window"]]
    why_not = release.refusal(record, connection.clock(), window_s)
    if isinstance(why_not, NotReleasable):
        st.caption(phrasing.plain_markdown(why_not.sentence, 600))


def answer() -> None:
    """What became of the last release, once."""
    told = st.session_state.pop(ANSWER, None)
    if isinstance(told, tuple):
        show(LamplightError(*told))
    elif told:
        st.success(told, icon=":material/lock_open:")


def _act(connection: Connection, record: IdempotencyRecord) -> None:
    settings = connection.settings
    try:
        release.release(connection.clients.dynamodb, connection.table, connection.place, connection.clock,
                        people.actor(settings), settings.writes, record=record,
                        reason=st.session_state["release_reason"],
                        window_s=WINDOWS[st.session_state["release_window"]])
    except LamplightError as error:
        st.session_state[ANSWER] = (str(error), error.advice)
    else:
        st.session_state[ANSWER] = "Released: the next attempt with this key runs. It is in the audit."
