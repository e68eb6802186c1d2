"""The capture: messages of a dead-letter queue's event source mapping come into the table's custody.

Stored first. Only what is in the table is reported as taken, so that Lambda deletes nothing else from its queue."""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from collectors import custody, queue_alerts
from collectors.arns import function_name, queue_name
from collectors.custody import InHand
from collectors.lineage import Lineages, later_life
from collectors.origins import origin
from collectors.ways import way_back
from store import dead_letters, health, outcomes, queues
from store.clients import Connection
from store.clock import Clock
from store.errors import ConditionLost, ItemTooLarge, LamplightError, StoreError
from store.records import Place, Unrecognised
from store.recovery import DeadLetter, LetterState, MessageAttribute, Queue
from store.table import Table

LOG = logging.getLogger("lamplight.capture")


def capture(event: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    """Take a batch of SQS records into custody. Returns the records that are not in the table as batch item
    failures; they stay in the queue and come again. Raises nothing of the store's."""
    taking = Taking(connection.table, connection.place, connection.clock)
    failed = [
        str(record.get("messageId", ""))
        for record in event.get("Records") or ()
        if not taking.take(record)
    ]
    failed += taking.counted()
    failed += taking.told()
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
class Taking:
    """One batch: what it needs of the table is read once."""

    table: Table
    place: Place
    clock: Clock
    known: dict[str, Queue | None] = field(default_factory=dict)
    came_back: dict[str, str | None] = field(default_factory=dict)
    """Message id → the redrive it came back from."""
    taken: dict[str, list[str]] = field(default_factory=dict)
    """Queue → messages of this batch that are in the table, new or not: a batch that is killed comes again."""

    def take(self, record: Mapping[str, Any], held: Callable[[DeadLetter], DeadLetter] | None = None) -> bool:
        """Whether the message is in the table now, and the life it follows is settled. If not, it comes again.

        `held` gives a message that stays in its queue the custody it is in; without it the table has it from now."""
        try:
            letter = self._letter(record)
            if not self._keep(held(letter) if held else letter) and not held:
                self._met_again(letter)
            self.taken.setdefault(letter.queue, []).append(letter.message_id)
        except LamplightError as error:
            LOG.warning("left in its queue: %s", error.sentence)
            with suppress(LamplightError):  # the queue has the message; the log has the sentence
                self._name(record, error)
            return False
        return True

    def _keep(self, letter: DeadLetter) -> bool:
        """Put a letter into the table and settle the life it follows. False when it stood there already."""
        earlier = self._lineages.earlier(letter)
        new = dead_letters.capture(self.table, later_life(letter, earlier.letter) if earlier else letter)
        if earlier is not None:
            evidence = f"came back to {letter.queue} as {letter.message_id}{earlier.known_by}"
            outcomes.settle(self.table, earlier.letter, LetterState.RETURNED, evidence, letter.captured_at, letter.key)
            self.came_back[letter.message_id] = earlier.letter.job_id
        return new

    def _met_again(self, letter: DeadLetter) -> None:
        """A message the table knows: captured before and not deleted, or watched until now. Raises InHand."""
        standing = dead_letters.get(self.table, self.place, letter.queue, letter.message_id)
        while standing is not None:
            after = custody.captured(standing, letter.captured_at)
            if after == standing:
                return
            try:
                dead_letters.save(self.table, standing, after)
                return
            except ConditionLost as lost:
                standing = dead_letters.standing(self.table, lost)

    def _name(self, record: Mapping[str, Any], error: LamplightError) -> None:
        """Show on Health what this table will never take, as opposed to what it will take next time."""
        if isinstance(error, InHand) or (isinstance(error, StoreError) and not isinstance(error, ItemTooLarge)):
            return
        message_id, queue = str(record.get("messageId", "")), queue_name(str(record.get("eventSourceARN", "")))
        health.put_unrecognised(self.table, Unrecognised(
            self.place, f"queue {queue}", f"{error} The message stays in its queue.", message_id, self.clock(),
            message_id))

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

    def counted(self) -> list[str]:
        """Count the finished redrives again whose messages came back late. Returns the messages for which that did
        not succeed: they come again, and with them the count."""
        try:
            outcomes.correct(self.table, self.came_back.values())
        except LamplightError as error:
            LOG.warning("not counted: %s", error.sentence)
            return list(self.came_back)
        return []

    def told(self) -> list[str]:
        """Tell of the queues these messages came from. Returns the messages for which that did not succeed: they come
        again, and with them the alert."""
        left: list[str] = []
        for queue, message_ids in self.taken.items():
            try:
                queue_alerts.captured(self.table, self.place, queue, self.clock())
            except LamplightError as error:
                LOG.warning("not told: %s", error.sentence)
                left += message_ids
        return left

    @cached_property
    def _lineages(self) -> Lineages:
        return Lineages(self.table, self.place, self.clock())


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
