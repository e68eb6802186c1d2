"""What operators act on, as records: queues, dead letters, redrive jobs, the audit trail, idempotency rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from store.records import Place


class Custody(StrEnum):
    """Who holds the message. Captured: this table. Watched: its queue."""

    CAPTURED = "captured"
    WATCHED = "watched"


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
    seen_at: int = 0


class Shape(StrEnum):
    """How a message came to be dead, which decides the way back."""

    SQS_REDRIVE = "sqs redrive policy"
    LAMBDA_ASYNC = "lambda dead-letter config"
    LAMBDA_DESTINATION = "lambda on-failure destination"
    EVENTBRIDGE_RULE = "eventbridge rule"
    SCHEDULER = "eventbridge scheduler"
    PIPES = "eventbridge pipe"
    STREAM_BATCH = "stream batch"
    SNS = "sns delivery"
    UNKNOWN = "unknown"


class Way(StrEnum):
    """How a message goes back."""

    SEND = "send"
    INVOKE = "invoke"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes back to, and how; `why_not` says why there is no way back."""

    way: Way
    arn: str = ""
    why_not: str = ""


class LetterState(StrEnum):
    """The journal of one dead letter.

    DEAD → CLAIMED → SENT → SUCCEEDED | PRESUMED | RETURNED; NEEDS_OPERATOR when a send stayed ambiguous too
    often or was refused; DISCARDED by an operator."""

    DEAD = "dead"
    CLAIMED = "claimed"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    PRESUMED = "presumed"
    RETURNED = "returned"
    NEEDS_OPERATOR = "needs operator"
    DISCARDED = "discarded"
    GONE = "gone"
    """Watched, and no longer in its queue: expired, or taken by somebody else. The copy of its body stays."""

    @property
    def open(self) -> bool:
        """Still somebody's work: listed by the sparse index."""
        return self not in (LetterState.SUCCEEDED, LetterState.PRESUMED, LetterState.DISCARDED,
                            LetterState.RETURNED, LetterState.GONE)

    @property
    def redrivable(self) -> bool:
        return self in (LetterState.DEAD, LetterState.NEEDS_OPERATOR)


@dataclass(frozen=True, slots=True)
class MessageAttribute:
    """One SQS message attribute. `type` is `String`, `Number`, `Binary` or a custom form such as `Number.int`."""

    type: str
    string: str | None = None
    binary: bytes | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One life of a dead message, with its journal. `message_id` is the id it died under in `queue`.

    A letter that comes back after a redrive is a new life: `lineage` is the id of the first one, `life` its
    number, `previous` the key (`queue/message id`) of the one before."""

    place: Place
    queue: str
    message_id: str
    body: str
    body_sha256: str
    shape: Shape
    destination: Destination
    captured_at: int
    attributes: Mapping[str, MessageAttribute] = field(default_factory=dict)
    system: Mapping[str, str] = field(default_factory=dict)
    sent_at: int | None = None
    receive_count: int | None = None
    function: str | None = None
    request_id: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    fingerprint: str | None = None
    state: LetterState = LetterState.DEAD
    job_id: str | None = None
    attempts: int = 0
    """Sends tried for this life, ambiguous ones included."""
    ambiguous: int = 0
    """Sends whose answer never came: each may have made one duplicate."""
    claimed_at: int | None = None
    redriven_at: int | None = None
    sent_message_id: str | None = None
    settled_at: int | None = None
    evidence: str | None = None
    """What the outcome rests on, in words."""
    problem: str | None = None
    lineage: str = ""
    life: int = 1
    previous: str | None = None
    next: str | None = None
    custody: Custody = Custody.CAPTURED
    expires_at: int | None = None
    """When its queue forgets it (epoch ms); None for a captured letter, and where nothing says when."""
    archived_at: int | None = None
    """Since when this table keeps it whatever its queue does; captured letters need none."""
    deleted_at: int | None = None
    """When its queue was told to forget a watched letter that had been sent."""
    parts: int = 0
    """Extra items that hold a body too large for one; 0 when the body is in the item."""
    version: int = 0

    @property
    def key(self) -> str:
        """`queue/message id`: the name of this life in journals, markers and the audit."""
        return f"{self.queue}/{self.message_id}"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FOLLOWING = "following"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"

    @property
    def open(self) -> bool:
        return self not in (JobState.DONE, JobState.CANCELLED, JobState.REFUSED)


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

    def count(self, outcome: Outcome) -> int:
        return self.counts.get(outcome, 0)

    @property
    def handled(self) -> int:
        """Messages the worker is done with: sent, skipped or put aside."""
        return sum(self.counts.values())

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
