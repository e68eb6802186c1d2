"""One queue of the fake SQS: what it holds, for how long, and who may see it when. Limits and rules: SQS
Developer Guide (visibility, FIFO delivery logic, dead-letter queues, quotas)."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from store.clock import DAY_MS, MINUTE_MS, SECOND_MS

DEDUPLICATION_MS = 5 * MINUTE_MS
MAX_VISIBLE_S = 43_200
REGION_AND_ACCOUNT = "eu-central-1:123456789012"


@dataclass
class Message:
    """One copy of a message. `handle` is the newest; `enqueued_at` is what retention counts from."""

    id: str
    body: str
    attributes: dict[str, Any]
    system: dict[str, str]
    enqueued_at: int
    visible_at: int
    group: str | None = None
    sequence: int = 0
    receives: int = 0
    first_received_at: int | None = None
    handle: str = ""
    handles: set[str] = field(default_factory=set)
    deleted: bool = False
    """Deleted, and yet to be delivered once more: standard queues may."""


@dataclass(frozen=True)
class Arrival:
    """An accepted send, for the ledger: `delivered` is False when a FIFO queue dropped it as a duplicate."""

    id: str
    body: str
    attributes: dict[str, Any]
    at: int
    group: str | None
    deduplication: str | None
    delivered: bool


@dataclass
class FakeSqsQueue:
    """`chance` is what decides how many messages a receive finds and whether a deleted one comes again."""

    name: str
    clock: Callable[[], int]
    chance: random.Random
    attributes: dict[str, str] = field(default_factory=dict)
    in_flight_cap: int = 120_000
    comes_again: float = 0.0
    """Probability that a deleted message of a standard queue is delivered once more."""
    samples: float = 0.0
    """Probability that a receive finds fewer than asked."""
    messages: dict[str, Message] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    receives: int = 0
    on_delete: Callable[[Message], None] = lambda _: None
    """Told of every message that a delete is about to remove."""
    refuses: Exception | None = None
    """Answers every call from now on: access denied, KMS, or the queue is gone."""
    _seen: dict[str, tuple[int, Arrival]] = field(default_factory=dict)
    _sequence: int = 10**19

    @property
    def fifo(self) -> bool:
        return self.name.endswith(".fifo")

    @property
    def arn(self) -> str:
        return f"arn:aws:sqs:{REGION_AND_ACCOUNT}:{self.name}"

    @property
    def url(self) -> str:
        return f"https://sqs.eu-central-1.amazonaws.com/123456789012/{self.name}"

    @property
    def visibility_ms(self) -> int:
        return int(self.attributes.get("VisibilityTimeout", "30")) * SECOND_MS

    @property
    def retention_ms(self) -> int:
        return int(self.attributes.get("MessageRetentionPeriod", str(4 * DAY_MS // SECOND_MS))) * SECOND_MS

    @property
    def redrive(self) -> tuple[str, int] | None:
        """The dead-letter queue's ARN and maxReceiveCount."""
        policy = json.loads(self.attributes.get("RedrivePolicy", "{}"))
        return (policy["deadLetterTargetArn"], int(policy["maxReceiveCount"])) if policy else None

    def take(self, body: str, attributes: dict[str, Any], system: dict[str, str], group: str | None,
             deduplication: str | None, delay_s: int = 0) -> Arrival:
        """Accept a send. A FIFO queue that saw the id within five minutes answers as it did then, delivers
        nothing, and does so even when that message was deleted meanwhile."""
        now = self.clock()
        if self.fifo:
            deduplication = deduplication or hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
            at, standing = self._seen.get(deduplication, (0, None))
            if standing and now - at < DEDUPLICATION_MS:
                return self._note(Arrival(standing.id, body, attributes, now, group, deduplication, False))
        arrival = self._note(Arrival(str(uuid.UUID(int=self.chance.getrandbits(128))), body, attributes, now, group,
                                     deduplication, True))
        if self.fifo and deduplication:
            self._seen[deduplication] = (now, arrival)
            system = {**system, "MessageDeduplicationId": deduplication}
        self.put(Message(arrival.id, body, attributes, {**system, "SentTimestamp": str(now)}, now,
                         now + delay_s * SECOND_MS, group))
        return arrival

    def put(self, message: Message) -> None:
        self._sequence += 1
        message.sequence = self._sequence
        if self.fifo:
            message.system["SequenceNumber"] = str(self._sequence)
        if message.group is not None:
            message.system["MessageGroupId"] = message.group
        self.messages[message.id] = message

    def receive(self, wanted: int, visibility_ms: int | None) -> list[Message]:
        """Up to `wanted` messages, now in flight. Whose receives are used up are in `overdue` before that."""
        self.receives += 1
        if self.samples and not self.fifo and self.chance.random() < self.samples:
            wanted = self.chance.randint(0, wanted)
        found: list[Message] = []
        for message in self._deliverable():
            if len(found) >= wanted or self.in_flight() >= self.in_flight_cap:
                break
            found.append(self._hand_out(message, self.visibility_ms if visibility_ms is None else visibility_ms))
        return found

    def overdue(self) -> list[Message]:
        """Messages that a receive would find and that were received as often as the redrive policy allows."""
        limit = self.redrive
        if limit is None:
            return []
        return [message for message in self._deliverable() if message.receives >= limit[1]]

    def delete(self, handle: str) -> bool:
        """False when the handle is not the newest: a standard queue then keeps the message and says nothing."""
        for message in self.messages.values():
            if handle in message.handles:
                if handle != message.handle:
                    return False
                self.on_delete(message)
                if not self.fifo and not message.deleted and self.chance.random() < self.comes_again:
                    message.deleted = True
                    return True
                del self.messages[message.id]
                return True
        return True  # deleted before: success, on both kinds

    def held_by(self, handle: str) -> Message | None:
        """The message whose newest handle this is, while it is in flight."""
        return next((one for one in self.messages.values() if one.handle == handle and self._in_flight(one)), None)

    def expire(self) -> None:
        now = self.clock()
        for message in list(self.messages.values()):
            if now - message.enqueued_at >= self.retention_ms:
                self.expired.append(message.id)
                del self.messages[message.id]

    def in_flight(self) -> int:
        return sum(self._in_flight(message) for message in self.messages.values())

    def visible(self) -> int:
        return sum(self.clock() >= message.visible_at for message in self.messages.values())

    def _deliverable(self) -> Iterator[Message]:
        locked: set[str | None] = set()
        for message in sorted(self.messages.values(), key=lambda one: one.sequence):
            if self.clock() < message.visible_at:
                if self.fifo:
                    locked.add(message.group)
                continue
            if message.group not in locked or not self.fifo:
                yield message

    def _hand_out(self, message: Message, visibility_ms: int) -> Message:
        now = self.clock()
        message.receives += 1
        message.first_received_at = message.first_received_at or now
        message.handle = f"{message.id}#{message.receives}#{self.chance.getrandbits(32):08x}"
        message.handles.add(message.handle)
        message.visible_at = now + visibility_ms
        return message

    def _in_flight(self, message: Message) -> bool:
        return message.receives > 0 and self.clock() < message.visible_at

    def _note(self, arrival: Arrival) -> Arrival:
        self.arrivals.append(arrival)
        return arrival
