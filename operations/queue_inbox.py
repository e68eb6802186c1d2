"""A watched queue over SQS: long polls, every submitted entry accounted for.

Limits (SQS API reference): 10 messages a call. A delete that says it worked is no proof, so the journal is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from operations.inbox import VISIBILITY_S, Received, Standing
from store.faults import translated
from store.recovery import Queue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 10


class QueueInbox:
    """Receives again what is watched. The client may repeat its calls: none of them sends anything."""

    def __init__(self, client: SQSClient) -> None:
        self._client = client

    def receive(self, queue: Queue, wait_s: int) -> list[Received]:
        with translated(queue.name):
            answer = self._client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=AT_ONCE,
                                                  WaitTimeSeconds=wait_s, VisibilityTimeout=VISIBILITY_S)
        return [Received(found["MessageId"], found["ReceiptHandle"], found["Body"])
                for found in answer.get("Messages") or ()]

    def delete(self, queue: Queue, handles: Sequence[str]) -> list[bool]:
        with translated(queue.name):
            answer = self._client.delete_message_batch(
                QueueUrl=queue.url,
                Entries=[{"Id": f"m{n}", "ReceiptHandle": handle} for n, handle in enumerate(handles)])
        return _taken(answer, len(handles))

    def hide(self, queue: Queue, handles: Sequence[str], seconds: int) -> list[bool]:
        with translated(queue.name):
            answer = self._client.change_message_visibility_batch(
                QueueUrl=queue.url, Entries=[{"Id": f"m{n}", "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                                             for n, handle in enumerate(handles)])
        return _taken(answer, len(handles))

    def standing(self, queue: Queue) -> Standing:
        with translated(queue.name):
            answer = self._client.get_queue_attributes(QueueUrl=queue.url, AttributeNames=[
                "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed"])
        told = answer.get("Attributes") or {}
        return Standing(int(told.get("ApproximateNumberOfMessages", 1)),
                        int(told.get("ApproximateNumberOfMessagesNotVisible", 1)),
                        int(told.get("ApproximateNumberOfMessagesDelayed", 0)))


def _taken(answer: Mapping[str, Any], count: int) -> list[bool]:
    """An entry the answer does not mention was not taken."""
    taken = {entry.get("Id") for entry in answer.get("Successful") or ()}
    return [f"m{n}" in taken for n in range(count)]
