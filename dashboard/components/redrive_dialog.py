"""Before a redrive: what, where, with which verdicts, how, and why. The click leaves a command; nothing moves here.

The job's id is made when the dialog opens, and the selection is frozen with it: a double click, a reload or a second
tab with the same dialog asks for the same job."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import links, people, phrasing, reads, snapshots
from dashboard.components.problem import guarded, show
from operations import canary, redrive
from operations.permissions import Action, can
from operations.plan import Plan, plan
from operations.verdicts import Verdict, name_of
from store.clients import Connection
from store.clock import HOUR_MS, MINUTE_MS
from store.errors import LamplightError

REQUEST = "redrive_request"
ANSWER = "redrive_answer"
RATES = {"As fast as it goes": None, "100 a second": 100, "10 a second": 10, "1 a second": 1}
AT_ONCE = "All at once"
CANARIES = {AT_ONCE: (), "1, then 10, then the rest": canary.USUAL, "1, then the rest": (1,)}
CAREFUL_FROM = 20
"""From so many messages on, a canary is what the form offers first."""
DELAYS = {"Now": None, "In 15 minutes": 15 * MINUTE_MS, "In 1 hour": HOUR_MS, "In 6 hours": 6 * HOUR_MS,
          "In 24 hours": 24 * HOUR_MS}
ORIGIN = "where each came from"
WARNINGS_SHOWN = 6


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
        cautions(planned)
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


def cautions(planned: Plan) -> None:
    """What speaks against sending, the gravest first. It forbids nothing."""
    for one in planned.warnings[:WARNINGS_SHOWN]:
        st.markdown(f":orange[:material/warning:] **{one.kind}** · {phrasing.plain_markdown(one.sentence, 400)}")
    left = len(planned.warnings) - WARNINGS_SHOWN
    if left > 0:
        st.caption(f"and {phrasing.plural(left, 'warning')} more: `python -m operations dead-letters plan` lists all")


def _form(connection: Connection, request: Request, planned: Plan) -> None:
    count = len(planned.runnable)
    with st.form("redrive", border=False):
        pace, first, when = st.columns(3)
        pace.selectbox("Pace", list(RATES), key="redrive_pace")
        first.selectbox("Canary", list(CANARIES), index=int(count >= CAREFUL_FROM), key="redrive_canary",
                        help="Each stage waits until the outcome of every message before it is known, and stops by "
                             "itself when one came back.")
        when.selectbox("When", list(DELAYS), key="redrive_when")
        _ways(connection, planned)
        st.text_area("Reason", key="redrive_reason", max_chars=redrive.MAX_REASON,
                     placeholder="What was fixed? For example: the catalogue holds the missing SKUs again.",
                     help="Kept in the audit with your name.")
        st.caption("A worker sends them and follows each to its end. Closing this tab changes nothing.")
        st.form_submit_button(f"Redrive {phrasing.plural(count, 'message')}" if count else "None of them can be sent",
                              type="primary", disabled=count == 0, icon=":material/replay:", on_click=_ask,
                              args=(connection, request))


def _ways(connection: Connection, planned: Plan) -> None:
    """What few redrives need: another destination, which takes a role of its own, and consumers at rest."""
    settings = connection.settings
    if can(people.actor(settings), Action.REDRIVE_ELSEWHERE, settings.writes):
        st.selectbox("To", [ORIGIN, *_places(connection, planned)], key="redrive_elsewhere",
                     format_func=_place_name)
    if any(":sqs:" in arn for arn in planned.destinations):
        st.checkbox("Let the destination's consumers rest until all is sent", key="redrive_pause_consumer",
                    help="Their event source mappings are switched off, and on again even if the worker dies. "
                         "Not together with a canary.")


def _places(connection: Connection, planned: Plan) -> list[str]:
    """Queues and functions of the inventory that these letters could go to, the dead-letter queue itself left out."""
    queues = [queue.arn for queue in reads.every_queue(connection) if queue.name != planned.queue]
    place = connection.place
    functions = [f"arn:aws:lambda:{place.region}:{place.account}:function:{info.name}"
                 for info in reads.inventory(connection)]
    return [*sorted(queues), *sorted(functions)]


def _place_name(arn: str) -> str:
    if arn == ORIGIN:
        return arn
    return f"{'function' if ':lambda:' in arn else 'queue'} {name_of(arn)}"


def _ask(connection: Connection, request: Request) -> None:
    """Runs once per click; asking twice with the same id is one job."""
    settings, chosen = connection.settings, st.session_state
    delay = DELAYS[chosen["redrive_when"]]
    elsewhere = chosen.get("redrive_elsewhere", ORIGIN)
    try:
        asked = redrive.ask(connection.table, connection.place, connection.clock, people.actor(settings),
                            settings.writes, queue=request.queue, message_ids=request.message_ids,
                            reason=chosen["redrive_reason"], job_id=request.job_id,
                            rate_per_s=RATES[chosen["redrive_pace"]], ramp=CANARIES[chosen["redrive_canary"]],
                            not_before=connection.clock() + delay if delay else None,
                            destination=None if elsewhere == ORIGIN else elsewhere,
                            pause_consumer=bool(chosen.get("redrive_pause_consumer")))
    except LamplightError as error:
        st.session_state[ANSWER] = (str(error), error.advice)
    else:
        snapshots.forget()
        st.session_state[ANSWER] = asked.id
