"""Asking for a redrive, and asking it to stand still, go on or stop. Writes a command and its audit intent; the
worker does the rest. Of two that race each leaves its wish: a cancel is never taken back, of pause and resume the
last one stands."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from operations import audit, canary, elsewhere, permissions
from operations.errors import (
    AlreadyRedriving,
    BadRamp,
    BadRate,
    BadSchedule,
    BeingMoved,
    JobFinished,
    JobNotFound,
    NothingSelected,
    ReasonRequired,
    TooMany,
    UnknownDeadLetters,
)
from operations.permissions import Action, Actor
from operations.plan import BEING_MOVED, Plan, plan, selection_sha256, sends
from operations.verdicts import Verdict
from store import audit_log, jobs
from store.clock import DAY_MS, Clock, iso
from store.records import Place
from store.recovery import AuditEntry, Job
from store.table import Table

MAX_MESSAGES = 100_000
"""Letters in one redrive: fifty items of frozen ids, and a plan of about 150 MB where it is made."""
MIN_REASON = 8
"""Letters and digits: `warehouse is back` passes, `ok` and a row of dots do not."""
MAX_REASON = 1_000
STEER_REASON = "by hand"
CANCEL_REASON = "stopped by hand"
MAX_RATE_PER_S = 500
"""What AWS's own message move task offers at most."""
MAX_AHEAD_DAYS = 14
"""As long as SQS keeps a message at most."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What a person asks for, in one hand."""

    queue: str
    message_ids: Sequence[str]
    reason: str
    job_id: str
    rate_per_s: int | None = None
    ramp: tuple[int, ...] = ()
    not_before: int | None = None
    destination: str | None = None
    pause_consumer: bool = False


def ask(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
        queue: str, message_ids: Sequence[str], reason: str, job_id: str, rate_per_s: int | None = None,
        ramp: Sequence[int] = (), not_before: int | None = None, destination: str | None = None,
        pause_consumer: bool = False) -> Job:
    """Freeze the selection and leave it for the worker. `job_id` is made where the button is drawn: the same id
    again, as in a double click, returns the job that stands. `rate_per_s` is messages per second, `ramp` the canary's
    stages such as (1, 10), `not_before` epoch ms, `destination` the ARN of another place than each letter's own,
    which takes a permission of its own; `pause_consumer` lets the destination's consumers rest while it is sent.

    Raises NotAllowed, ReasonRequired, NothingSelected, TooMany, BadRate, BadRamp, BadSchedule, BadDestination,
    UnknownDeadLetters, AlreadyRedriving, BeingMoved, or StoreError; then nothing was asked."""
    permissions.enforce(actor, Action.REDRIVE, writes)
    if destination:
        permissions.enforce(actor, Action.REDRIVE_ELSEWHERE, writes)
    standing = jobs.get(table, job_id)
    if standing:
        return standing
    now = clock()
    request = _checked(_Request(queue, message_ids, kept_reason(reason), job_id, rate_per_s, tuple(ramp), not_before,
                                destination, pause_consumer), now)
    aim = elsewhere.check(table, place, queue, destination) if destination else None
    planned = plan(table, place, queue, request.message_ids, aim)
    _refuse_what_cannot_run(planned)
    job = Job(place, job_id, queue, actor.name, actor.role, request.reason, len(request.message_ids), now,
              rate_per_s, ramp=request.ramp, not_before=not_before, destination=destination,
              pause_consumers_of=_queues_of(planned) if pause_consumer else ())
    audit.announce(table, audit.of_job(job, _details(request, planned)))
    if jobs.create(table, job, [letter.message_id for letter in planned.letters]):
        return job
    return _first_of_two(table, job)


def cancel(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, job_id: str) -> Job:
    """Ask the worker to stop after the batch in its hands. What was sent stays sent.

    Raises NotAllowed, JobNotFound, JobFinished, or StoreError."""
    job = _steerable(table, place, actor, writes, Action.CANCEL, job_id)
    if job.cancel_asked:
        return job
    entry = AuditEntry(place, f"{job_id}-cancel", clock(), actor.name, actor.role, Action.CANCEL, job_id, CANCEL_REASON)
    with audit.audited(table, clock, entry) as act:
        asked = jobs.ask_cancel(table, job)
        act.outcome, act.details = "asked", {"sent so far": str(asked.handled)}
    return asked


def pause(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, job_id: str) -> Job:
    """Ask the worker to stand still after the batch in its hands, until somebody resumes or cancels.

    Raises NotAllowed, JobNotFound, JobFinished, or StoreError."""
    return _steered(table, clock, actor, Action.PAUSE, _steerable(table, place, actor, writes, Action.PAUSE, job_id))


