"""Looking into a dead-letter queue whose messages stay in it: a snapshot in the table, the queue as it was.

Looking is a write. A receive hides a message, raises its receive count for good, and in a FIFO queue stops its group;
so a look is bounded, refused where it could move or delay anything, hides nothing longer than it lasts, and says what
it cost. Every message is written down while it is hidden, then all are given back."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from collectors import custody
from collectors.dead_letters import Taking
from collectors.described import described
from collectors.tally import TimeLeft
from store import dead_letters, looks, queues
from store.clients import Connection
from store.clock import MINUTE_MS, Clock
from store.errors import ConditionLost, LamplightError
from store.faults import translated
from store.looks import BATCH, EMPTY_POLLS, MAX_MESSAGES, Look
from store.queues import CAPTURE_SUFFIX
from store.recovery import Custody, DeadLetter, Queue
from store.table import Table
from store.waiting import waiting

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

VISIBILITY_S = 60
"""How long a message stays hidden at most, should the look die before it gives it back."""
FIFO_VISIBILITY_S = 15
"""The same in a FIFO queue, where a group stands still for as long: one receive, one table's batch, one give-back."""
LOOK_MS = 40_000
"""When a look stops receiving: what it holds is given back well before it would come back by itself."""
STOP_MS = 15_000
"""The same, before the process is stopped."""
POLL_S = 1
"""Any wait makes SQS ask all its servers; a shorter one can miss messages."""


def look(connection: Connection, name: str, left_ms: TimeLeft, fifo: bool = False) -> Look:
    """Look into one queue and keep how it went. `fifo` says that a person asked for it and knows that groups stand
    still meanwhile. Raises StoreError when the table cannot be used; what the queue refuses is in the look."""
    table, place, clock = connection.table, connection.place, connection.clock
    begun = clock()
    known = queues.get(table, place, name)
    before = looks.get(table, place, name)
    found = Look(place, name, begun, watching=before.watching if before else 0)
    refused = _unlisted(known, name, connection.settings.watched_queues)
    if known is None or refused:
        return _kept(table, replace(found, refused=refused))
    try:
        queue = _fresh(connection.clients.queues, known, clock)
    except LamplightError as error:
        return _kept(table, replace(found, requests=1, refused=error.sentence))
    found = replace(found, requests=1, about=queue.visible)
    refused = why_not(queue, fifo)
    if refused:
        return _kept(table, replace(found, refused=refused))
    visit = Visit(table, connection.clients.queues, queue, clock, lambda: left_ms() - STOP_MS)
    return _kept(table, visit.make(found))


def why_not(queue: Queue, fifo: bool = False) -> str | None:
    """Why this queue must not be looked into, in words; None when it may.

    That it is a dead-letter queue is the word of whoever listed it: not every service that fills one can be asked. A
    queue that is worked on has a reader or a redrive policy, and is told by them."""
    if queue.dead_letter_arn:
        return (f"{queue.name} has a redrive policy of its own: every look counts as a receive, and at "
                f"{queue.max_receive_count or 'so many'} SQS would move a message on because somebody looked.")
    readers = [one for one in queue.consumers if not one.endswith(CAPTURE_SUFFIX)]
    if readers:
        return f"{', '.join(readers)} reads {queue.name}: looking would hide messages from it."
    if queue.fifo and not fifo:
        return (f"{queue.name} is a FIFO queue: a message that is looked at stops its group until it is given back, "
                "so it is looked into only when somebody asks for it.")
    return None


