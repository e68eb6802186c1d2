"""What operators act on, as records: queues, dead letters, redrive jobs, the audit trail, idempotency rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from store.letters import (
    Custody,
    DeadLetter,
    Destination,
    Edit,
    LetterState,
    MessageAttribute,
    Note,
    Shape,
    Way,
)
from store.records import Place

__all__ = ["AuditEntry", "Custody", "DeadLetter", "Destination", "Edit", "Job", "JobResult", "JobState", "LetterState",
           "MessageAttribute", "Note", "Outcome", "Queue", "Shape", "Way"]


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as last looked at. `sources` are the queues or functions whose failures land here."""

    place: Place
    name: str
    arn: str
    url: str
    is_dead_letter_queue: bool = False
    custody: Custody = Custody.WATCHED
    sources: tuple[str, ...] = ()
    dead_letter_arn: str | None = None
    max_receive_count: int | None = None
    visible: int | None = None
    in_flight: int | None = None
    delayed: int | None = None
    retention_s: int | None = None
    visibility_timeout_s: int | None = None
    oldest_age_s: int | None = None
    fifo: bool = False
    encrypted: bool = False
    consumers: tuple[str, ...] = ()
    """Functions whose event source mapping reads this queue."""
    resting: tuple[str, ...] = ()
    """Those of them whose mapping is switched off."""
    seen_at: int = 0
    waiting_before: int | None = None
    """How many messages were in it, all told, at the look before: counts of SQS go up and down by themselves."""


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FOLLOWING = "following"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"

    @property
    def open(self) -> bool:
        return self not in (JobState.DONE, JobState.CANCELLED, JobState.REFUSED)

    @property
    def sending(self) -> bool:
        """It has, or may have, messages left to send."""
        return self in (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


class Outcome(StrEnum):
    """What became of one message of a job. SENT is on the way; every other is final, save that a later return
    turns SUCCEEDED or PRESUMED into RETURNED."""

    SENT = "sent"
    SKIPPED = "skipped"
    NEEDS_OPERATOR = "needs operator"
    SUCCEEDED = "succeeded"
    PRESUMED = "presumed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class JobResult:
    """One message of a job: which, what became of it, and why. `letter` is `queue/message id`."""

    letter: str
    outcome: Outcome
    at: int
    detail: str = ""
    sent_message_id: str | None = None
    ambiguous: int = 0
    edit: str | None = None
    """The edit that was sent in place of the original."""


@dataclass(frozen=True, slots=True)
class Job:
    """A redrive asked for by a person. Its selection is frozen beside it (`jobs.selection`); `counts` says how
    many messages have each outcome, counted from the job's results, never estimated."""

    place: Place
    id: str
    queue: str
    actor: str
    role: str
    reason: str
    total: int
    asked_at: int
    rate_per_s: int | None = None
    state: JobState = JobState.QUEUED
    started_at: int | None = None
    sent_at: int | None = None
    """When the last message was sent; following begins."""
    finished_at: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    lease_owner: str | None = None
    lease_until: int = 0
    fence: int = 0
    """Grows with every lease; a worker with an older number can no longer write the job."""
    cancel_asked: bool = False
    problem: str | None = None
    """Why it does not get on or did not run; begins with `Waiting:` while time alone may help."""
    ramp: tuple[int, ...] = ()
    """Canary stages: so many messages first, then so many more, then the rest."""
    stage: int = 0
    """Stages that came out well."""
    tolerated: int = 0
    """Failures of earlier stages that an operator has seen and resumed over."""
    not_before: int | None = None
    """Scheduled: nothing is sent before this (epoch ms)."""
    destination: str | None = None
    """Another queue or function than each letter's own, as an ARN."""
    pause_consumers_of: tuple[str, ...] = ()
    """Queues, as ARNs, whose event source mappings rest while they are being sent to."""
    paused_consumer: tuple[str, ...] = ()
    """Event source mappings this job paused and is going to resume."""
    pause_asked: bool = False
    """A person, or a canary that failed, wants it to stand still; False again is the wish to go on."""
    deleting: tuple[str, ...] = ()
    """Messages that were sent and that their queue may not have been told to forget."""
    given_back: int = 0
    """Messages of its queue that were received while looking for the selected ones, and let go unchanged."""

    def count(self, outcome: Outcome) -> int:
        return self.counts.get(outcome, 0)

    @property
    def handled(self) -> int:
        """Messages the worker is done with: sent, skipped or put aside."""
        return sum(self.counts.values())

    @property
    def failed(self) -> int:
        """Messages that came back, or that a person has to decide about."""
        return self.count(Outcome.RETURNED) + self.count(Outcome.NEEDS_OPERATOR)

    @property
    def attempted(self) -> int:
        """Messages that were sent or tried, whatever came of it."""
        return self.handled - self.count(Outcome.SKIPPED)

    @property
    def settled(self) -> int:
        """Messages whose outcome is known."""
        return self.handled - self.count(Outcome.SENT)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, why, to what, and how it ended. The intent is written before the act, the outcome after;
    an intent without an outcome is itself a finding."""

    place: Place
    id: str
    at: int
    actor: str
    role: str
    action: str
    subject: str
    reason: str
    details: Mapping[str, str] = field(default_factory=dict)
    outcome: str | None = None
    outcome_at: int | None = None
    outcome_details: Mapping[str, str] = field(default_factory=dict)
