"""One redrive: phase, counted progress, what became of each message. Reads only; a reload finds it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import streamlit as st

from dashboard import clients, links, people, phrasing, progress, reads_recover, state
from dashboard.components.empty import empty
from dashboard.components.live import live
from dashboard.components.problem import show
from operations import redrive
from operations.permissions import Action, can
from store.clients import Connection
from store.errors import LamplightError
from store.recovery import Job, JobResult, JobState, Outcome

WATCHED_SECONDS = 2
"""While a redrive runs: fast enough to watch, and one small read a turn."""
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Data:
    job: Job
    results: Sequence[JobResult]
    may_cancel: bool
    zone: tzinfo
    now: int


def page() -> None:
    connection = clients.connection()
    job_id = state.text("id")
    found = reads_recover.job(connection, job_id) if re.fullmatch(r"[\w-]{1,64}", job_id) else None
    if found is None:
        empty("There is no such redrive.", "It may have been asked for in another account or region.",
              ":material/search_off:")
        links.to("redrives", "All redrives", icon=":material/history:")
        return
    head(found[0], state.zone())
    if found[0].state.open:
        live(WATCHED_SECONDS, lambda: _follow(connection, job_id))
    else:
        render(_data(connection, *found))


def head(job: Job, zone: tzinfo) -> None:
    """What does not change while it runs."""
    st.subheader(f"Redrive of {phrasing.plural(job.total, 'message')} from {phrasing.plain_markdown(job.queue)}")
    st.caption(f"Asked for by **{phrasing.plain_markdown(job.actor)}** ({phrasing.plain_markdown(job.role)}) "
               f"on {phrasing.moment(job.asked_at, zone)}")
    st.text(f"“{job.reason}”")


def render(data: Data) -> None:
    job = data.job
    tone = {JobState.DONE: "green", JobState.CANCELLED: "orange", JobState.REFUSED: "red"}.get(job.state, "blue")
    icon = "check_circle" if job.state is JobState.DONE else "block" if not job.state.open else "progress_activity"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f":{tone}[:material/{icon}: **{progress.PHASES[job.state]}**] · {progress.sentence(job)}")
        st.caption(_pace(job, data.now))
    if job.problem:
        st.error(phrasing.plain_markdown(job.problem, 600), icon=":material/error:")
    st.progress(progress.share_sent(job), text=f"Sent or put aside: {job.handled:,} of {job.total:,}")
    st.progress(progress.share_settled(job), text=f"Outcome known: {job.settled:,} of {job.total:,}")
    _tiles(job)
    ambiguous = sum(result.ambiguous for result in data.results)
    if ambiguous:
        st.warning(f"{phrasing.plural(ambiguous, 'send')} had no answer; each may have made one duplicate. "
                   "They are marked below.", icon=":material/warning:")
    if data.results:
        st.dataframe(progress.results_frame(data.results[:SHOWN], data.zone), hide_index=True, width="stretch",
                     alt="What became of each message", column_config={
                         "at": st.column_config.DatetimeColumn(format="D MMM HH:mm:ss"),
                         "detail": st.column_config.TextColumn(width="large")})
    if len(data.results) > SHOWN:
        st.caption(f"The newest {SHOWN:,} of {len(data.results):,} are listed.")
    with st.container(horizontal=True):
        links.to("dead_letters", "Dead letters of this queue", icon=":material/inbox:", queue=job.queue)
        links.to("audit", "Audit", icon=":material/history_edu:")


def _follow(connection: Connection, job_id: str) -> None:
    found = reads_recover.job(connection, job_id)
    if found is None:
        return
    if not found[0].state.open:
        st.rerun()  # it has ended: draw it once more, without the clock
    data = _data(connection, *found)
    render(data)
    if found[0].state in (JobState.QUEUED, JobState.RUNNING) and not found[0].cancel_asked:
        st.button("Cancel what is not sent yet", icon=":material/stop_circle:", disabled=not data.may_cancel,
                  key="cancel_redrive", on_click=_cancel, args=(connection, job_id))
    elif found[0].cancel_asked:
        st.caption("Cancel asked for: the worker stops after the batch in its hands. What was sent stays sent.")
    problem = st.session_state.pop("cancel_problem", None)
    if problem:
        show(LamplightError(*problem))


def _cancel(connection: Connection, job_id: str) -> None:
    settings = connection.settings
    try:
        redrive.cancel(connection.table, connection.place, connection.clock, people.actor(settings), settings.writes,
                       job_id)
    except LamplightError as error:
        st.session_state["cancel_problem"] = (str(error), error.advice)


def _tiles(job: Job) -> None:
    with st.container(horizontal=True):
        for outcome, word in progress.OUTCOMES.items():
            st.metric(word.capitalize(), f"{job.count(outcome):,}", help=progress.MEANINGS[outcome], width=150)


def _pace(job: Job, now: int) -> str:
    if job.started_at is None:
        return f"asked {phrasing.ago(job.asked_at, now)}"
    took = (job.finished_at or job.sent_at or now) - job.started_at
    sent = job.handled - job.count(Outcome.SKIPPED)
    rate = f" · {sent / took * 1000:,.0f} a second" if job.sent_at and took >= 1000 else ""
    return f"{'took' if job.finished_at else 'running for'} {phrasing.duration(took)}{rate}"


def _data(connection: Connection, job: Job, results: Sequence[JobResult]) -> Data:
    may = can(people.actor(connection.settings), Action.CANCEL, connection.settings.writes)
    return Data(job, results, may, state.zone(), connection.clock())
