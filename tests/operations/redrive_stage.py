"""A redrive on real clients, whoever answers them: the fake, moto or MiniStack. Messages die in a queue, are captured
or looked at, asked for, worked on and followed."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from collectors import dead_letters as capturing
from collectors import snapshots
from operations import redrive, worker
from operations.queue_inbox import QueueInbox
from operations.queue_sender import QueueSender
from store import dead_letters, jobs, queues
from store.clock import Clock
from store.recovery import Custody, DeadLetter, Job, Queue, Way
from store.table import Table
from tests.builders import PLACE
from tests.operations.bench import ADA, LONG_MS, REASON
from tests.operations.wire_records import capture_event
from tests.tables import create_table

Message = dict[str, Any]


class Stage:
    """A source queue, its dead-letter queue and a table of their own."""

    def __init__(self, sqs: Any, dynamo: Any, clock: Clock, *, fifo: bool = False, watched: bool = False,
                 **source: str) -> None:
        self.sqs, self.dynamo, self.clock = sqs, dynamo, clock
        self.fifo = fifo
        name = f"orders-{uuid.uuid4().hex[:10]}"
        attributes = {"FifoQueue": "true"} if fifo else {}
        suffix = ".fifo" if fifo else ""
        self.source_url = sqs.create_queue(QueueName=f"{name}{suffix}", Attributes={**attributes, **source})["QueueUrl"]
        self.dead_name = f"{name}-dlq{suffix}"
        self.dead_url = sqs.create_queue(QueueName=self.dead_name, Attributes=attributes)["QueueUrl"]
        self.source_arn, self.dead_arn = self._arn(self.source_url), self._arn(self.dead_url)
        create_table(dynamo, name)
        self.table = Table(dynamo, name, clock)
        custody = Custody.WATCHED if watched else Custody.CAPTURED
        queues.put(self.table, Queue(PLACE, self.dead_name, self.dead_arn, self.dead_url, is_dead_letter_queue=True,
                                     sources=(self.source_arn,), fifo=fifo, custody=custody))
        self.workers = 0

    def die(self, *bodies: str, **facts: Any) -> list[str]:
        """Messages in the dead-letter queue; their ids there."""
        ids = []
        for number, body in enumerate(bodies):
            group = {"MessageGroupId": f"g-{number % 2}", "MessageDeduplicationId": uuid.uuid4().hex}
            more = group if self.fifo else {}
            ids.append(self.sqs.send_message(QueueUrl=self.dead_url, MessageBody=body, **more, **facts)["MessageId"])
        return ids

    def die_many(self, bodies: Sequence[str]) -> None:
        for start in range(0, len(bodies), 10):
            self.sqs.send_message_batch(QueueUrl=self.dead_url, Entries=[
                {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies[start:start + 10])])

    def all_known(self) -> list[str]:
        """The ids of all there is, captured; in watched custody written down as a look does, which shows a thousand
        at most."""
        watched = queues.get(self.table, PLACE, self.dead_name)
        assert watched is not None
        if watched.custody is Custody.CAPTURED:
            self.capture()
        else:
            self._look_at_all(watched)
        return list(self.letters())

    def _look_at_all(self, queue: Queue) -> None:
        hidden: list[Message] = []
        taking = capturing.Taking(self.table, PLACE, self.clock, {queue.name: queue})
        while batch := self.sqs.receive_message(QueueUrl=self.dead_url, MaxNumberOfMessages=10, VisibilityTimeout=600,
                                                AttributeNames=["All"]).get("Messages", []):
            for message in batch:
                taking.take(snapshots.as_record(message, queue.arn),
                            lambda letter: replace(letter, custody=Custody.WATCHED))
            hidden += batch
        for start in range(0, len(hidden), 10):
            self.sqs.change_message_visibility_batch(QueueUrl=self.dead_url, Entries=[
                {"Id": str(number), "ReceiptHandle": one["ReceiptHandle"], "VisibilityTimeout": 0}
                for number, one in enumerate(hidden[start:start + 10])])

    def capture(self) -> None:
        connection: Any = SimpleNamespace(table=self.table, place=PLACE, clock=self.clock)

        def keep(batch: list[Message]) -> None:
            answer = capturing.capture(capture_event(self.dead_arn, batch), connection)
            assert answer == {"batchItemFailures": []}

        self._taken(self.dead_url, keep)

    def look(self) -> None:
        connection: Any = SimpleNamespace(
            table=self.table, place=PLACE, clock=self.clock, clients=SimpleNamespace(queues=self.sqs),
            settings=SimpleNamespace(watched_queues=(self.dead_arn,)))
        snapshots.look(connection, self.dead_name, lambda: LONG_MS, fifo=True)

    def ask(self, ids: Sequence[str], job_id: str = "job-1", **facts: Any) -> Job:
        return redrive.ask(self.table, PLACE, self.clock, ADA, True, queue=self.dead_name, message_ids=ids,
                           reason=REASON, job_id=job_id, **facts)

    def work(self, sending: Any = None, reading: Any = None, table: Table | None = None,
             pause: Callable[[float], None] = lambda _: None) -> Job:
        """One run; `sending`, `reading` and `table` are what this worker goes through, such as a proxy."""
        self.workers += 1
        senders: Any = {Way.SEND: QueueSender(sending or self.sqs, lambda _: None)}
        worker.run(table or self.table, self.clock, senders, f"worker-{self.workers}", lambda: LONG_MS, pause,
                   inbox=QueueInbox(reading or self.sqs))
        return self.job()

    def show_again(self, handles: Sequence[str]) -> None:
        """What a worker received and did not give back is hidden no longer, as when two minutes have passed."""
        for start in range(0, len(handles), 10):
            self.sqs.change_message_visibility_batch(QueueUrl=self.dead_url, Entries=[
                {"Id": str(number), "ReceiptHandle": one, "VisibilityTimeout": 0}
                for number, one in enumerate(handles[start:start + 10])])

    def job(self, job_id: str = "job-1") -> Job:
        job = jobs.get(self.table, job_id)
        assert job is not None
        return job

    def letters(self) -> dict[str, DeadLetter]:
        return {letter.message_id: letter for letter in dead_letters.of_queue(self.table, PLACE, self.dead_name)}

    def arrived(self) -> list[Message]:
        """Everything in the source queue, taken out of it."""
        found: list[Message] = []
        self._taken(self.source_url, found.extend)
        return found

    def still_dead(self) -> int:
        """Messages the dead-letter queue has, hidden ones included."""
        told = self.sqs.get_queue_attributes(QueueUrl=self.dead_url, AttributeNames=["All"])["Attributes"]
        return int(told["ApproximateNumberOfMessages"]) + int(told["ApproximateNumberOfMessagesNotVisible"])

    def _taken(self, url: str, keep: Callable[[list[Message]], None]) -> None:
        while True:
            batch = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"],
                                             MessageAttributeNames=["All"]).get("Messages", [])
            if not batch:
                return
            keep(batch)
            self.sqs.delete_message_batch(QueueUrl=url, Entries=[
                {"Id": str(number), "ReceiptHandle": one["ReceiptHandle"]} for number, one in enumerate(batch)])

    def _arn(self, url: str) -> str:
        arn: str = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return arn


def assert_nothing_lost_and_every_duplicate_listed(stage: Stage, bodies: Sequence[str], arrived: Sequence[Message],
                                                   ) -> tuple[int, int]:
    """Bodies are unlike each other. Returns (duplicates, sends listed as ambiguous)."""
    copies = Counter(message["Body"] for message in arrived)
    letters = {letter.body: letter for letter in stage.letters().values()}
    assert set(letters) == set(bodies), "a letter is not in the table"
    assert set(copies) <= set(bodies), "something arrived that nobody sent"
    for body, letter in letters.items():
        if not letter.state.redrivable:
            assert copies[body] >= 1, f"LOST: {letter.key} is {letter.state} and never arrived"
        assert copies[body] <= 1 + letter.ambiguous, f"DUP: {letter.key} arrived {copies[body]} times"
    return copies.total() - len(copies), sum(letter.ambiguous for letter in letters.values())
