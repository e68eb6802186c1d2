"""Before a redrive: what, where, with which verdicts, how, and why. The click leaves a command; nothing moves here.

The job's id is made when the dialog opens, and the selection is frozen with it: a double click, a reload or a second
tab with the same dialog asks for the same job."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import links, people, phrasing, snapshots
from dashboard.components.problem import guarded, show
from operations import redrive
from operations.plan import Plan, plan
from operations.verdicts import Verdict, name_of
from store.clients import Connection
from store.errors import LamplightError

REQUEST = "redrive_request"
ANSWER = "redrive_answer"
RATES = {"As fast as it goes": None, "100 a second": 100, "10 a second": 10, "1 a second": 1}


@dataclass(frozen=True, slots=True)
class Request:
    """A frozen selection under the id its job will have."""

    job_id: str
    queue: str
    message_ids: tuple[str, ...]


def open_with(queue: str, message_ids: Sequence[str]) -> None:
    """Freeze the selection; the page opens the dialog in the same run."""
    st.session_state[REQUEST] = Request(str(uuid.uuid4()), queue, tuple(message_ids))
    st.session_state.pop(ANSWER, None)


@st.dialog("Redrive dead letters", width="medium")
def redrive_dialog(connection: Connection) -> None:
    request: Request = st.session_state[REQUEST]
    answer = st.session_state.get(ANSWER)
    if isinstance(answer, str):
        links.go("redrive", id=answer)
    with guarded():
        planned = plan(connection.table, connection.place, request.queue, request.message_ids)
        summary(planned)
        _form(connection, request, planned)
    if isinstance(answer, tuple):
        show(LamplightError(*answer))


def summary(planned: Plan) -> None:
    """What goes where, and what stays and why."""
    total = len(planned.letters)
    st.markdown(f"**{phrasing.plural(total, 'message')}** from **{phrasing.plain_markdown(planned.queue)}**")
    for arn, count in sorted(planned.destinations.items()):
        kind = "function" if ":lambda:" in arn else "queue"
        st.markdown(f":green[:material/check_circle:] {count:,} will run: back to the {kind} "
                    f"**{phrasing.plain_markdown(name_of(arn))}**")
    for verdict in Verdict:
        letters = planned.of(verdict)
        if not letters or verdict is Verdict.WILL_RUN:
            continue
        with st.expander(f":orange[:material/block:] {len(letters):,} will stay: {verdict}"):
            for reason in sorted({letter.reason for letter in letters}):
                st.text(reason)


def _form(connection: Connection, request: Request, planned: Plan) -> None:
    count = len(planned.runnable)
    with st.form("redrive", border=False):
        st.selectbox("Pace", list(RATES), key="redrive_pace")
        st.text_area("Reason", key="redrive_reason", max_chars=redrive.MAX_REASON,
                     placeholder="What was fixed? For example: the catalogue holds the missing SKUs again.",
                     help="Kept in the audit with your name.")
        st.caption("A worker sends them and follows each to its end. Closing this tab changes nothing.")
        st.form_submit_button(f"Redrive {phrasing.plural(count, 'message')}" if count else "None of them can be sent",
                              type="primary", disabled=count == 0, icon=":material/replay:", on_click=_ask,
                              args=(connection, request))


def _ask(connection: Connection, request: Request) -> None:
    """Runs once per click; asking twice with the same id is one job."""
    settings = connection.settings
    try:
        asked = redrive.ask(connection.table, connection.place, connection.clock, people.actor(settings),
                            settings.writes, queue=request.queue, message_ids=request.message_ids,
                            reason=st.session_state["redrive_reason"], job_id=request.job_id,
                            rate_per_s=RATES[st.session_state["redrive_pace"]])
    except LamplightError as error:
        st.session_state[ANSWER] = (str(error), error.advice)
    else:
        snapshots.forget()
        st.session_state[ANSWER] = asked.id
