"""The worker: takes open redrive jobs, one lease at a time, and works each a slice further.

    QUEUED ─► RUNNING ─ every letter has a result ─► FOLLOWING ─ nothing on its way ─► DONE | CANCELLED
       └──── the role in the job may not redrive ─► REFUSED

Any worker can stop at any step, and any other can go on. What a job may do is decided here again, not by whoever
wrote the row."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from operations import audit, permissions
from operations.errors import NotAllowed
from operations.following import ended, follow
from operations.permissions import Action, Actor
from operations.plan import sends
from operations.senders import Senders
from operations.sending import CANCELLED, LEASE_MS, Means, Sending
from store import jobs
from store.clock import MINUTE_MS, Clock
from store.errors import ConditionLost, LamplightError
from store.recovery import Job, JobState
from store.table import Table

PRESUME_MS = 30 * MINUTE_MS


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


def run(table: Table, clock: Clock, senders: Senders, owner: str, deadline_ms: Callable[[], int],
        pause: Callable[[float], None], presume_ms: int = PRESUME_MS) -> RunReport:
    """Work every open job a slice further. `owner` names this run, `deadline_ms` returns the ms left, `pause`
    waits seconds, `presume_ms` is the window after which no return counts as processed.

    A job that fails is reported and left for the next run; the others still run. Raises StoreError when the open
    jobs cannot be read."""
    means = Means(table, clock, senders, deadline_ms, pause)
    done: list[JobRun] = []
    busy: list[str] = []
    for job in list(jobs.open_jobs(table)):
        if means.out_of_time:
            break
        now = clock()
        leased = jobs.lease(table, job, owner, now, now + LEASE_MS)
        if leased is None:
            busy.append(job.id)
        elif leased.state.open:
            done.append(_work(means, leased, presume_ms))
    return RunReport(tuple(done), tuple(busy))


def _work(means: Means, job: Job, presume_ms: int) -> JobRun:
    try:
        return _slice(means, job, presume_ms)
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


def _slice(means: Means, job: Job, presume_ms: int) -> JobRun:
    sent = 0
    if sends(job):
        refusal = _refusal(job)
        if refusal:
            job = _finish(means, replace(job, problem=refusal), JobState.REFUSED)
            return JobRun(job.id, job.state, problem=refusal)
        sending = Sending(means, _begun(means, job))
        job = sending.run()
        sent = sending.sent
    if job.state is JobState.FOLLOWING:
        job = follow(means.table, job, means.clock(), presume_ms, lambda held: _renewed(means, held))
    if ended(job):
        job = _finish(means, job, JobState.CANCELLED if job.problem == CANCELLED else JobState.DONE)
    else:
        job = jobs.save(means.table, replace(job, lease_owner=None, lease_until=0))
    return JobRun(job.id, job.state, sent, job.problem)


def _refusal(job: Job) -> str | None:
    """Why this job must not run, whoever wrote it."""
    try:
        permissions.enforce(Actor(job.actor, job.role), Action.REDRIVE, writes=True)
    except NotAllowed as refused:
        return str(refused)
    return None


def _begun(means: Means, job: Job) -> Job:
    if job.state is JobState.RUNNING:
        return job
    return jobs.save(means.table, replace(job, state=JobState.RUNNING, started_at=means.clock()))


def _renewed(means: Means, job: Job) -> Job:
    return jobs.save(means.table, replace(job, lease_until=means.clock() + LEASE_MS))


def _finish(means: Means, job: Job, state: JobState) -> Job:
    """The audit first: a job that is closed has its outcome written, and writing it twice changes nothing."""
    now = means.clock()
    audit.complete(means.table, job, now, state)
    return jobs.save(means.table, replace(job, state=state, finished_at=now, lease_owner=None, lease_until=0))
