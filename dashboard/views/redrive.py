"""One redrive: phase, counted progress, what became of each message. Reads only; a reload finds it again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import streamlit as st

from dashboard import clients, links, people, phrasing, progress, reads_recover, state
from dashboard.components.empty import empty
from dashboard.components.live import live
from dashboard.components.metrics_row import Metric, metrics_row
from dashboard.components.problem import show
from dashboard.components.row_link import row_link, slot
from dashboard.components.tables import table
from operations import redrive
from operations.permissions import Action, Actor, can, needed
from operations.plan import sends
from operations.verdicts import name_of
from store.clients import Connection
from store.clock import Clock
from store.errors import LamplightError
from store.records import Place
from store.recovery import Job, JobResult, JobState
from store.table import Table

WATCHED_SECONDS = 2
"""While a redrive runs: fast enough to watch, and one small read a turn."""
SHOWN = 500
PROBLEM = "steer_problem"
Steer = Callable[[Table, Place, Clock, Actor, bool, str], Job]
"""Pause, resume or cancel, as `operations.redrive` has them."""
TONES = {JobState.PAUSED: ("orange", "pause_circle"), JobState.DONE: ("green", "check_circle"),
         JobState.CANCELLED: ("orange", "block"), JobState.REFUSED: ("red", "block")}


@dataclass(frozen=True, slots=True)
class Data:
    """`steer` is what the buttons do; `why_not` says what is missing to press them."""

    job: Job
    results: Sequence[JobResult]
    steer: Callable[[Steer], None]
    why_not: str
    zone: tzinfo
    now: int


def page() -> None:
    connection = clients.connection()
    job_id = state.text("id")
    links.to("redrives", "Redrives", icon=":material/arrow_back:")
    found = reads_recover.job(connection, job_id) if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", job_id) else None
    if found is None:
        st.title("Redrive")
        empty("This link names no known redrive", "It may belong to another account or region.", ":material/link_off:")
        return
    head(found[0], state.zone())
    if found[0].state.open:
        live(WATCHED_SECONDS, lambda: _follow(connection, job_id))
    else:
        render(_data(connection, *found))


def head(job: Job, zone: tzinfo) -> None:
    """What does not change while it runs."""
    st.title(f"Redrive of {phrasing.plural(job.total, 'message')} from {phrasing.plain_markdown(job.queue)}",
             anchor=False)
    asked = [f"Asked for by **{phrasing.plain_markdown(job.actor)}** ({phrasing.plain_markdown(job.role)}) "
             f"on {phrasing.moment(job.asked_at, zone)}"]
    if job.rate_per_s:
        asked.append(f"at {job.rate_per_s:,} a second")
    if job.not_before is not None:
        asked.append(f"not before {phrasing.moment(job.not_before, zone)}")
    if job.destination:
        asked.append(f"to {phrasing.plain_markdown(name_of(job.destination))}")
    if job.pause_consumers_of:
        asked.append("consumers at rest while it is sent")
    st.caption(", ".join(asked))
    st.text(f"“{job.reason}”")


def render(data: Data) -> None:
    job = data.job
    _phase(data)
    if job.problem:
        st.warning(phrasing.plain_markdown(job.problem, 600), icon=":material/error:")
    left, right = st.columns(2)
    left.progress(progress.share_sent(job), text=f"Sent or put aside: {job.handled:,} of {job.total:,}")
    right.progress(progress.share_settled(job), text=f"Outcome known: {job.settled:,} of {job.total:,}")
    metrics_row([Metric(word[0].upper() + word[1:], f"{job.count(outcome):,}", help=progress.MEANINGS[outcome])
                 for outcome, word in progress.OUTCOMES.items()])
    ambiguous = sum(result.ambiguous for result in data.results)
    if ambiguous:
        st.warning(f"{phrasing.plural(ambiguous, 'send')} had no answer; each may have made one duplicate. "
                   "They are marked below.", icon=":material/warning:")
    _messages(data)
    with st.container(horizontal=True):
        links.to("dead_letters", "Dead letters of this queue", icon=":material/mail:", queue=job.queue)
        links.to("audit", "Audit", icon=":material/history_edu:")


def _phase(data: Data) -> None:
    """The phase, what it means, and the way to stop it."""
    job = data.job
    tone, icon = TONES.get(job.state, ("blue", "progress_activity"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(progress.PHASES[job.state], icon=f":material/{icon}:", color=tone)  # type: ignore[arg-type]
        words = " · ".join(filter(None, (f"**{progress.sentence(job)}**", progress.pace(job, data.now),
                                         progress.stage(job))))
        st.markdown(words, width="content")
        if sends(job) and not job.cancel_asked:
            _buttons(data)
    said = _standing(job)
    if said:
        st.caption(said)


def _buttons(data: Data) -> None:
    off: dict[str, Any] = {"disabled": bool(data.why_not), "help": data.why_not or None}
    if data.job.pause_asked or data.job.state is JobState.PAUSED:
        st.button("Resume", icon=":material/play_arrow:", key="resume_redrive", on_click=data.steer,
                  args=(redrive.resume,), **off)
    else:
        st.button("Pause", icon=":material/pause:", key="pause_redrive", on_click=data.steer, args=(redrive.pause,),
                  **off)
    st.button("Cancel what is not sent yet", icon=":material/stop_circle:", key="cancel_redrive", on_click=data.steer,
              args=(redrive.cancel,), **off)


def _standing(job: Job) -> str | None:
    """What the worker is going to do about it, where the phase alone does not say."""
    if sends(job) and job.cancel_asked:
        return "Cancel asked for: the worker stops after the batch in its hands. What was sent stays sent."
    if sends(job) and job.pause_asked and job.state is not JobState.PAUSED:
        return "Pause asked for: the worker stands still after the batch in its hands."
    if job.state is JobState.PAUSED and not job.pause_asked:
        return "Resume asked for: the worker goes on within a minute."
    return progress.EXPLAINED.get(job.state)


def _messages(data: Data) -> None:
    """What became of each, a click from the message itself."""
    st.subheader("Messages")
    if not data.results:
        st.caption("Each message appears here as it is sent or put aside.")
        return
    shown = data.results[:SHOWN]
    room = slot()
    rows = hashlib.sha256("".join(result.letter for result in shown).encode()).hexdigest()[:12]
    chosen = table(progress.results_frame(shown, data.zone), f"results-{rows}", _columns(),
                   "What became of each message")
    if chosen is None:
        row_link(room, "dead_letters", None)
    else:
        name = progress.message_id(shown[chosen])
        row_link(room, "dead_letters", f"message {name}", queue=data.job.queue, show="All", q=name)
    if len(data.results) > SHOWN:
        st.caption(f"The newest {SHOWN:,} of {len(data.results):,} are listed.")


def _columns() -> dict[str, object]:
    config = st.column_config
    return {
        "outcome": config.TextColumn("outcome", width=140),
        "no answer": config.NumberColumn("no answer", format="%,d", width=85,
                                         help="Sends that were never answered: each may have made one duplicate"),
        "detail": config.TextColumn("detail", width=250),
        "message": config.TextColumn("message", width=265),
        "at": config.DatetimeColumn("at", format="D MMM HH:mm:ss", width=120),
        "sent as": config.TextColumn("sent as", width=140),
    }


def _follow(connection: Connection, job_id: str) -> None:
    found = reads_recover.job(connection, job_id)
    if found is None:
        return
    if not found[0].state.open:
        st.rerun()  # it has ended: draw it once more, without the clock
    render(_data(connection, *found))
    problem = st.session_state.pop(PROBLEM, None)
    if problem:
        show(LamplightError(*problem))


def _steer(connection: Connection, job_id: str, act: Steer) -> None:
    settings = connection.settings
    try:
        act(connection.table, connection.place, connection.clock, people.actor(settings), settings.writes, job_id)
    except LamplightError as error:
        st.session_state[PROBLEM] = (str(error), error.advice)
    reads_recover.job.clear()


def _data(connection: Connection, job: Job, results: Sequence[JobResult]) -> Data:
    settings = connection.settings
    may = can(people.actor(settings), Action.CANCEL, settings.writes)
    why_not = "" if may else f"Takes the role {needed(Action.CANCEL)}, with writes on."
    return Data(job, results, lambda act: _steer(connection, job.id, act), why_not, state.zone(), connection.clock())
