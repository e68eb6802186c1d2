"""What the fake SQS takes and what it answers: checks of one entry and of a batch, digests, the received form."""

from __future__ import annotations

import hashlib
import re
import struct
from typing import Any

from tests.operations.fake_calls import Answer, refusal
from tests.operations.fake_sqs_queue import FakeSqsQueue, Message

MAX_BYTES = 1_048_576
MAX_ENTRIES = 10
MAX_ATTRIBUTES = 10
_LEGAL = re.compile("[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


def check_batch(entries: list[dict[str, Any]], operation: str, payload: bool = False) -> None:
    """Raises what SQS answers to a batch it does not look into."""
    ids = [entry["Id"] for entry in entries]
    problem = None
    if not entries:
        problem = "EmptyBatchRequest"
    elif len(entries) > MAX_ENTRIES:
        problem = "TooManyEntriesInBatchRequest"
    elif len(set(ids)) < len(ids):
        problem = "BatchEntryIdsNotDistinct"
    elif not all(_ENTRY_ID.fullmatch(one) for one in ids):
        problem = "InvalidBatchEntryId"
    elif payload and sum(map(size, entries)) > MAX_BYTES:
        problem = "BatchRequestTooLong"
    if problem:
        raise refusal(f"AWS.SimpleQueueService.{problem}", operation, 400, problem)


def entry_fault(queue: FakeSqsQueue, entry: dict[str, Any]) -> tuple[str, str] | None:
    """Code and message of an entry the queue refuses."""
    body, attributes = entry.get("MessageBody", ""), entry.get("MessageAttributes") or {}
    limit = int(queue.attributes.get("MaximumMessageSize", MAX_BYTES))
    texts = [body, *(one["StringValue"] for one in attributes.values() if "StringValue" in one)]
    if not body:
        return "MissingParameter", "The request must contain the parameter MessageBody."
    if not all(_LEGAL.fullmatch(text) for text in texts):
        return "InvalidMessageContents", "Invalid characters found."
    if len(attributes) > MAX_ATTRIBUTES:
        return "InvalidParameterValue", f"Number of message attributes [{len(attributes)}] exceeds the maximum [10]."
    if size(entry) > limit:
        return "InvalidParameterValue", f"Reason: Message must be shorter than {limit} bytes."
    return _fifo_fault(entry, queue.attributes.get("ContentBasedDeduplication") == "true") if queue.fifo else None


def _fifo_fault(entry: dict[str, Any], by_content: bool) -> tuple[str, str] | None:
    if not entry.get("MessageGroupId"):
        return "MissingParameter", "The request must contain the parameter MessageGroupId."
    if not entry.get("MessageDeduplicationId") and not by_content:
        return "InvalidParameterValue", "The queue should either have ContentBasedDeduplication enabled or …"
    if entry.get("DelaySeconds"):
        return "InvalidParameterValue", "The request include parameter DelaySeconds which is not valid for FIFO."
    return None


def sent_entry(queue: FakeSqsQueue, entry: dict[str, Any]) -> Answer:
    """Take it in; what SQS answers."""
    attributes = entry.get("MessageAttributes") or {}
    system = {name: one["StringValue"] for name, one in (entry.get("MessageSystemAttributes") or {}).items()}
    delay = entry.get("DelaySeconds", int(queue.attributes.get("DelaySeconds", "0")))
    arrival = queue.take(entry["MessageBody"], attributes, system, entry.get("MessageGroupId"),
                         entry.get("MessageDeduplicationId"), delay)
    answer = {"MessageId": arrival.id, "MD5OfMessageBody": md5(arrival.body)}
    return answer | ({"MD5OfMessageAttributes": attributes_md5(attributes)} if attributes else {})


def wire(message: Message) -> dict[str, Any]:
    """A message as ReceiveMessage gives it, all attributes asked for."""
    system = {**message.system, "ApproximateReceiveCount": str(message.receives), "SenderId": "AIDAEXAMPLE",
              "ApproximateFirstReceiveTimestamp": str(message.first_received_at)}
    given: dict[str, Any] = {"MessageId": message.id, "ReceiptHandle": message.handle, "Body": message.body,
                             "MD5OfBody": md5(message.body), "Attributes": system}
    if message.attributes:
        given |= {"MessageAttributes": dict(message.attributes),
                  "MD5OfMessageAttributes": attributes_md5(message.attributes)}
    return given


def size(entry: dict[str, Any]) -> int:
    """Bytes as SQS counts them."""
    total = len(entry.get("MessageBody", "").encode("utf-8", "surrogatepass"))
    for name, one in (entry.get("MessageAttributes") or {}).items():
        total += len(name.encode()) + len(one["DataType"].encode()) + len(one.get("BinaryValue") or b"")
        total += len((one.get("StringValue") or "").encode("utf-8", "surrogatepass"))
    return total


def md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def attributes_md5(attributes: dict[str, Any]) -> str:
    """SQS Developer Guide, "Calculating the MD5 message digest for message attributes"."""
    digest = hashlib.md5(usedforsecurity=False)

    def add(content: bytes) -> None:
        digest.update(struct.pack("!I", len(content)) + content)

    for name in sorted(attributes):
        one = attributes[name]
        add(name.encode())
        add(one["DataType"].encode())
        binary = one["DataType"].startswith("Binary")
        digest.update(b"\x02" if binary else b"\x01")
        add(one["BinaryValue"] if binary else one["StringValue"].encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
