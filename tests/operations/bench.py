"""A queue and a sender in memory, with faults to order; and a bench that asks for redrives and runs workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from operations import redrive, worker
from operations.consumer_pause import Consumers
from operations.inbox import Inbox
from operations.permissions import Actor
from operations.queue_sender import QueueSender
from operations.senders import SendResult, ambiguous, later, ok, refused
from store import dead_letters, jobs, queues
from store.recovery import DeadLetter, Job, JobResult, Queue, Way
from store.table import Table
from tests.builders import PLACE, QUEUE, SOURCE_ARN, FakeClock, a_letter

ADA = Actor("ada@example.com", "operator")
DLQ_ARN = f"arn:aws:sqs:eu-central-1:123456789012:{QUEUE}"
REASON = "the warehouse is back"
LONG_MS = 600_000


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


class FakeQueue:
    """Where messages arrive, and a sender to it. `faults` answer the next sends, one per letter:
    ok, lost (arrived, no answer), dropped (did not arrive, no answer), failed (refused), busy (asked to wait)."""

    def __init__(self, faults: Iterable[str] = ()) -> None:
        self.arrived: list[str] = []
        self.bodies: list[str] = []
        self.faults = list(faults)
        self.batches: list[int] = []
        self.during: Callable[[], object] = lambda: None
        self.after: Callable[[], object] = lambda: None
        self.take_note: Callable[[str], object] = lambda arn: None

    def pack(self, letters: Iterable[DeadLetter]) -> list[list[DeadLetter]]:
        return QueueSender(None, lambda _: None).pack(letters)  # type: ignore[arg-type]

    def send(self, batch: Sequence[DeadLetter]) -> list[SendResult]:
        self.during()
        self.batches.append(len(batch))
        answers = [self._take(letter) for letter in batch]
        self.after()
        return answers

    def _take(self, letter: DeadLetter) -> SendResult:
        fault = self.faults.pop(0) if self.faults else "ok"
        self.take_note(letter.destination.arn)
        if fault in ("ok", "lost"):
            self.arrived.append(letter.message_id)
            self.bodies.append(letter.body)
        return {"ok": ok(f"new-{len(self.arrived)}"), "lost": ambiguous("the answer was lost"),
                "dropped": ambiguous("the answer was lost"), "failed": refused("InvalidMessageContents"),
                "busy": later("RequestThrottled")}[fault]

    @property
    def copies(self) -> Counter[str]:
        return Counter(self.arrived)


class Bench:
    """One queue's letters, asked for by Ada, sent by as many workers as a test needs."""

    def __init__(self, table: Table, clock: FakeClock) -> None:
        self.table, self.clock = table, clock
        self.queue = FakeQueue()
        self.waited: list[float] = []
        self.inbox: Inbox | None = None
        self.consumers: Consumers | None = None
        queues.put(table, a_queue())

    def letters(self, *message_ids: str, **facts: object) -> list[str]:
        for message_id in message_ids:
            dead_letters.capture(self.table, a_letter(message_id, **facts))
        return list(message_ids)

    def ask(self, message_ids: Sequence[str], job_id: str = "job-1", **facts: object) -> Job:
        asked: dict[str, object] = {"queue": QUEUE, "message_ids": message_ids, "reason": REASON, "job_id": job_id}
        return redrive.ask(self.table, PLACE, self.clock, ADA, True, **{**asked, **facts})  # type: ignore[arg-type]

    def run(self, owner: str = "worker-1", left_ms: Callable[[], int] = lambda: LONG_MS,
            table: Table | None = None) -> worker.RunReport:
        senders = {Way.SEND: self.queue, Way.INVOKE: self.queue}
        return worker.run(table or self.table, self.clock, senders, owner, left_ms, self.pause, inbox=self.inbox,
                          consumers=self.consumers)

    def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.advance(int(seconds * 1000))

    def letter(self, message_id: str = "m-1") -> DeadLetter:
        letter = dead_letters.get(self.table, PLACE, QUEUE, message_id)
        assert letter is not None
        return letter

    def job(self, job_id: str = "job-1") -> Job:
        job = jobs.get(self.table, job_id)
        assert job is not None
        return job

    def results(self, job_id: str = "job-1") -> dict[str, JobResult]:
        return {result.letter.split("/")[1]: result for result in jobs.results(self.table, job_id)}


def a_queue(**facts: object) -> Queue:
    defaults: dict[str, object] = {"place": PLACE, "name": QUEUE, "arn": DLQ_ARN, "url": f"https://sqs/{QUEUE}",
                                   "is_dead_letter_queue": True, "sources": (SOURCE_ARN,)}
    return Queue(**{**defaults, **facts})  # type: ignore[arg-type]
