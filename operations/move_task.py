"""AWS's own redrive, StartMessageMoveTask, behind a small port: the right tool for "everything in this queue, back to
where it came from", and for nothing finer. SQS API reference.

The call knows no idempotency token: tasks are listed before one is started, and again when an answer was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operations.commands import Ending, TimeLeft
from operations.errors import AlreadyRedriving, CommandNotPossible
from operations.plan import sends
from operations.rescue import listed
from store import jobs
from store.commands import Command
from store.errors import EndpointUnreachable, LamplightError, StoreError, Throttled
from store.faults import translated
from store.recovery import Custody, Queue
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_RATE_PER_S = 500
SKEW_MS = 5_000
"""A task that began this much before its command is taken for the command's own: clocks differ."""
RUNNING = ("RUNNING", "CANCELLING")
LIMITS = (
    "It moves every message, those that arrive meanwhile too; it cannot choose or edit.",
    "Each message gets a new id, a new time of sending and a new retention; nothing follows it to its outcome.",
    "Numbers are approximate and come late; no message has a result of its own.",
    f"At most {MAX_RATE_PER_S} messages a second, 36 hours a task, one task a queue.",
    "It mixes with new traffic; stopping it brings nothing back.",
)
"""What a page says beside the button."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task as SQS lists it. `handle` is known while it runs; `moved` and `to_move` are approximate."""

    status: str
    started_at: int
    handle: str | None = None
    moved: int = 0
    to_move: int | None = None
    failure: str | None = None

    @property
    def runs(self) -> bool:
        return self.status in RUNNING

    @property
    def progress(self) -> str:
        of = "an unknown number" if self.to_move is None else f"about {self.to_move:,}"
        return f"about {self.moved:,} of {of} messages moved"


@dataclass(frozen=True, slots=True)
class MoveTasks:
    """The port. `starting` makes one try a call: the SDK trying again could start another task unseen. Every method
    raises LamplightError with what the service said."""

    client: SQSClient
    starting: SQSClient

    def of(self, queue: Queue) -> list[Task]:
        """The last tasks of a queue, newest first; SQS remembers ten."""
        with translated(queue.name):
            answer = self.client.list_message_move_tasks(SourceArn=queue.arn, MaxResults=10)
        return sorted(map(_task, answer.get("Results") or ()), key=lambda task: task.started_at, reverse=True)

    def start(self, queue: Queue, rate_per_s: int | None) -> None:
        rate: dict[str, Any] = {"MaxNumberOfMessagesPerSecond": rate_per_s} if rate_per_s else {}
        with translated(queue.name):
            self.starting.start_message_move_task(SourceArn=queue.arn, **rate)

    def cancel(self, task: Task, queue: Queue) -> int:
        """Ask the task to stop. About how many messages it had moved."""
        with translated(queue.name):
            answer = self.client.cancel_message_move_task(TaskHandle=task.handle or "")
        return int(answer.get("ApproximateNumberOfMessagesMoved") or 0)


def why_not(queue: Queue) -> str | None:
    """Why a move task is the wrong tool for this queue, in words; None when it is a right one."""
    account = queue.arn.split(":")[4]
    if account != queue.place.account:
        return f"{queue.name} belongs to account {account}; a task moves within one account."
    if queue.custody is Custody.CAPTURED:
        return f"{queue.name} is captured: its messages are in the table, and a task moves what is in the queue."
    others = [arn for arn in queue.sources if ":sqs:" not in arn]
    if others:
        return (f"{others[0].rpartition(':')[2]} sends its failures to {queue.name}: such messages say no queue they "
                "came from, and the task would fail at the first of them.")
    if not queue.sources:
        return f"No queue is known to have {queue.name} as its dead-letter queue."
    return None


