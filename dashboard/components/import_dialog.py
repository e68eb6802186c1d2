"""Bringing an export back: verified whole, what it would do, and why. Nothing that stands is changed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial

import streamlit as st

from dashboard import acts, people, phrasing
from dashboard.acts import Done, Request
from dashboard.components.problem import guarded
from dashboard.letters import STATES
from operations import imports
from operations.imports import Preview
from operations.redrive import MAX_REASON
from store.clients import Connection

IMPORT = "import"
REASON, FILE = "import_reason", "import_file"
MAX_MB = 50
"""A larger file is for the command line, which streams it."""


@st.dialog("Import dead letters", width="medium", on_dismiss=acts.dismissed)
def import_dialog(connection: Connection) -> None:
    request = acts.asked()
    st.caption("Restores the messages of an export that this table does not hold. Those that are here stay as they "
               "are. An export of another account or region, or one that was changed, is refused whole.")
    given = st.file_uploader("Export file (.ndjson)", type=["ndjson", "jsonl"], max_upload_size=MAX_MB,
                             key=f"{FILE}-{request.act_id}",
                             help=f"Up to {MAX_MB} MB; `python -m operations dead-letters import` takes any size.")
    if given is not None:
        data = given.getvalue()
        with guarded():
            shown = imports.preview(connection.table, connection.place, partial(_lines, data))
            outlook(shown, connection)
            _form(connection, request, data, shown)
    acts.problem()


def outlook(shown: Preview, connection: Connection) -> None:
    """Where the file is from, how many of its letters would be restored, and in which states."""
    header = shown.header
    count, when = phrasing.plural(header.count, "message"), phrasing.ago(header.exported_at, connection.clock())
    st.markdown(f"**{count}** of **{phrasing.plain_markdown(header.queue)}**, exported {when} by "
                f"{phrasing.plain_markdown(header.exported_by)}. Every line is as it was written.")
    for state, number in sorted(shown.new.items()):
        st.markdown(f":green[:material/check_circle:] {number:,} will be restored as {STATES[state]}")
    if shown.standing:
        verb = "is here already and stays" if shown.standing == 1 else "are here already and stay"
        st.markdown(f":orange[:material/block:] {shown.standing:,} {verb} as before")


def _form(connection: Connection, request: Request, data: bytes, shown: Preview) -> None:
    count = sum(shown.new.values())
    with st.form("import", border=False):
        st.text_area("Reason", key=f"{REASON}-{request.act_id}", max_chars=MAX_REASON,
                     placeholder="For example: they were in the table that was restored yesterday.",
                     help="Kept in the audit and with each message, under your name.")
        st.form_submit_button(f"Import {phrasing.plural(count, 'message')}" if count else "Nothing to import",
                              type="primary", icon=":material/upload:", disabled=not count, on_click=_confirm,
                              args=(connection, request, data))


def _lines(data: bytes) -> Iterator[str]:
    """What is no text was not written by an export, and does not verify."""
    yield from io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="replace", newline="\n")


def _confirm(connection: Connection, request: Request, data: bytes) -> None:
    acts.carry_out(request, partial(_import, connection, request, data,
                                    st.session_state[f"{REASON}-{request.act_id}"]))


def _import(connection: Connection, request: Request, data: bytes, reason: str) -> Done:
    settings = connection.settings
    done = imports.import_letters(connection.table, connection.place, connection.clock, people.actor(settings),
                                  settings.writes, lines=partial(_lines, data), reason=reason, act_id=request.act_id)
    stayed = (("it is here already", done.standing),) if done.standing else ()
    return Done(request, f"Imported {phrasing.plural(done.new, 'message')} to {done.queue}.", reason, stayed=stayed)
