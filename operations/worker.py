"""The worker: takes open redrive jobs, one lease at a time, and works each a slice further.

    QUEUED ─► RUNNING ─ every letter has a result ─► FOLLOWING ─ nothing on its way ─► DONE | CANCELLED
       │       │  ▲ resumed
       │       ▼  │
       │      PAUSED     asked for, or its canary said no; holds no lease
       └──── the role in the job may not redrive ─► REFUSED

Any worker can stop at any step, and any other can go on. What a job may do is decided here again, not by whoever
wrote the row."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from operations import audit, consumer_pause, elsewhere, permissions, redrive_alerts
from operations.consumer_pause import Consumers
from operations.errors import OtherPlace
from operations.following import Proof, ended, follow, unproved
from operations.inbox import Inbox
from operations.leased import LEASE_MS, PRESUME_MS, Means
from operations.permissions import Action, Actor
from operations.plan import sends
from operations.senders import Senders
from operations.sending import CANCELLED, Sending
from store import jobs, outcomes
from store.clock import Clock
from store.errors import ConditionLost, LamplightError, OperationRefused
from store.records import Place
from store.recovery import Job, JobState, Outcome
from store.table import Table


@dataclass(frozen=True, slots=True)
class JobRun:
    """What one slice did for one job."""

    job_id: str
    state: JobState
    sent: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run of the worker did; `busy` jobs are in another worker's hands."""

    jobs: tuple[JobRun, ...] = ()
    busy: tuple[str, ...] = ()

    @property
    def sent(self) -> int:
        return sum(one.sent for one in self.jobs)


def run(table: Table, clock: Clock, senders: Senders, owner: str, deadline_ms: Callable[[], int],  # noqa: PLR0913
        pause: Callable[[float], None], presume_ms: int = PRESUME_MS, *, inbox: Inbox | None = None,
        consumers: Consumers | None = None, proof: Proof = unproved, here: Place | None = None) -> RunReport:
    """Work every open job a slice further. `owner` names this run, `deadline_ms` returns the ms left, `pause`
    waits seconds, `presume_ms` is the window after which no return counts as processed; `inbox` receives watched
    messages, `consumers` pauses and resumes who reads a destination, `proof` shows that a message was processed,
    `here` is the place the senders act in: jobs of another are refused.

    A job that fails is reported and left for the next run; the others still run. Raises StoreError when the open
    jobs cannot be read."""
    means = Means(table, clock, senders, deadline_ms, pause, inbox, presume_ms, proof, here)
    done: list[JobRun] = []
    busy: list[str] = []
    if consumers:
        consumer_pause.resume_forgotten(table, clock, consumers)
    for job in list(jobs.open_jobs(table)):
        if means.out_of_time:
            break
        now = clock()
        if _rests(job, now):
            continue
        leased = jobs.lease(table, job, owner, now, now + LEASE_MS)
        if leased is None:
            busy.append(job.id)
        elif leased.state.open and _rests(leased, now):
            jobs.save(table, replace(leased, lease_owner=None, lease_until=0))
        elif leased.state.open:
            done.append(_work(means, leased, consumers))
    return RunReport(tuple(done), tuple(busy))


def _rests(job: Job, now: int) -> bool:
    """Nothing is to be done for it: it stands still with nothing on its way, or its time has not come."""
    if job.cancel_asked:
        return False
    if job.state is JobState.PAUSED and job.pause_asked:
        return not job.count(Outcome.SENT) and not job.paused_consumer
    return job.state is JobState.QUEUED and not job.pause_asked and (job.not_before or 0) > now


def _work(means: Means, job: Job, consumers: Consumers | None) -> JobRun:
    try:
        return _slice(means, job, consumers)
    except ConditionLost as lost:
        return JobRun(job.id, job.state, problem=f"{lost} Another worker goes on.")
    except LamplightError as error:
        _note(means, job, error.sentence)
        return JobRun(job.id, job.state, problem=error.sentence)


def _note(means: Means, job: Job, problem: str) -> None:
    """Show on the job why it does not get on; if even that fails, the report says it."""
    with suppress(LamplightError):
        standing = jobs.get(means.table, job.id)
        if standing and standing.fence == job.fence and sends(standing):
            jobs.save(means.table, replace(standing, problem=problem, lease_owner=None, lease_until=0))


def _slice(means: Means, job: Job, consumers: Consumers | None) -> JobRun:
    sent = 0
    refusal = _refusal(means, job) if sends(job) else None
    if refusal:
        redrive_alerts.stopped(means.table, job, refusal, means.clock())
        job = _resumed(means, replace(job, problem=refusal), consumers)
        job = _finish(means, job, JobState.REFUSED)
        return JobRun(job.id, job.state, problem=refusal)
    if sends(job) and (not job.pause_asked or job.cancel_asked or job.state is not JobState.PAUSED):
        job = _begun(means, job)
        if not job.pause_asked and not job.cancel_asked:
            job = consumer_pause.paused(means.table, means.clock, consumers, job)
        sending = Sending(means, job)
        job = sending.run()
        sent = sending.sent
    if job.state is JobState.FOLLOWING or (job.state is JobState.PAUSED and job.count(Outcome.SENT)):
        job = follow(means, job, lambda held: _renewed(means, held))
    if not job.state.sending or job.state is JobState.PAUSED:
        job = _resumed(means, job, consumers)
    if ended(job):
        job = _finish(means, job, JobState.CANCELLED if job.problem == CANCELLED else JobState.DONE)
    else:
        job = jobs.save(means.table, replace(job, lease_owner=None, lease_until=0))
    return JobRun(job.id, job.state, sent, job.problem)


def _refusal(means: Means, job: Job) -> str | None:
    """Why this job must not run, whoever wrote it."""
    actor = Actor(job.actor, job.role)
    try:
        if means.here and job.place != means.here:
            raise OtherPlace(job.place, means.here)
        permissions.enforce(actor, Action.REDRIVE, writes=True)
        if job.destination:
            permissions.enforce(actor, Action.REDRIVE_ELSEWHERE, writes=True)
            elsewhere.check(means.table, job.place, job.queue, job.destination)
    except OperationRefused as refused:
        return str(refused)
    return None


def _begun(means: Means, job: Job) -> Job:
    if job.state is JobState.RUNNING:
        return job
    started = job.started_at or means.clock()
    state = JobState.PAUSED if job.pause_asked and not job.cancel_asked else JobState.RUNNING
    return jobs.save(means.table, replace(job, state=state, started_at=started, problem=None))


def _resumed(means: Means, job: Job, consumers: Consumers | None) -> Job:
    return consumer_pause.resumed(means.table, means.clock, consumers, job)


def _renewed(means: Means, job: Job) -> Job:
    return jobs.save(means.table, replace(job, lease_until=means.clock() + LEASE_MS))


def _finish(means: Means, job: Job, state: JobState) -> Job:
    """The audit first: a job that is closed has its outcome written, and writing it twice changes nothing."""
    now = means.clock()
    audit.complete(means.table, job, now, state)
    closed = jobs.save(means.table, replace(job, state=state, finished_at=now, lease_owner=None, lease_until=0))
    outcomes.correct(means.table, [job.id])  # a return between the last count and the close
    return closed
