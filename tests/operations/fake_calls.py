"""Where every call of every fake client passes: faults are ordered here, and here a process dies.

A fault belongs to one attempt. A client with several tries (as the SDK makes for the table) meets the next one on
its next try, so an acknowledgement can be lost and the repeated call refused by its own first effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from tests.builders import FakeClock
from tests.operations.bench import Killed

Answer = dict[str, Any]


class Fault(StrEnum):
    NONE = "none"
    NOT_CONNECTED = "not connected"
    DROP_BEFORE = "dropped before it arrived"
    DROP_AFTER = "applied, and the answer lost"
    ERROR = "server error, not applied"
    ERROR_AFTER = "server error, applied"
    THROTTLE = "throttled"
    TRUNCATED = "applied, and the answer empty"
    STALL = "applied after a long time"
    DENIED = "access denied"
    GONE = "the queue is gone"
    SENDER_FAULT = "first entry refused"
    SERVICE_FAULT = "first entry not taken"
    MISSING_ID = "first entry in neither list"
    WRONG_MD5 = "first entry with another digest"
    KMS = "kms refuses the first entry"
    CONFLICT = "another transaction is at it"


BEFORE = frozenset({Fault.NOT_CONNECTED, Fault.DROP_BEFORE, Fault.ERROR, Fault.THROTTLE, Fault.DENIED, Fault.GONE,
                    Fault.CONFLICT})
"""Raised instead of the call's effect."""
AFTER = frozenset({Fault.DROP_AFTER, Fault.ERROR_AFTER})
"""Raised after the call's effect."""
PER_ENTRY = frozenset({Fault.SENDER_FAULT, Fault.SERVICE_FAULT, Fault.MISSING_ID, Fault.WRONG_MD5, Fault.KMS})
REPEATED = frozenset({Fault.NOT_CONNECTED, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.ERROR, Fault.ERROR_AFTER,
                      Fault.THROTTLE, Fault.CONFLICT})
"""What the SDK's standard mode tries again."""
STALL_MS = 61_000
"""Past a lease of 60 s."""
ENDPOINT = "https://fake.example"
_CODES: Mapping[str, Mapping[Fault, tuple[str, int]]] = {
    "sqs": {Fault.ERROR: ("InternalFailure", 500), Fault.ERROR_AFTER: ("InternalFailure", 500),
            Fault.THROTTLE: ("RequestThrottled", 403), Fault.DENIED: ("AccessDenied", 403),
            Fault.GONE: ("AWS.SimpleQueueService.NonExistentQueue", 400)},
    "lambda": {Fault.ERROR: ("ServiceException", 500), Fault.ERROR_AFTER: ("ServiceException", 500),
               Fault.THROTTLE: ("TooManyRequestsException", 429), Fault.DENIED: ("AccessDeniedException", 403),
               Fault.GONE: ("ResourceNotFoundException", 404)},
    "dynamodb": {Fault.ERROR: ("InternalServerError", 500), Fault.ERROR_AFTER: ("InternalServerError", 500),
                 Fault.THROTTLE: ("ProvisionedThroughputExceededException", 400),
                 Fault.DENIED: ("AccessDeniedException", 400), Fault.GONE: ("ResourceNotFoundException", 400),
                 Fault.CONFLICT: ("TransactionConflictException", 400)},
}


def refusal(code: str, operation: str, status: int = 400, message: str = "refused", **more: Any) -> ClientError:
    """A service's error in the shape botocore gives it."""
    said: Any = {"Error": {"Code": code, "Message": message, "Type": "Sender" if status < 500 else "Receiver"},
                 "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": 0}, **more}
    return ClientError(said, operation)


@dataclass
class Calls:
    """`planned` faults by `service` or `service:operation`, taken one per attempt; `steps_left` counts a process
    down to its death, two steps a call: before it and after it was applied; `said` names the steps taken."""

    clock: FakeClock
    planned: dict[str, list[Fault]] = field(default_factory=dict)
    steps_left: int | None = None
    said: list[str] = field(default_factory=list)
    between: Callable[[str], None] = lambda _: None

    def plan(self, where: str, faults: Iterable[Fault]) -> None:
        self.planned.setdefault(where, []).extend(faults)

    def calm(self) -> None:
        self.planned.clear()
        self.steps_left = None

    def perform(self, service: str, operation: str, act: Callable[[Fault], Answer], tries: int = 1) -> Answer:
        while True:
            tries -= 1
            fault = self._next(service, operation)
            try:
                return self._attempt(service, operation, act, fault)
            except (ClientError, EndpointConnectionError, ReadTimeoutError, ConnectionClosedError):
                if fault not in REPEATED or tries <= 0:
                    raise

    def _attempt(self, service: str, operation: str, act: Callable[[Fault], Answer], fault: Fault) -> Answer:
        self._step(f"before {operation}")
        if fault in BEFORE:
            raise _error(service, operation, fault)
        answer = act(fault)
        if fault is Fault.STALL:
            self.clock.advance(STALL_MS)
        self._step(f"after {operation}")
        if fault in AFTER:
            raise _error(service, operation, fault)
        return {} if fault is Fault.TRUNCATED else answer

    def _next(self, service: str, operation: str) -> Fault:
        for where in (f"{service}:{operation}", service):
            if self.planned.get(where):
                return self.planned[where].pop(0)
        return Fault.NONE

    def _step(self, name: str) -> None:
        self.said.append(name)
        self.between(name)
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left < 0:
                raise Killed(name)


def _error(service: str, operation: str, fault: Fault) -> Exception:
    if fault is Fault.NOT_CONNECTED:
        return EndpointConnectionError(endpoint_url=ENDPOINT)
    if fault is Fault.DROP_BEFORE:
        return ConnectionClosedError(endpoint_url=ENDPOINT)
    if fault is Fault.DROP_AFTER:
        return ReadTimeoutError(endpoint_url=ENDPOINT)
    code, status = _CODES[service][fault]
    return refusal(code, operation, status, f"ordered: {fault}")
