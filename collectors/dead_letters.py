"""The capture: messages of a dead-letter queue's event source mapping come into the table's custody.

Stored first. Only what is in the table is reported as taken, so that Lambda deletes nothing else from its queue."""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from collectors.arns import function_name, queue_name
from collectors.origins import origin
from collectors.ways import way_back
from store import dead_letters, outcomes, queues
from store.clients import Connection
from store.clock import Clock
from store.errors import ConditionLost, LamplightError
from store.records import Place
from store.recovery import DeadLetter, LetterState, MessageAttribute, Queue, Shape
from store.table import Table

LOG = logging.getLogger("lamplight.capture")
MARKER = "lamplight-redrive"
"""The attribute a redriven message carries: `queue/message id` of the life it was sent back from."""
FULL = 10
"""SQS takes ten attributes: a message that had all of them carries no marker."""
MAX_AWAITED = 500
"""Letters on their way searched for an earlier life that no marker names."""
SENT_STATES = (LetterState.CLAIMED, LetterState.SENT, LetterState.SUCCEEDED, LetterState.PRESUMED,
               LetterState.RETURNED)
ASYNCHRONOUS = (Shape.LAMBDA_ASYNC, Shape.LAMBDA_DESTINATION)


def capture(event: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """Take a batch of SQS records into custody. Returns the records that are not in the table as batch item
    failures; they stay in the queue and come again. Raises nothing of the store's."""
    taking = _Taking(connection.table, connection.place, connection.clock)
    failed = [
        str(record.get("messageId", ""))
        for record in event.get("Records") or ()
        if not taking.take(record)
    ]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def letter_of(place: Place, record: Mapping[str, Any], queue: Queue | None, now: int) -> DeadLetter:
    """The first life of the message in one SQS record. `queue` is what the registry knows of its queue.

    Raises KeyError or ValueError when it is no SQS record."""
    name = queue_name(record["eventSourceARN"])
    body = record["body"]
    system = {key: str(value) for key, value in (record.get("attributes") or {}).items()}
    attributes = {key: _attribute(value) for key, value in (record.get("messageAttributes") or {}).items()}
    if not name or not isinstance(body, str):
        raise ValueError("not a record of an SQS queue")
    found = origin(body, attributes, system)
    shape, destination = way_back(found, name, queue)
    return DeadLetter(
        place, name, record["messageId"], body,
        body_sha256=hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest(),
        shape=shape, destination=destination, captured_at=now,
        attributes=attributes, system=system,
        sent_at=_whole(system.get("SentTimestamp")),
        receive_count=_whole(system.get("ApproximateReceiveCount")),
        function=function_name(found.function_arn or destination.arn) or None,
        request_id=found.request_id, error_type=found.error_type, error_message=found.error_message,
        lineage=record["messageId"],
    )


@dataclass
class _Taking:
    """One batch: what it needs of the table is read once."""

    table: Table
    place: Place
    clock: Clock
    known: dict[str, Queue | None] = field(default_factory=dict)

    def take(self, record: Mapping[str, Any]) -> bool:
        """Whether the message is in the table now, and the life it follows is settled. If not, it comes again."""
        try:
            letter = self._letter(record)
            earlier = self._earlier(letter)
            dead_letters.capture(self.table, later_life(letter, earlier) if earlier else letter)
            if earlier is not None:
                evidence = f"came back to {letter.queue} as {letter.message_id}"
                outcomes.settle(self.table, earlier, LetterState.RETURNED, evidence, letter.captured_at, letter.key)
        except LamplightError as error:
            LOG.warning("left in its queue: %s", error.sentence)
            return False
        return True

    def _letter(self, record: Mapping[str, Any]) -> DeadLetter:
        """Raises LamplightError when the record cannot be read, or the registry cannot."""
        try:
            queue = self._queue(queue_name(record["eventSourceARN"]))
            letter = letter_of(self.place, record, queue, self.clock())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise LamplightError(f"A record that is no SQS message cannot be captured ({error!r}).") from error
        return letter if letter.function else replace(letter, function=self._consumer(letter))

    def _queue(self, name: str) -> Queue | None:
        if name not in self.known:
            self.known[name] = queues.get(self.table, self.place, name)
        return self.known[name]

    def _consumer(self, letter: DeadLetter) -> str | None:
        """The one function that reads the queue the message died in."""
        source = queue_name(letter.destination.arn)
        queue = self._queue(source) if source else None
        return queue.consumers[0] if queue is not None and len(queue.consumers) == 1 else None

    def _earlier(self, letter: DeadLetter) -> DeadLetter | None:
        """The life this one follows: named by the marker, or sent under this message or request id."""
        marker = letter.attributes.get(MARKER)
        if marker is not None:
            queue, _, message_id = (marker.string or "").rpartition("/")
            named = dead_letters.get(self.table, self.place, queue, message_id) if queue and message_id else None
            return named if named is not None and named.key != letter.key and _was_sent(named) else None
        if letter.shape not in ASYNCHRONOUS and len(letter.attributes) < FULL:
            return None
        return self._awaited.get(letter.message_id) or self._awaited.get(letter.request_id or "")

    @cached_property
    def _awaited(self) -> dict[str, DeadLetter]:
        awaited = dead_letters.awaiting(self.table, self.place, MAX_AWAITED)
        return {letter.sent_message_id: letter for letter in awaited if letter.sent_message_id}


def later_life(letter: DeadLetter, earlier: DeadLetter) -> DeadLetter:
    """The letter as the life that follows `earlier`."""
    lineage = earlier.lineage or earlier.message_id
    return replace(letter, lineage=lineage, life=earlier.life + 1, previous=earlier.key)


def find_ways(table: Table, place: Place, queue: Queue) -> int:
    """Give letters without a way back the one that is known by now. Returns how many got one.

    Asked for when the sources of a queue become known, or change."""
    found = 0
    for letter in dead_letters.dead_in_queue(table, place, queue.name):
        if letter.destination.arn or not letter.state.redrivable:
            continue
        shape, destination = way_back(origin(letter.body, letter.attributes, letter.system), queue.name, queue)
        if destination == letter.destination:
            continue
        function = letter.function or function_name(destination.arn) or None
        try:
            dead_letters.save(table, letter, replace(letter, shape=shape, destination=destination, function=function))
        except ConditionLost:
            continue  # an operator or a worker has it in hand
        found += bool(destination.arn)
    return found


def _was_sent(letter: DeadLetter) -> bool:
    """Anybody may write a marker; only a letter that somebody tried to send back can come back."""
    return letter.attempts > 0 or letter.state in SENT_STATES


def _attribute(wire: Mapping[str, Any]) -> MessageAttribute:
    """A message attribute as an event source mapping spells it; binary values are base64 there."""
    kind, binary = str(wire["dataType"]), wire.get("binaryValue")
    if binary is None:
        return MessageAttribute(kind, wire.get("stringValue"))
    try:
        return MessageAttribute(kind, None, base64.b64decode(binary, validate=True))
    except (binascii.Error, TypeError) as error:
        raise ValueError("a binary attribute that is not base64") from error


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
