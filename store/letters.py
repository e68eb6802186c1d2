"""Dead letters as records: how a message died, the way back, its journal, and what operators did to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from store.records import Place


class Custody(StrEnum):
    """Who holds the message. Captured: this table. Watched: its queue."""

    CAPTURED = "captured"
    WATCHED = "watched"


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
    often or was refused; DISCARDED by an operator; QUARANTINED when its lineage came back too often."""

    DEAD = "dead"
    CLAIMED = "claimed"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    PRESUMED = "presumed"
    RETURNED = "returned"
    NEEDS_OPERATOR = "needs operator"
    DISCARDED = "discarded"
    QUARANTINED = "quarantined"
    """It came back from three redrives: no redrive takes it until an operator releases it."""
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
class Note:
    """What an operator did to a letter: `did` in a word or two, and why."""

    at: int
    by: str
    did: str
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is sent in place of the original, which stays as it was. `original_sha256` is that of the text the edit
    began from: what would have been sent without it. `patch` is the JSON Patch, or None for a text put whole."""

    id: str
    text: str
    sha256: str
    original_sha256: str
    at: int
    by: str
    reason: str
    patch: str | None = None


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
    edit: Edit | None = None
    """The edit that stands; None when the original is what would be sent."""
    discarded_as: LetterState | None = None
    """The state a discarded letter had, and has again when the discard is undone."""
    notes: tuple[Note, ...] = ()
    """What operators did to it, oldest first; the newest 30. All of it stands in the audit."""
    parts: int = 0
    """Extra items that hold a body too large for one; 0 when the body is in the item."""
    attribute_parts: int = 0
    """Further items that hold attributes too large for the letter's own."""
    version: int = 0

    @property
    def key(self) -> str:
        """`queue/message id`: the name of this life in journals, markers and the audit."""
        return f"{self.queue}/{self.message_id}"