def resume(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, job_id: str) -> Job:
    """Let a paused redrive go on where it stood, be it that a person paused it or its canary.

    Raises NotAllowed, JobNotFound, JobFinished, or StoreError."""
    return _steered(table, clock, actor, Action.RESUME, _steerable(table, place, actor, writes, Action.RESUME, job_id))


def _steerable(table: Table, place: Place, actor: Actor, writes: bool, action: Action, job_id: str) -> Job:
    permissions.enforce(actor, action, writes)
    job = jobs.get(table, job_id)
    if job is None or job.place != place:
        raise JobNotFound(job_id)
    if not sends(job):
        raise JobFinished(job_id, job.state)
    return job


def _steered(table: Table, clock: Clock, actor: Actor, action: Action, job: Job) -> Job:
    wanted = action is Action.PAUSE
    if job.pause_asked is wanted:
        return job
    entry = AuditEntry(job.place, f"{job.id}-{action}-{uuid.uuid4().hex[:8]}", clock(), actor.name, actor.role, action,
                       job.id, STEER_REASON)
    with audit.audited(table, clock, entry) as act:
        asked = jobs.ask_pause(table, job, wanted)
        act.outcome, act.details = "asked", {"sent so far": str(asked.handled)}
    return asked


def kept_reason(given: str) -> str:
    """The reason as kept: trimmed and cut at MAX_REASON. Raises ReasonRequired when it says too little."""
    kept = " ".join(given.split())
    if sum(character.isalnum() for character in kept) < MIN_REASON:
        raise ReasonRequired(MIN_REASON)
    return kept[:MAX_REASON]


def _checked(request: _Request, now: int) -> _Request:
    selection = list(dict.fromkeys(request.message_ids))
    if not selection:
        raise NothingSelected()
    if len(selection) > MAX_MESSAGES:
        raise TooMany(len(selection), MAX_MESSAGES)
    rate = request.rate_per_s
    if rate is not None and not 1 <= rate <= MAX_RATE_PER_S:
        raise BadRate(rate, MAX_RATE_PER_S)
    _check_ramp(request)
    if request.not_before is not None and request.not_before > now + MAX_AHEAD_DAYS * DAY_MS:
        raise BadSchedule(MAX_AHEAD_DAYS)
    return replace(request, message_ids=selection)


def _check_ramp(request: _Request) -> None:
    if len(request.ramp) > canary.MOST_STAGES or any(size < 1 for size in request.ramp):
        raise BadRamp(f"stages are 1 to {canary.MOST_STAGES} numbers from 1 on")
    if request.ramp and request.pause_consumer:
        raise BadRamp("with its consumer paused no message of a stage comes out")


def _queues_of(planned: Plan) -> tuple[str, ...]:
    """The queues that would be sent to; a function that is invoked has nobody who reads for it."""
    return tuple(sorted(arn for arn in planned.destinations if ":sqs:" in arn))


def _refuse_what_cannot_run(planned: Plan) -> None:
    unknown = planned.of(Verdict.UNKNOWN)
    if unknown:
        raise UnknownDeadLetters(planned.queue, [letter.message_id for letter in unknown])
    held = planned.of(Verdict.HELD)
    if held and held[0].reason == BEING_MOVED:
        raise BeingMoved(planned.queue)
    if held:
        holder = held[0].job_id or "of somebody else"
        raise AlreadyRedriving(holder, [letter.message_id for letter in held if letter.job_id == held[0].job_id])
    if not planned.runnable:
        why = Counter(letter.reason for letter in planned.letters)
        raise NothingSelected("; ".join(f"{count:,} {said}" for said, count in why.most_common(3)))


def _details(request: _Request, planned: Plan) -> Mapping[str, str]:
    details = {
        "queue": request.queue,
        "count": str(len(planned.letters)),
        "will run": str(len(planned.runnable)),
        "selection sha256": selection_sha256([letter.message_id for letter in planned.letters]),
        "destinations": ", ".join(f"{arn} ({count:,})" for arn, count in sorted(planned.destinations.items())),
    }
    if planned.warnings:
        details["warnings"] = ", ".join(f"{one.kind} ({one.count:,})" for one in planned.warnings)
    asked = {
        "rate per second": str(request.rate_per_s or ""),
        "canary": canary.stages(request.ramp) if request.ramp else "",
        "not before": iso(request.not_before) if request.not_before else "",
        "elsewhere": request.destination or "",
        "consumers paused": ", ".join(_queues_of(planned)) if request.pause_consumer else "",
    }
    return {**details, **{name: value for name, value in asked.items() if value}}


def _first_of_two(table: Table, job: Job) -> Job:
    """Two clicks raced and the other one won: its job stands, and our own intent, if it is another entry, says so."""
    standing = jobs.get(table, job.id)
    if standing is None:
        raise JobNotFound(job.id)
    if standing.asked_at != job.asked_at:
        audit_log.put_outcome(table, audit.of_job(job), "already asked", job.asked_at, {"job": standing.id})
    return standing
