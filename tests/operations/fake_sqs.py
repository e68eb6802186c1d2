"""SQS in memory, behind the calls of the SDK's client that the product makes, with faults to order.

It keeps to what the service promises and not to what emulators do: old handles delete nothing, deduplication
outlives deletion, a 200 holds failed entries, a receive finds fewer than there are."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.builders import FakeClock
from tests.operations.fake_calls import Answer, Calls, Fault, refusal
from tests.operations.fake_move_tasks import MoveTasks
from tests.operations.fake_sqs_entries import check_batch, entry_fault, sent_entry, wire
from tests.operations.fake_sqs_queue import MAX_VISIBLE_S, FakeSqsQueue, Message

SECOND_MS = 1_000
NOT_THERE = "AWS.SimpleQueueService.NonExistentQueue"


class FakeSqs:
    """`tries` is what the client makes of a call: 1 where it sends, 4 where it reads."""

    def __init__(self, clock: FakeClock, calls: Calls | None = None, chance: random.Random | None = None,
                 tries: int = 1) -> None:
        self.clock = clock
        self.calls = calls or Calls(clock)
        self.chance = chance or random.Random(7)  # noqa: S311
        self.tries = tries
        self.queues: dict[str, FakeSqsQueue] = {}
        self.tasks = MoveTasks(self)

    def client(self, tries: int = 1, calls: Calls | None = None) -> FakeSqs:
        """Another client of the same queues."""
        other = FakeSqs(self.clock, calls or self.calls, self.chance, tries)
        other.queues, other.tasks = self.queues, self.tasks
        return other

    def add(self, name: str, **attributes: str) -> FakeSqsQueue:
        self.queues[name] = FakeSqsQueue(name, self.clock, self.chance, dict(attributes))
        return self.queues[name]

    def by_arn(self, arn: str) -> FakeSqsQueue | None:
        return self.queues.get(arn.rsplit(":", 1)[-1])

    def create_queue(self, QueueName: str, Attributes: dict[str, str] | None = None) -> Answer:  # noqa: N803
        queue = self.queues.get(QueueName) or self.add(QueueName, **(Attributes or {}))
        return {"QueueUrl": queue.url}

    def list_queues(self, **_: Any) -> Answer:
        return self._call("ListQueues", lambda _: {"QueueUrls": [queue.url for queue in self.queues.values()]})

    def get_queue_url(self, QueueName: str, **_: Any) -> Answer:  # noqa: N803
        return self._call("GetQueueUrl", lambda _: {"QueueUrl": self._queue(QueueName, "GetQueueUrl").url})

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str] | None = None) -> Answer:  # noqa: N803
        return self._call("GetQueueAttributes", lambda _: {
            "Attributes": self._attributes(self._queue(QueueUrl, "GetQueueAttributes"), AttributeNames or [])})

    def set_queue_attributes(self, QueueUrl: str, Attributes: dict[str, str]) -> Answer:  # noqa: N803
        def change(_: Fault) -> Answer:
            self._queue(QueueUrl, "SetQueueAttributes").attributes.update(Attributes)
            return {}
        return self._call("SetQueueAttributes", change)

    def list_dead_letter_source_queues(self, QueueUrl: str, **_: Any) -> Answer:  # noqa: N803
        def sources(_: Fault) -> Answer:
            queue = self._queue(QueueUrl, "ListDeadLetterSourceQueues")
            return {"queueUrls": [one.url for one in self.queues.values()
                                  if one.redrive and one.redrive[0] == queue.arn]}
        return self._call("ListDeadLetterSourceQueues", sources)

    def send_message(self, QueueUrl: str, **entry: Any) -> Answer:  # noqa: N803
        def send(_: Fault) -> Answer:
            queue = self._queue(QueueUrl, "SendMessage")
            refused = entry_fault(queue, entry)
            if refused:
                raise refusal(refused[0], "SendMessage", 400, refused[1])
            return sent_entry(queue, entry)
        return self._call("SendMessage", send)

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> Answer:  # noqa: N803
        def send(fault: Fault) -> Answer:
            queue = self._queue(QueueUrl, "SendMessageBatch")
            check_batch(Entries, "SendMessageBatch", payload=True)
            return _each(Entries, fault, lambda entry: entry_fault(queue, entry),
                         lambda entry: sent_entry(queue, entry))
        return self._call("SendMessageBatch", send)

    def receive_message(self, QueueUrl: str, MaxNumberOfMessages: int = 1,  # noqa: N803
                        VisibilityTimeout: int | None = None, WaitTimeSeconds: int = 0,  # noqa: N803
                        **_: Any) -> Answer:
        def receive(_: Fault) -> Answer:
            queue = self._queue(QueueUrl, "ReceiveMessage")
            if not 1 <= MaxNumberOfMessages <= 10:
                raise refusal("InvalidParameterValue", "ReceiveMessage", 400, "MaxNumberOfMessages")
            if queue.in_flight() >= queue.in_flight_cap and not WaitTimeSeconds and not queue.fifo:
                raise refusal("OverLimit", "ReceiveMessage", 403, "too many in flight")
            for late in queue.overdue():
                self.bury(queue, late)
            hidden = None if VisibilityTimeout is None else VisibilityTimeout * SECOND_MS
            found = queue.receive(MaxNumberOfMessages, hidden)
            if not found:
                self.clock.advance(WaitTimeSeconds * SECOND_MS)
                return {}
            return {"Messages": [wire(message) for message in found]}
        return self._call("ReceiveMessage", receive)

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> Answer:  # noqa: N803
        def delete(_: Fault) -> Answer:
            queue = self._queue(QueueUrl, "DeleteMessage")
            if not queue.delete(ReceiptHandle) and queue.fifo:
                raise refusal("ReceiptHandleIsInvalid", "DeleteMessage", 400, "The receipt handle has expired")
            return {}
        return self._call("DeleteMessage", delete)

    def delete_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> Answer:  # noqa: N803
        def delete(fault: Fault) -> Answer:
            queue = self._queue(QueueUrl, "DeleteMessageBatch")
            check_batch(Entries, "DeleteMessageBatch")

            def one(entry: dict[str, Any]) -> tuple[str, str] | None:
                gone = queue.delete(entry["ReceiptHandle"])
                return None if gone or not queue.fifo else ("ReceiptHandleIsInvalid", "it has expired")
            return _each(Entries, fault, one, lambda _: {})
        return self._call("DeleteMessageBatch", delete)

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> Answer:  # noqa: N803
        def change(_: Fault) -> Answer:
            queue = self._queue(QueueUrl, "ChangeMessageVisibility")
            problem = self._hide(queue, ReceiptHandle, VisibilityTimeout)
            if problem:
                raise refusal(problem[0], "ChangeMessageVisibility", 400, problem[1])
            return {}
        return self._call("ChangeMessageVisibility", change)

    def change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> Answer:  # noqa: N803
        def change(fault: Fault) -> Answer:
            queue = self._queue(QueueUrl, "ChangeMessageVisibilityBatch")
            check_batch(Entries, "ChangeMessageVisibilityBatch")
            return _each(Entries, fault, lambda entry: self._hide(queue, entry["ReceiptHandle"],
                                                                  entry["VisibilityTimeout"]), lambda _: {})
        return self._call("ChangeMessageVisibilityBatch", change)

    def start_message_move_task(self, **asked: Any) -> Answer:
        return self._call("StartMessageMoveTask", lambda _: self.tasks.start(**asked))

    def list_message_move_tasks(self, **asked: Any) -> Answer:
        return self._call("ListMessageMoveTasks", lambda _: self.tasks.listed(**asked))

    def cancel_message_move_task(self, **asked: Any) -> Answer:
        return self._call("CancelMessageMoveTask", lambda _: self.tasks.cancel(**asked))

    def _call(self, operation: str, act: Callable[[Fault], Answer]) -> Answer:
        return self.calls.perform("sqs", operation, act, self.tries)

    def _queue(self, name_or_url: str, operation: str) -> FakeSqsQueue:
        queue = self.queues.get(name_or_url.rsplit("/", 1)[-1])
        if queue is None:
            raise refusal(NOT_THERE, operation, 400, "The specified queue does not exist.")
        if queue.refuses is not None:
            raise queue.refuses
        queue.expire()
        return queue

    def bury(self, queue: FakeSqsQueue, message: Message) -> None:
        """The redrive policy's move: the id stays, and on a standard queue the retention clock goes on."""
        assert queue.redrive is not None
        grave = self.by_arn(queue.redrive[0])
        if grave is None:
            return
        del queue.messages[message.id]
        now = self.clock()
        system = {**message.system, "DeadLetterQueueSourceArn": queue.arn}
        if grave.fifo:
            system["MessageDeduplicationId"] = message.id
        grave.put(Message(message.id, message.body, message.attributes, system,
                          now if grave.fifo else message.enqueued_at, now, message.group,
                          receives=message.receives, first_received_at=message.first_received_at))

    def _hide(self, queue: FakeSqsQueue, handle: str, seconds: int) -> tuple[str, str] | None:
        message = queue.held_by(handle)
        if message is None:
            return "MessageNotInflight", "The message is not in flight."
        end = self.clock() + seconds * SECOND_MS
        if end - (message.first_received_at or 0) > MAX_VISIBLE_S * SECOND_MS:
            return "InvalidParameterValue", "Total VisibilityTimeout for the message is beyond the limit"
        message.visible_at = end
        return None

    def _attributes(self, queue: FakeSqsQueue, names: list[str]) -> dict[str, str]:
        visible = queue.visible()
        known = {**queue.attributes, "QueueArn": queue.arn, "VisibilityTimeout": str(queue.visibility_ms // SECOND_MS),
                 "MessageRetentionPeriod": str(queue.retention_ms // SECOND_MS),
                 "ApproximateNumberOfMessages": str(visible),
                 "ApproximateNumberOfMessagesNotVisible": str(queue.in_flight()),
                 "ApproximateNumberOfMessagesDelayed": str(len(queue.messages) - visible - queue.in_flight())}
        if queue.fifo:
            known["FifoQueue"] = "true"
        return known if "All" in names else {name: known[name] for name in names if name in known}


def _each(entries: list[dict[str, Any]], fault: Fault, refused: Callable[[dict[str, Any]], tuple[str, str] | None],
          done: Callable[[dict[str, Any]], Answer]) -> Answer:
    """A batch's answer, entry by entry; a fault that is about entries meets the first."""
    answer: Answer = {"Successful": [], "Failed": []}
    ordered = {Fault.SENDER_FAULT: ("InvalidMessageContents", True), Fault.SERVICE_FAULT: ("InternalError", False),
               Fault.KMS: ("KMS.AccessDeniedException", True)}
    for number, entry in enumerate(entries):
        meant = fault if number == 0 else Fault.NONE
        if meant in ordered:
            code, sender = ordered[meant]
            answer["Failed"].append({"Id": entry["Id"], "Code": code, "Message": "ordered", "SenderFault": sender})
            continue
        problem = refused(entry)
        if problem:
            answer["Failed"].append({"Id": entry["Id"], "Code": problem[0], "Message": problem[1],
                                     "SenderFault": True})
            continue
        result = {"Id": entry["Id"], **done(entry)}
        if meant is Fault.WRONG_MD5 and "MD5OfMessageBody" in result:
            result["MD5OfMessageBody"] = "0" * 32
        if meant is not Fault.MISSING_ID:
            answer["Successful"].append(result)
    return {name: listed for name, listed in answer.items() if listed}


def gone(operation: str = "SendMessageBatch") -> ClientError:
    """What a deleted queue answers."""
    return refusal(NOT_THERE, operation, 400, "The specified queue does not exist.")


def redrive_policy(dead_letter_arn: str, receives: int) -> str:
    return json.dumps({"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": receives})
