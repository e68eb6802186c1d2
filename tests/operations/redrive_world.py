"""A small world for the redrive engine: queues with producers and consumers, the table, operators and workers, all
in memory, all mortal. It keeps the ledger of what really happened, which the invariants compare with the journal."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

from collectors import dead_letters as capturing
from collectors import snapshots
from operations import redrive, worker
from operations.backoff import exponential
from operations.function_sender import FunctionSender
from operations.queue_inbox import QueueInbox
from operations.queue_sender import QueueSender
from store import dead_letters, jobs, queues
from store.errors import LamplightError
from store.recovery import Custody, DeadLetter, Job, Queue, Way
from store.table import Table
from tests.builders import PLACE, FakeClock
from tests.operations.bench import ADA, LONG_MS, REASON, Killed
from tests.operations.fake_calls import Calls
from tests.operations.fake_dynamo import FakeDynamo
from tests.operations.fake_functions import FakeFunctions
from tests.operations.fake_sqs import FakeSqs, redrive_policy
from tests.operations.fake_sqs_queue import Arrival, Message
from tests.operations.wire_records import capture_event

FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:orders-fulfil"
FULL = {f"extra-{number}": {"DataType": "String", "StringValue": "x"} for number in range(8)}
TOKEN, TIER, RAW = "token", "tier", "raw"


class World:
    """One dead-letter queue, what feeds it, and everybody around. `quiet` calls have no faults and no deaths."""

    def __init__(self, seed: int = 0, *, fifo: bool = False, invoke: bool = False, watched: bool = False) -> None:
        self.clock = FakeClock()
        self.calls, self.quiet = Calls(self.clock), Calls(self.clock)
        self.chance = random.Random(seed)  # noqa: S311
        self.fifo, self.invoke, self.watched = fifo, invoke, watched
        self.sqs = FakeSqs(self.clock, self.calls, self.chance)
        self.around = self.sqs.client(calls=self.quiet)
        self.reading = self.sqs.client(tries=4)
        self.functions = FakeFunctions(self.calls)
        self.dynamo = FakeDynamo(self.calls)
        self.table = Table(cast(Any, self.dynamo), "lamplight", self.clock)
        self.eye = Table(cast(Any, self.dynamo.client(self.quiet)), "lamplight", self.clock)
        self._make_queues(".fifo" if fifo else "")
        self.originals: dict[str, tuple[str, dict[str, Any], str | None]] = {}
        """What each message was when it was first sent, by token: body, attributes, group."""
        self.produced: set[str] = set()
        self.processed: dict[str, set[str]] = {}
        self.unseen: set[str] = set()
        """Tokens of what expired before anybody saw it."""
        self.disturbed: set[str] = set()
        """Messages that were gone after a look."""
        self.deletions: list[tuple[str, DeadLetter | None]] = []
        self.cancelled: dict[str, int] = {}
        self.workers = 0
        self._invocations_seen = 0

    def _make_queues(self, suffix: str) -> None:
        self.dead = self.sqs.add(f"orders-fulfil-dlq{suffix}", VisibilityTimeout="120",
                                 MessageRetentionPeriod="1209600")
        self.source = self.sqs.add(f"orders-fulfil{suffix}", RedrivePolicy=redrive_policy(self.dead.arn, 1))
        self.foreign = self.sqs.add(f"somebody-elses{suffix}")
        self.dead.on_delete = self._noted
        queues.put(self.eye, Queue(
            PLACE, self.dead.name, self.dead.arn, self.dead.url, is_dead_letter_queue=True, retention_s=1_209_600,
            custody=Custody.WATCHED if self.watched else Custody.CAPTURED, fifo=self.fifo,
            sources=(FUNCTION_ARN if self.invoke else self.source.arn,)))

    def _noted(self, message: Message) -> None:
        self.deletions.append((message.id, self.letter(message.id)))

    # producers and consumers

    def die(self, count: int = 1, *, full: bool = False, body: str | None = None, foreign: bool = False) -> list[str]:
        """Messages that failed: they are in the dead-letter queue. Returns their ids."""
        return [self._die(full, body, foreign) for _ in range(count)]

    def _die(self, full: bool, body: str | None, foreign: bool) -> str:
        token = f"t-{len(self.originals) + 1}"
        text = json.dumps({"token": token}) if self.invoke or body is None else body
        if self.invoke:
            self.originals[token] = text, {}, None
            return self._give_up(text, f"first-{token}")
        attributes = {TOKEN: {"DataType": "String", "StringValue": token},
                      RAW: {"DataType": "Binary.png", "BinaryValue": b"\x00\xff" + token.encode()},
                      **(FULL if full else {})}
        group = f"g-{self.chance.randint(1, 2)}" if self.fifo else None
        self.originals[token] = text, attributes, group
        home = self.foreign if foreign else self.source
        arrival = home.take(text, attributes, {"AWSTraceHeader": "Root=1-5759e988-bd862e3f"}, group, f"first-{token}")
        self.produced.add(arrival.id)
        message = home.messages[arrival.id]
        home.attributes.setdefault("RedrivePolicy", redrive_policy(self.dead.arn, 1))
        message.receives = 1
        self.around.bury(home, message)
        return arrival.id

    def _give_up(self, payload: str, request_id: str) -> str:
        """Lambda puts an event it gave up on into the queue, as a message of its own."""
        said = {"RequestID": ("String", request_id), "ErrorCode": ("Number", "200"), "ErrorMessage": ("String", "no")}
        return self.dead.take(payload, {name: {"DataType": kind, "StringValue": value}
                                        for name, (kind, value) in said.items()}, {}, None, None).id

    def capture(self, wanted: int = 10) -> None:
        """One batch of the dead-letter queue's event source mapping: what is not stored comes again later. Of a
        watched queue it is one look."""
        if self.watched:
            self._look()
            return
        found = self.around.receive_message(self.dead.url, wanted).get("Messages", [])
        if not found:
            return
        connection: Any = SimpleNamespace(table=self.table, place=PLACE, clock=self.clock)
        try:
            answer = capturing.capture(capture_event(self.dead.arn, found), connection)
        except Killed:
            return
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        for message in found:
            if message["MessageId"] not in failed:
                self.around.delete_message(self.dead.url, message["ReceiptHandle"])

    def _look(self) -> None:
        held = set(self.dead.messages)
        connection: Any = SimpleNamespace(
            table=self.table, place=PLACE, clock=self.clock, clients=SimpleNamespace(queues=self.reading),
            settings=SimpleNamespace(watched_queues=(self.dead.arn,)))
        with suppress(Killed, LamplightError):
            snapshots.look(connection, self.dead.name, lambda: LONG_MS, fifo=True)
        self.disturbed |= held - set(self.dead.messages) - set(self.dead.expired)

    def consume(self, verdicts: Sequence[bool] = ()) -> None:
        """The function works on what came back: True succeeds, False fails and dies again. What is left over of
        `verdicts` succeeds."""
        waiting = iter(verdicts)
        if self.invoke:
            for number, (_, payload) in enumerate(self.functions.invoked[self._invocations_seen:],
                                                  self._invocations_seen + 1):
                self._handled(payload.decode(), f"request-{number}", next(waiting, True))
            self._invocations_seen = len(self.functions.invoked)
            return
        for message in self.around.receive_message(self.source.url, 10).get("Messages", []):
            if next(waiting, True):
                token = message["MessageAttributes"][TOKEN]["StringValue"]
                self.processed.setdefault(token, set()).add(message["MessageId"])
                self.around.delete_message(self.source.url, message["ReceiptHandle"])
            else:
                self.around.bury(self.source, self.source.messages[message["MessageId"]])

    def _handled(self, payload: str, request_id: str, success: bool) -> None:
        if success:
            self.processed.setdefault(json.loads(payload)["token"], set()).add(request_id)
        else:
            self._give_up(payload, request_id)

    def let_expire(self, ms: int) -> None:
        """The function is done with its work; then so much time passes that the dead-letter queue forgets."""
        while self.source.messages:
            self.clock.advance(self.source.visibility_ms)
            self.consume()
        self.clock.advance(ms)
        known = {letter.message_id for letter in self.letters()}
        for message in self.dead.messages.values():
            if message.id not in known:
                self.unseen.add(self.token(message.body, message.attributes))
        self.dead.expire()

    # operators and workers

    def ask(self, message_ids: Sequence[str], job_id: str, rate: int | None = None) -> Job | None:
        """None when it was refused, or the table did not answer."""
        try:
            return redrive.ask(self.table, PLACE, self.clock, ADA, True, queue=self.dead.name, reason=REASON,
                               message_ids=message_ids, job_id=job_id, rate_per_s=rate)
        except LamplightError:
            return None

    def cancel(self, job_id: str) -> None:
        try:
            redrive.cancel(self.table, PLACE, self.clock, ADA, True, job_id)
        except LamplightError:
            return
        self.cancelled.setdefault(job_id, len(self.returns_of_job(job_id)))

    def work(self, steps_left: int | None = None, left_ms: Callable[[], int] = lambda: LONG_MS) -> bool:
        """One run of a fresh worker. False when it was killed on the way."""
        self.workers += 1
        self.calls.steps_left = steps_left
        try:
            worker.run(self.table, self.clock, self.senders(), f"worker-{self.workers}", left_ms, self.pause,
                       inbox=QueueInbox(cast(Any, self.reading)))
        except Killed:
            return False
        except LamplightError:
            return True  # the open jobs could not be read; the schedule comes again
        finally:
            self.calls.steps_left = None
        return True

    def senders(self) -> Any:
        backoff = exponential(self.pause, self.chance.random)
        return {Way.SEND: QueueSender(cast(Any, self.sqs), backoff),
                Way.INVOKE: FunctionSender(cast(Any, self.functions), backoff)}

    def pause(self, seconds: float) -> None:
        self.clock.advance(round(seconds * 1_000))

    # the ledger

    @property
    def returns(self) -> list[Arrival]:
        """Every send the destination took from us, suppressed duplicates included."""
        if self.invoke:
            return [Arrival(f"request-{number}", payload.decode(), {}, 0, None, None, True)
                    for number, (_, payload) in enumerate(self.functions.invoked, 1)]
        return [one for one in self.source.arrivals if one.id not in self.produced]

    def returns_of_job(self, job_id: str) -> list[Arrival]:
        mine = {letter.key for letter in self.letters() if letter.job_id == job_id}
        return [one for one in self.returns if marker(one) in mine]

    def copies(self) -> Counter[str]:
        """Delivered copies by token."""
        return Counter(self.token(one.body, one.attributes) for one in self.returns if one.delivered)

    def token(self, body: str, attributes: Any) -> str:
        if self.invoke:
            return str(json.loads(body)["token"])
        standing = attributes[TOKEN]
        return str(standing["StringValue"] if isinstance(standing, dict) else standing.string)

    def letters(self) -> list[DeadLetter]:
        return dead_letters.of_queue(self.eye, PLACE, self.dead.name)

    def letter(self, message_id: str) -> DeadLetter | None:
        return dead_letters.get(self.eye, PLACE, self.dead.name, message_id)

    def jobs(self) -> list[Job]:
        return jobs.recent(self.eye, PLACE, 1_000)

    def lives(self) -> dict[str, list[DeadLetter]]:
        found: dict[str, list[DeadLetter]] = {}
        for letter in self.letters():
            found.setdefault(self.token(letter.body, letter.attributes), []).append(letter)
        return found


def marker(arrival: Arrival) -> str | None:
    """`queue/message id` of the letter a message says it was."""
    standing = arrival.attributes.get("lamplight-redrive")
    return standing["StringValue"] if standing else None
