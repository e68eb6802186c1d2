"""A redrive of 10,000 small messages through the whole journal, against a loop that receives, sends and deletes
without one: on the same embedded cloud, in the same run, with the same concurrency of one."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from random import Random

import boto3

from benchmarks.target import Report, Target
from benchmarks.write_units import Metered
from demo.cloud import ACCOUNT, REGION, start_cloud
from demo.home import Home
from demo.processes import stop
from operations import redrive, worker
from operations.permissions import Actor
from operations.queue_inbox import QueueInbox
from operations.queue_sender import QueueSender
from store import dead_letters, queues
from store.clients import READING, SENDING, STORING
from store.clock import wall_clock
from store.records import Place
from store.recovery import Custody, DeadLetter, Destination, Queue, Shape, Way
from store.table import Table
from tests.tables import create_table

MESSAGES = 10_000
BODY_BYTES = 500
FIRST_PORT = 4700
LEAST_SHARE = 0.5
MOST_GROWTH = 1.5
"""Peak memory at 100,000 messages against 1,000: their ids are kept, their bodies are not."""
PLACE = Place(ACCOUNT, REGION)
DEAD = "bench-dlq"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_ROOT = Path(__file__).parent.parent


class Desk:
    """Queues, a table and clients in one embedded cloud."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint, session = endpoint, boto3.Session(ACCOUNT, "bench", region_name=REGION)
        self.receiving = session.client("sqs", config=READING, endpoint_url=endpoint)
        self.sending = session.client("sqs", config=SENDING, endpoint_url=endpoint)
        client = session.client("dynamodb", config=STORING, endpoint_url=endpoint)
        create_table(client, "lamplight")
        self.table = Table(client, "lamplight", wall_clock)
        self.metered = Metered(client, "lamplight", wall_clock)
        self.random = Random(5)
        self.urls = {name: self.receiving.create_queue(QueueName=name)["QueueUrl"]
                     for name in (DEAD, "bench-source", "bench-elsewhere")}

    def arn(self, name: str) -> str:
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def dead(self, count: int) -> list[tuple[str, str]]:
        """Messages in the dead-letter queue: id and body."""
        found = []
        for _ in range(count // 10):
            bodies = ["".join(self.random.choices(LETTERS, k=BODY_BYTES)) for _ in range(10)]
            sent = self.sending.send_message_batch(QueueUrl=self.urls[DEAD], Entries=[
                {"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)])
            found += [(one["MessageId"], bodies[int(one["Id"])]) for one in sent["Successful"]]
        return found

    def bare(self, count: int) -> float:
        """Messages a second of a loop without a journal."""
        self.dead(count)
        began, moved = time.perf_counter(), 0
        while moved < count:
            got = self.receiving.receive_message(QueueUrl=self.urls[DEAD], MaxNumberOfMessages=10)["Messages"]
            self.sending.send_message_batch(QueueUrl=self.urls["bench-elsewhere"], Entries=[
                {"Id": str(n), "MessageBody": one["Body"]} for n, one in enumerate(got)])
            self.receiving.delete_message_batch(QueueUrl=self.urls[DEAD], Entries=[
                {"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(got)])
            moved += len(got)
        return count / (time.perf_counter() - began)

    def units(self, count: int, custody: Custody) -> int:
        """Write units a message, of a redrive of its own: counting them takes time."""
        self.redriven(count, custody, self.metered)
        return round(self.metered.units / count)

    def redriven(self, count: int, custody: Custody, table: Table | None = None) -> float:
        """Messages a second of a worker that redrives as many."""
        found = self.dead(count) if custody is Custody.WATCHED else [
            (str(uuid.UUID(int=self.random.getrandbits(128))), "".join(self.random.choices(LETTERS, k=BODY_BYTES)))
            for _ in range(count)]
        queues.put(self.table, Queue(PLACE, DEAD, self.arn(DEAD), self.urls[DEAD], True, custody,
                                     (self.arn("bench-source"),), seen_at=wall_clock()))
        for message_id, body in found:
            dead_letters.capture(self.table, self.letter(message_id, body, custody))
        redrive.ask(self.table, PLACE, wall_clock, Actor("bench", "operator"), True, queue=DEAD,
                    message_ids=[message_id for message_id, _ in found], reason="to measure", job_id=uuid.uuid4().hex)
        self.metered.units = 0
        began = time.perf_counter()
        report = worker.run(table or self.table, wall_clock, {Way.SEND: QueueSender(self.sending, lambda _: None)},
                            "bench", _plenty, time.sleep, inbox=QueueInbox(self.receiving))
        rate = count / (time.perf_counter() - began)
        if report.sent != count:
            raise RuntimeError(f"{report.sent} of {count} were sent")
        return rate

    def letter(self, message_id: str, body: str, custody: Custody) -> DeadLetter:
        now = wall_clock()
        system = {"SentTimestamp": str(now), "ApproximateReceiveCount": "4", "SenderId": "AIDAEXAMPLE",
                  "ApproximateFirstReceiveTimestamp": str(now)}
        return DeadLetter(PLACE, DEAD, message_id, body, hashlib.sha256(body.encode()).hexdigest(), Shape.SQS_REDRIVE,
                          Destination(Way.SEND, self.arn("bench-source")), now, system=system, sent_at=now,
                          receive_count=4, function="bench", error_type="KeyError", lineage=message_id,
                          custody=custody)


def _plenty() -> int:
    return 3_600_000


def peak_mb(messages: int) -> float:
    """Peak resident memory of a process that redrives so many."""
    command = [sys.executable, "-m", "benchmarks.redrive_memory", str(messages)]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def measured(desk: Desk, count: int, custody: Custody) -> tuple[float, float]:
    """The bare loop's rate and the redrive's. The loop runs before and after, half each."""
    before = desk.bare(count // 2)
    rate = desk.redriven(count, custody)
    return (before + desk.bare(count // 2)) / 2, rate


def in_cloud(act: Callable[[Desk], Report]) -> Report:
    """Run something on an embedded cloud of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.prepare()
        child, endpoint = start_cloud(home, FIRST_PORT)
        try:
            return act(Desk(endpoint))
        finally:
            stop([child])


def run(count: int = MESSAGES, memory: tuple[int, int] = (1_000, 100_000)) -> Report:
    """Both custodies, and the memory of a small and a large job."""
    def all_of_it(desk: Desk) -> Report:
        rows, targets = [], []
        for custody in (Custody.CAPTURED, Custody.WATCHED):
            bare, rate = measured(desk, count, custody)
            rows.append([str(custody), f"{bare:,.0f}/s", f"{rate:,.0f}/s", f"{rate / bare:.2f}",
                         f"{desk.units(count // 10, custody) * 10_000:,}"])
            if custody is Custody.CAPTURED:
                targets.append(Target("share of the bare loop's rate, captured", rate / bare, LEAST_SHARE, True))
        few, many = (peak_mb(messages) for messages in memory)
        rows += [[f"memory, {messages:,} messages", "", f"{mb:.0f} MB", "", ""]
                 for messages, mb in zip(memory, (few, many), strict=True)]
        targets.append(Target(f"peak memory at {memory[1]:,} messages against {memory[0]:,}", many / few, MOST_GROWTH))
        return Report(f"Redrive of {count:,} messages of {BODY_BYTES} bytes",
                      ("custody", "bare loop", "redrive", "share", "write units / 10,000"), rows, targets)
    return in_cloud(all_of_it)
