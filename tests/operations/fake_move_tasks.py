"""StartMessageMoveTask in memory: one task a source queue, moved as far as a test says. SQS API reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.operations.fake_calls import Answer, refusal
from tests.operations.fake_sqs_queue import FakeSqsQueue

if TYPE_CHECKING:
    from tests.operations.fake_sqs import FakeSqs

LISTED = 10


@dataclass
class MoveTask:
    """One task; `to_move` is fixed at its start."""

    handle: str
    source: str
    destination: str | None
    started_at: int
    to_move: int
    moved: int = 0
    status: str = "RUNNING"
    failure: str = ""

    def wire(self) -> Answer:
        shown: Answer = {"Status": self.status, "SourceArn": self.source, "StartedTimestamp": self.started_at,
                         "ApproximateNumberOfMessagesMoved": self.moved,
                         "ApproximateNumberOfMessagesToMove": self.to_move}
        if self.status == "RUNNING":
            shown["TaskHandle"] = self.handle
        if self.destination:
            shown["DestinationArn"] = self.destination
        return shown | ({"FailureReason": self.failure} if self.failure else {})


class MoveTasks:
    """The tasks of one fake SQS, oldest first."""

    def __init__(self, sqs: FakeSqs) -> None:
        self.sqs = sqs
        self.tasks: list[MoveTask] = []

    def start(self, SourceArn: str, DestinationArn: str | None = None,  # noqa: N803
              MaxNumberOfMessagesPerSecond: int | None = None) -> Answer:  # noqa: N803
        source = self.sqs.by_arn(SourceArn)
        if source is None:
            raise refusal("ResourceNotFoundException", "StartMessageMoveTask", 404, "The source does not exist.")
        if not any(one.redrive and one.redrive[0] == SourceArn for one in self.sqs.queues.values()):
            raise refusal("InvalidParameterValue", "StartMessageMoveTask", 400,
                          "Source queue must be configured as a Dead Letter Queue.")
        if any(one.source == SourceArn and one.status == "RUNNING" for one in self.tasks):
            raise refusal("InvalidParameterValue", "StartMessageMoveTask", 400,
                          "There is already a task running. Only one active task is allowed for a source queue arn "
                          "at a given time.")
        if MaxNumberOfMessagesPerSecond is not None and not 1 <= MaxNumberOfMessagesPerSecond <= 500:
            raise refusal("InvalidParameterValue", "StartMessageMoveTask", 400, "MaxNumberOfMessagesPerSecond")
        task = MoveTask(f"task-{len(self.tasks) + 1}", SourceArn, DestinationArn, self.sqs.clock(),
                        len(source.messages))
        self.tasks.append(task)
        return {"TaskHandle": task.handle}

    def listed(self, SourceArn: str, MaxResults: int = 1) -> Answer:  # noqa: N803
        newest = [task.wire() for task in reversed(self.tasks) if task.source == SourceArn]
        return {"Results": newest[:min(MaxResults, LISTED)]}

    def cancel(self, TaskHandle: str) -> Answer:  # noqa: N803
        for task in self.tasks:
            if task.handle == TaskHandle and task.status == "RUNNING":
                task.status = "CANCELLED"
                return {"ApproximateNumberOfMessagesMoved": task.moved}
        raise refusal("ResourceNotFoundException", "CancelMessageMoveTask", 404, "Task does not exist.")

    def work(self, most: int = 10) -> None:
        """Move up to this many messages of every running task: new ids, a new retention clock."""
        for task in self.tasks:
            source = self.sqs.by_arn(task.source)
            if task.status == "RUNNING" and source is not None:
                self._move(task, source, most)

    def _move(self, task: MoveTask, source: FakeSqsQueue, most: int) -> None:
        waiting: list[Any] = sorted((one for one in source.messages.values() if one.visible_at <= self.sqs.clock()),
                                    key=lambda one: one.enqueued_at)[:most]
        for message in waiting:
            target = self.sqs.by_arn(task.destination or message.system.get("DeadLetterQueueSourceArn", ""))
            if target is None:
                task.status, task.failure = "FAILED", "CouldNotDetermineMessageSource"
                return
            del source.messages[message.id]
            target.take(message.body, message.attributes, {}, message.group, message.id)
            task.moved += 1
        if not source.messages:
            task.status = "COMPLETED"