@dataclass(frozen=True, slots=True)
class Move:
    """Carries out `move everything back`, argument `rate` (messages per second, optional): starts a task, or finds
    the one it started before it died, and follows it until it ends."""

    table: Table
    tasks: MoveTasks
    allowed: Sequence[str]

    def __call__(self, command: Command, left_ms: TimeLeft) -> Ending:
        del left_ms  # at most three short calls
        queue = listed(self.table, command.place, command.subject, self.allowed)
        rate = _rate(command.arguments.get("rate"))
        if command.attempts <= 1 and not command.details:  # nobody can have started one for it yet
            self._refuse(queue, command)
        try:
            mine = self._mine(queue, command)
        except (Throttled, EndpointUnreachable):
            if "started" not in command.details:
                raise
            return Ending(command.outcome or "", command.details, over=False)  # it goes on, whoever can ask or not
        if mine is None:
            self._refuse(queue, command)
            mine = self._started(queue, command, rate)
        if mine.status == "FAILED":
            raise LamplightError(f"The task failed: {mine.failure or 'SQS gives no reason'}; {mine.progress}.",
                                 "What was moved stays moved; redrive the rest by selection.")
        details = {"status": mine.status, "started": str(mine.started_at), "moved": str(mine.moved),
                   "to move": "" if mine.to_move is None else str(mine.to_move)}
        if mine.started_at < _since(command):
            details["note"] = "somebody had started this task before it was asked for here"
        return Ending(f"{mine.status.capitalize()}: {mine.progress}.", details, over=not mine.runs)

    def _mine(self, queue: Queue, command: Command) -> Task | None:
        """The task this command began: the one that runs, or the first since the command was taken."""
        begun = [task for task in self.tasks.of(queue) if task.runs or task.started_at >= _since(command)]
        if not begun and "started" in command.details:
            raise LamplightError("SQS does not list the task any more.", "Look at the queue for what is left in it.")
        running = [task for task in begun if task.runs]
        return running[0] if running else begun[-1] if begun else None

    def _refuse(self, queue: Queue, command: Command) -> None:
        problem = why_not(queue)
        if problem:
            raise CommandNotPossible(problem, "Redrive by selection instead.")
        for job in jobs.open_jobs(self.table):
            if (job.place, job.queue) == (command.place, queue.name) and sends(job):
                raise AlreadyRedriving(job.id, [f"messages of {queue.name}"])

    def _started(self, queue: Queue, command: Command, rate: int | None) -> Task:
        try:
            self.tasks.start(queue, rate)
        except EndpointUnreachable:
            found = self._mine(queue, command)
            if found is None:
                raise
            return found
        found = self._mine(queue, command)
        if found is None:
            raise StoreError("SQS took the task and does not list it.", "Look at the queue, then ask again.")
        return found


@dataclass(frozen=True, slots=True)
class StopMove:
    """Carries out `stop moving`. What was moved stays moved."""

    table: Table
    tasks: MoveTasks
    allowed: Sequence[str]

    def __call__(self, command: Command, left_ms: TimeLeft) -> Ending:
        del left_ms  # two short calls
        queue = listed(self.table, command.place, command.subject, self.allowed)
        running = [task for task in self.tasks.of(queue) if task.status == "RUNNING"]
        if not running:
            raise CommandNotPossible(f"No task moves messages of {queue.name}.", "There is nothing to stop.")
        moved = self.tasks.cancel(running[0], queue)
        return Ending(f"The task was told to stop; about {moved:,} messages had been moved and stay moved.",
                      {"moved": str(moved)})


def _since(command: Command) -> int:
    return (command.started_at or command.asked_at) - SKEW_MS


def _rate(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MAX_RATE_PER_S:
        raise CommandNotPossible(f"A rate of {text} messages per second is not possible.",
                                 f"Choose 1 to {MAX_RATE_PER_S}, or none.")
    return int(text)


def _task(wire: Any) -> Task:
    return Task(str(wire.get("Status", "")), int(wire.get("StartedTimestamp") or 0), wire.get("TaskHandle"),
                int(wire.get("ApproximateNumberOfMessagesMoved") or 0), wire.get("ApproximateNumberOfMessagesToMove"),
                wire.get("FailureReason"))