@dataclass
class Visit:
    """One look as it goes on: what it holds, what it saw, what it asked of the queue."""

    table: Table
    client: SQSClient
    queue: Queue
    clock: Clock
    left_ms: TimeLeft
    held: dict[str, str] = field(default_factory=dict)
    """Message id → latest receipt handle: an older one gives nothing back."""
    requests: int = 0
    new: int = 0
    taking: Taking = field(init=False)

    def __post_init__(self) -> None:
        self.taking = Taking(self.table, self.queue.place, self.clock, {self.queue.name: self.queue})

    def make(self, found: Look) -> Look:
        """The look as it went. Whatever happens, what was received is given back."""
        problem, ended, after = None, False, None
        try:
            ended = self._receive_all()
            self.taking.counted()
            after = _fresh(self.client, self.queue, self.clock)
            self.requests += 1
        except LamplightError as error:
            problem = _with_key_advice(error.sentence)
        finally:
            left_hidden = self._give_back()
        complete = ended and not problem and after is not None and self._is_everything(after)
        watching, gone = self._settle_missing(found.at) if complete \
            else (max(found.watching, len(self.held)), 0)
        done = self.clock()
        return replace(
            found, took_ms=done - found.at, complete=complete, seen=len(self.held), new=self.new, gone=gone,
            watching=watching, requests=found.requests + self.requests, problem=problem or left_hidden,
            groups_locked_ms=done - found.at if self.queue.fifo and self.held else None,
        )

    @property
    def _hidden_s(self) -> int:
        return FIFO_VISIBILITY_S if self.queue.fifo else VISIBILITY_S

    def _receive_all(self) -> bool:
        """Receive, write down, go on. True when three long polls in a row found nothing more.

        A FIFO queue is asked once: another receive would stop more groups."""
        stop_at, empty = self.clock() + LOOK_MS, 0
        while empty < EMPTY_POLLS:
            if len(self.held) >= MAX_MESSAGES or self.clock() >= stop_at or self.left_ms() <= 0:
                return False
            messages = self._receive()
            empty = 0 if messages else empty + 1
            if self.queue.fifo:
                return False
        return True

    def _receive(self) -> list[Mapping[str, Any]]:
        self.requests += 1
        with translated(self.queue.name):
            answer = self.client.receive_message(
                QueueUrl=self.queue.url, MaxNumberOfMessages=BATCH, VisibilityTimeout=self._hidden_s,
                WaitTimeSeconds=POLL_S, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"])
        messages: list[Mapping[str, Any]] = list(answer.get("Messages") or ())
        # Before anything can fail: what is in hand has to go back.
        self.held.update({one["MessageId"]: one["ReceiptHandle"] for one in messages})
        self._write(messages)
        return messages

    def _write(self, messages: Sequence[Mapping[str, Any]]) -> None:
        standing = dead_letters.get_many(self.table, self.queue.place, self.queue.name,
                                         [one["MessageId"] for one in messages])
        for message in messages:
            known = standing.get(message["MessageId"])
            if known is None:
                self.new += self.taking.take(as_record(message, self.queue.arn), self._as_watched)
            else:
                self._save(known, custody.watched(known, custody.deadline(known.sent_at, self.queue)))

    def _as_watched(self, letter: DeadLetter) -> DeadLetter:
        return replace(letter, custody=Custody.WATCHED, expires_at=custody.deadline(letter.sent_at, self.queue))

    def _give_back(self) -> str | None:
        """Make every message visible again; a sentence when some stay hidden until their time is over."""
        held = [{"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for number, handle in enumerate(self.held.values())]
        hidden = 0
        for start in range(0, len(held), BATCH):
            entries: Any = held[start:start + BATCH]
            self.requests += 1
            try:
                with translated(self.queue.name):
                    answer = self.client.change_message_visibility_batch(QueueUrl=self.queue.url, Entries=entries)
                hidden += len(entries) - len(answer.get("Successful") or ())
            except LamplightError:
                hidden += len(entries)
        return f"{hidden:,} messages could not be given back; they are visible again within {self._hidden_s} seconds." \
            if hidden else None

    def _is_everything(self, after: Queue) -> bool:
        """Nobody else held a message before or after, none was delayed, and no fewer came than the queue had said."""
        before = self.queue
        quiet = not before.in_flight and not before.delayed and not after.delayed and before.visible is not None
        return quiet and len(self.held) >= (before.visible or 0) and (after.in_flight or 0) <= len(self.held)

    def _settle_missing(self, since: int) -> tuple[int, int]:
        """(letters still waiting in the queue, letters that no longer are)."""
        place, name = self.queue.place, self.queue.name
        watched = {one.message_id for one in waiting(self.table, place, name)
                   if one.custody is Custody.WATCHED and (one.captured_at < since or one.message_id in self.held)}
        gone = 0
        for message_id in sorted(watched - self.held.keys()):
            letter = dead_letters.get(self.table, place, name, message_id)
            gone += letter is not None and self._save(letter, custody.missing(letter, self.clock()))
        return len(watched) - gone, gone

    def _save(self, before: DeadLetter, after: DeadLetter) -> bool:
        """Whether anything was written; a letter that somebody changed meanwhile is left to the next look."""
        if after == before:
            return False
        try:
            dead_letters.save(self.table, before, after)
        except ConditionLost:
            return False
        return True


def look_round(connection: Connection, left_ms: TimeLeft) -> list[Look]:
    """Look into every listed queue whose letters wait in it and whose last look is old enough, by the settings.

    A captured queue is looked into as long as letters that were seen in it before it was captured may still be."""
    settings, table, place = connection.settings, connection.table, connection.place
    if not settings.look_minutes:
        return []
    last = {one.queue: one for one in looks.of_place(table, place)}
    made = []
    for queue in list(queues.of_place(table, place)):
        before = last.get(queue.name)
        waits = queue.custody is Custody.WATCHED or bool(before and before.watching)
        due = before is None or connection.clock() - before.at >= settings.look_minutes * MINUTE_MS
        if queue.arn in settings.watched_queues and waits and due and left_ms() > STOP_MS + LOOK_MS:
            made.append(look(connection, queue.name, left_ms))
    return made


def as_record(message: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """A received message as an event source mapping would hand it over: one reading of both."""
    said = {name: {"dataType": wire["DataType"], "stringValue": wire.get("StringValue"),
                   "binaryValue": base64.b64encode(wire["BinaryValue"]).decode() if "BinaryValue" in wire else None}
            for name, wire in (message.get("MessageAttributes") or {}).items()}
    return {"messageId": message["MessageId"], "body": message["Body"], "attributes": message.get("Attributes") or {},
            "messageAttributes": said, "eventSourceARN": arn}


def _unlisted(known: Queue | None, name: str, allowed: Iterable[str]) -> str | None:
    if known is None:
        return f"{name} is not known here."
    if known.arn not in allowed:
        return (f"{name} is not among the queues this stack may look into. Add its ARN to the stack's parameter "
                "WatchedQueueArns.")
    return None


def _fresh(client: SQSClient, known: Queue, clock: Clock) -> Queue:
    """The queue as its attributes say now, with the relations that are known. Raises what the service refuses."""
    with translated(known.name):
        answer = client.get_queue_attributes(QueueUrl=known.url, AttributeNames=["All"])
    now = described(known.place, known.url, {str(name): text for name, text in answer["Attributes"].items()}, clock())
    return replace(now, sources=known.sources, consumers=known.consumers, custody=known.custody,
                   is_dead_letter_queue=now.is_dead_letter_queue or known.is_dead_letter_queue)


def _with_key_advice(sentence: str) -> str:
    """A queue with a key of its own denies in KMS's words; they name neither the role nor the parameter."""
    if "kms" not in sentence.lower():
        return sentence
    return f"{sentence} The queue is encrypted: add its key to the stack's parameter QueueKeyArns."


def _kept(table: Table, found: Look) -> Look:
    looks.put(table, found)
    return found
