"""Small records with believable defaults, for every test."""

from __future__ import annotations

from typing import Any

from store.records import ErrorGroup, Invocation, KeptInvocation, Place, Status
from store.recovery import DeadLetter, Destination, Job, LetterState, Shape, Way

PLACE = Place("123456789012", "eu-central-1")
NOW = 1_795_460_000_000
"""2026-11-23 18:53:20 UTC."""
QUEUE = "orders-fulfil-dlq"
SOURCE_ARN = "arn:aws:sqs:eu-central-1:123456789012:orders-fulfil"


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: int) -> None:
        self.now += ms


def an_invocation(**facts: Any) -> Invocation:
    defaults: dict[str, Any] = {
        "request_id": "8f507cfc-0000-4697-b07a-ac58fc914c95", "log_stream": "2026/11/23/[7]aa", "version": "7",
        "status": Status.OK, "duration_ms": 120.5, "billed_ms": 121.0, "memory_mb": 512, "max_memory_mb": 91,
        "started_at": NOW - 200, "ended_at": NOW, "event_id": "e1",
    }
    return Invocation(**{**defaults, **facts})


def a_kept_invocation(**facts: Any) -> KeptInvocation:
    failed = an_invocation(status=Status.ERROR, error_type="KeyError", error_message="'sku'",
                           lines=("[ERROR] KeyError: 'sku'",))
    defaults: dict[str, Any] = {"place": PLACE, "function": "orders-fulfil", "invocation": failed, "at": NOW,
                                "fingerprint": "00112233aabbccdd"}
    return KeptInvocation(**{**defaults, **facts})


def a_group(**facts: Any) -> ErrorGroup:
    defaults: dict[str, Any] = {
        "place": PLACE, "fingerprint": "00112233aabbccdd", "function": "orders-fulfil", "error_type": "KeyError",
        "message": "'sku'", "status": Status.ERROR, "first_seen": NOW, "last_seen": NOW,
        "first_version": "7", "last_version": "7",
    }
    return ErrorGroup(**{**defaults, **facts})


def a_letter(message_id: str = "m-1", **facts: Any) -> DeadLetter:
    defaults: dict[str, Any] = {
        "place": PLACE, "queue": QUEUE, "message_id": message_id, "body": '{"order_id": "88123"}',
        "body_sha256": "ab" * 32, "shape": Shape.SQS_REDRIVE, "destination": Destination(Way.SEND, SOURCE_ARN),
        "captured_at": NOW, "sent_at": NOW - 60_000, "receive_count": 4, "state": LetterState.DEAD,
        "lineage": message_id,
    }
    return DeadLetter(**{**defaults, **facts})


def a_job(**facts: Any) -> Job:
    defaults: dict[str, Any] = {
        "place": PLACE, "id": "job-1", "queue": QUEUE, "actor": "ada@example.com", "role": "operator",
        "reason": "the warehouse is back", "total": 2, "asked_at": NOW,
    }
    return Job(**{**defaults, **facts})
