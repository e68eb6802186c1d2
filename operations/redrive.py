"""Asking for a redrive, and asking it to stop. Writes a command and its audit intent; the worker does the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from operations import audit, permissions
from operations.errors import (
    AlreadyRedriving,
    BadRate,
    JobFinished,
    JobNotFound,
    NothingSelected,
    ReasonRequired,
    TooMany,
    UnknownDeadLetters,
)
from operations.permissions import Action, Actor
from operations.plan import Plan, plan, selection_sha256, sends
from operations.verdicts import Verdict
from store import audit_log, jobs
from store.clock import Clock
from store.records import Place
from store.recovery import AuditEntry, Job
from store.table import Table

MAX_MESSAGES = 10_000
"""Letters in one redrive: about an hour of a person's attention, and five items of frozen ids."""
MIN_REASON = 8
"""Letters and digits: `warehouse is back` passes, `ok` and a row of dots do not."""
MAX_REASON = 1_000
CANCEL_REASON = "stopped by hand"
MAX_RATE_PER_S = 500
"""What AWS's own message move task offers at most."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What a person asks for, in one hand."""

    queue: str
    message_ids: Sequence[str]
    reason: str
    job_id: str
    rate_per_s: int | None = None


def ask(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
        queue: str, message_ids: Sequence[str], reason: str, job_id: str, rate_per_s: int | None = None) -> Job:
    """Freeze the selection and leave it for the worker. `job_id` is made where the button is drawn: the same id
    again, as in a double click, returns the job that stands. `rate_per_s` is messages per second.

    Raises NotAllowed, ReasonRequired, NothingSelected, TooMany, BadRate, UnknownDeadLetters, AlreadyRedriving,
    or StoreError; then nothing was asked."""
    permissions.enforce(actor, Action.REDRIVE, writes)
    standing = jobs.get(table, job_id)
    if standing:
        return standing
    request = _checked(_Request(queue, message_ids, kept_reason(reason), job_id, rate_per_s))
    planned = plan(table, place, queue, request.message_ids)
    _refuse_what_cannot_run(planned)
    job = Job(place, job_id, queue, actor.name, actor.role, request.reason, len(request.message_ids), clock(),
              rate_per_s)
    audit.announce(table, audit.of_job(job, _details(request, planned)))
    if jobs.create(table, job, [letter.message_id for letter in planned.letters]):
        return job
    return _first_of_two(table, job)


def cancel(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, job_id: str) -> Job:
    """Ask the worker to stop after the batch in its hands. What was sent stays sent.

    Raises NotAllowed, JobNotFound, JobFinished, or StoreError."""
    permissions.enforce(actor, Action.CANCEL, writes)
    job = jobs.get(table, job_id)
    if job is None or job.place != place:
        raise JobNotFound(job_id)
    if not sends(job):
        raise JobFinished(job_id, job.state)
    if job.cancel_asked:
        return job
    now = clock()
    entry = AuditEntry(place, f"{job_id}-cancel", now, actor.name, actor.role, Action.CANCEL, job_id, CANCEL_REASON)
    with audit.audited(table, clock, entry) as act:
        asked = jobs.ask_cancel(table, job)
        act.outcome, act.details = "asked", {"sent so far": str(asked.handled)}
    return asked


def kept_reason(given: str) -> str:
    """The reason as kept: trimmed and cut at MAX_REASON. Raises ReasonRequired when it says too little."""
    kept = " ".join(given.split())
    if sum(character.isalnum() for character in kept) < MIN_REASON:
        raise ReasonRequired(MIN_REASON)
    return kept[:MAX_REASON]


def _checked(request: _Request) -> _Request:
    selection = list(dict.fromkeys(request.message_ids))
    if not selection:
        raise NothingSelected()
    if len(selection) > MAX_MESSAGES:
        raise TooMany(len(selection), MAX_MESSAGES)
    rate = request.rate_per_s
    if rate is not None and not 1 <= rate <= MAX_RATE_PER_S:
        raise BadRate(rate, MAX_RATE_PER_S)
    return replace(request, message_ids=selection)


def _refuse_what_cannot_run(planned: Plan) -> None:
    unknown = planned.of(Verdict.UNKNOWN)
    if unknown:
        raise UnknownDeadLetters(planned.queue, [letter.message_id for letter in unknown])
    held = planned.of(Verdict.HELD)
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
    return {**details, "rate per second": str(request.rate_per_s)} if request.rate_per_s else details


def _first_of_two(table: Table, job: Job) -> Job:
    """Two clicks raced and the other one won: its job stands, and our own intent, if it is another entry, says so."""
    standing = jobs.get(table, job.id)
    if standing is None:
        raise JobNotFound(job.id)
    if standing.asked_at != job.asked_at:
        audit_log.put_outcome(table, audit.of_job(job), "already asked", job.asked_at, {"job": standing.id})
    return standing
