"""A selection as a file of JSON lines: asked for with a reason, written down in the audit, then downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import acts, people, phrasing
from dashboard.acts import PROBLEM, Request
from operations import export as exports
from operations.permissions import Action
from operations.redrive import MAX_REASON
from store.clients import Connection
from store.errors import LamplightError
from store.recovery import DeadLetter

EXPORT = "export"
REASON, BODIES, FILE = "export_reason", "export_bodies", "export_file"
MOST_CHARACTERS = 50_000_000
"""Of all bodies together: the file is made in memory before it is downloaded."""


@dataclass(frozen=True, slots=True)
class File:
    """An export that was made, until it is downloaded."""

    act_id: str
    name: str
    count: int
    data: bytes


def too_large(letters: Sequence[DeadLetter]) -> str:
    """Why these cannot be exported from a page, or nothing."""
    total = sum(len(letter.body) for letter in letters)
    return (f"The bodies have {total:,} characters together: `python -m operations dead-letters export` writes files "
            "of any size.") if total > MOST_CHARACTERS else ""


@st.dialog("Export dead letters", width="medium", on_dismiss=acts.dismissed)
def export_dialog(connection: Connection) -> None:
    request = acts.asked()
    count = phrasing.plural(len(request.message_ids), "message")
    st.markdown(f"**{count}** of **{phrasing.plain_markdown(request.queue)}** as lines of JSON")
    file = st.session_state.get(FILE)
    if isinstance(file, File) and file.act_id == request.act_id:
        st.caption("It is in the audit. Who has the file has what is in it.")
        st.download_button(f"Download {phrasing.plural(file.count, 'message')} ({_size(len(file.data))})", file.data,
                           file_name=file.name, mime="application/x-ndjson", on_click="ignore", type="primary",
                           icon=":material/download:", key=f"export-{request.act_id}")
        return
    hidden = people.why_not(connection, Action.REVEAL)
    with st.form("export", border=False):
        st.checkbox("With bodies and attributes", value=not hidden, disabled=bool(hidden), help=hidden or None,
                    key=f"{BODIES}-{request.act_id}")
        st.caption("Without them the file is for reading only. With them it can be imported again, here or in a table "
                   "of the same account and region.")
        st.text_area("Reason", key=f"{REASON}-{request.act_id}", max_chars=MAX_REASON,
                     placeholder="For example: the shop's team wants to see what they sent.",
                     help="Kept in the audit under your name.")
        st.form_submit_button(f"Export {count}", type="primary", icon=":material/download:", on_click=_make,
                              args=(connection, request))
    acts.problem()


def _make(connection: Connection, request: Request) -> None:
    """Runs once a click; the second half of a double click finds the file."""
    held, settings, chosen = st.session_state.get(FILE), connection.settings, st.session_state
    if isinstance(held, File) and held.act_id == request.act_id:
        return
    try:
        made = exports.export(connection.table, connection.place, connection.clock, people.actor(settings),
                              settings.writes, queue=request.queue, message_ids=request.message_ids,
                              reason=chosen[f"{REASON}-{request.act_id}"], act_id=request.act_id,
                              bodies=chosen[f"{BODIES}-{request.act_id}"])
        data = "".join(made.lines()).encode("ascii")
    except LamplightError as error:
        st.session_state[PROBLEM] = (str(error), error.advice)
    else:
        st.session_state[FILE] = File(request.act_id, made.file_name, len(made.message_ids), data)


def _size(count: int) -> str:
    return f"{count / 1_000:,.0f} KB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"
