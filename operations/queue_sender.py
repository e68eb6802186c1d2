"""Back to a queue: SendMessageBatch, every submitted entry accounted for.

Limits (SQS API reference): 10 entries and 1,048,576 bytes a batch, attributes included; entry ids are ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from operations import payloads, send_faults
from operations.senders import MAX_TRIES, Answer, Backoff, SendResult, ambiguous, ok, refused
from store.recovery import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_ENTRIES = 10
LEAST_LIMIT = 1_024
"""The lowest MaximumMessageSize a queue can have."""
TRACE = "AWSTraceHeader"


class QueueSender:
    """Sends letters back to the queues they came from. The client must make one try a call (`SENDING`)."""

    def __init__(self, client: SQSClient, backoff: Backoff) -> None:
        self._client = client
        self._backoff = backoff
        self._urls: dict[str, str] = {}
        self._limits: dict[str, int] = {}

    def pack(self, letters: Iterable[DeadLetter]) -> list[list[DeadLetter]]:
        """Batches by count and bytes. Of one FIFO group only one letter stands in a batch, as a failed entry
        would let those behind it overtake."""
        batches: list[list[DeadLetter]] = []
        weight = 0
        for letter in letters:
            heavy = payloads.size(payloads.text(letter), payloads.attributes(letter))
            if not batches or not _fits(batches[-1], letter, weight + heavy):
                batches.append([])
                weight = 0
            batches[-1].append(letter)
            weight += heavy
        return batches

    def send(self, batch: Sequence[DeadLetter]) -> list[SendResult]:
        """One result per letter, in order. What the service says it did not take is asked again, MAX_TRIES in all."""
        results: dict[int, SendResult] = {}
        for attempt in range(1, MAX_TRIES + 1):
            waiting = [n for n in range(len(batch)) if n not in results or results[n].answer is Answer.LATER]
            if not waiting:
                break
            if attempt > 1:
                self._backoff(attempt)
            results |= self._send_once({n: batch[n] for n in waiting})
        return [results[n] for n in range(len(batch))]

    def _send_once(self, letters: Mapping[int, DeadLetter]) -> dict[int, SendResult]:
        entries: Any = [_entry(number, letter) for number, letter in letters.items()]
        url = self._url(next(iter(letters.values())).destination.arn)
        if isinstance(url, SendResult):
            return dict.fromkeys(letters, url)
        too_large = {n: result for n, letter in letters.items() if (result := self._too_large(url, letter))}
        entries = [entry for entry in entries if int(entry["Id"][1:]) not in too_large]
        letters = {n: letter for n, letter in letters.items() if n not in too_large}
        return {**too_large, **self._taken(url, entries, letters)} if letters else too_large

    def _taken(self, url: str, entries: list[Any], letters: Mapping[int, DeadLetter]) -> dict[int, SendResult]:
        try:
            answer: Mapping[str, Any] = self._client.send_message_batch(QueueUrl=url, Entries=entries)
        except send_faults.SDK_FAULTS as error:
            result = send_faults.verdict(error)
            if result.answer is Answer.REFUSED and len(letters) > 1:
                # One of them spoils the call, of which nothing was taken: each for itself.
                alone = [self._taken(url, [entry], {int(entry["Id"][1:]): letters[int(entry["Id"][1:])]})
                         for entry in entries]
                return {n: one for results in alone for n, one in results.items()}
            return dict.fromkeys(letters, result)
        taken = {entry.get("Id"): entry for entry in answer.get("Successful") or []}
        failed = {entry.get("Id"): entry for entry in answer.get("Failed") or []}
        return {n: _reconciled(letter, taken.get(f"m{n}"), failed.get(f"m{n}")) for n, letter in letters.items()}

    def _too_large(self, url: str, letter: DeadLetter) -> SendResult | None:
        """A refusal of what the queue would not take, by its own limit, which may be lower than SQS's."""
        weight = payloads.size(payloads.text(letter), payloads.attributes(letter))
        if weight <= LEAST_LIMIT:
            return None
        limit = self._limit(url)
        return refused(f"it has {weight:,} bytes, its queue takes {limit:,}") if weight > limit else None

    def _limit(self, url: str) -> int:
        """MaximumMessageSize in bytes; SQS's own limit where the queue does not tell."""
        if url not in self._limits:
            try:
                told = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["MaximumMessageSize"])
                self._limits[url] = int((told.get("Attributes") or {}).get("MaximumMessageSize", payloads.MAX_BYTES))
            except (*send_faults.SDK_FAULTS, ValueError):
                self._limits[url] = payloads.MAX_BYTES
        return self._limits[url]

    def _url(self, arn: str) -> str | SendResult:
        if arn in self._urls:
            return self._urls[arn]
        _, _, _, _, account, name = arn.split(":", 5)
        try:
            url = self._client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        except send_faults.SDK_FAULTS as error:
            return send_faults.before_sending(error)
        return self._urls.setdefault(arn, url)


def _fits(batch: Sequence[DeadLetter], letter: DeadLetter, weight: int) -> bool:
    group = fifo_group(letter)
    shared = group is not None and any(fifo_group(other) == group for other in batch)
    return len(batch) < MAX_ENTRIES and weight <= payloads.MAX_BYTES and not shared


def fifo_group(letter: DeadLetter) -> str | None:
    """The group whose order must hold, or None on a standard queue."""
    return letter.system.get("MessageGroupId", "") if letter.destination.arn.endswith(".fifo") else None


def _entry(number: int, letter: DeadLetter) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": f"m{number}", "MessageBody": payloads.text(letter)}
    attached = payloads.attributes(letter)
    if attached:
        entry["MessageAttributes"] = {name: _attribute(value) for name, value in attached.items()}
    if TRACE in letter.system:
        entry["MessageSystemAttributes"] = {TRACE: {"DataType": "String", "StringValue": letter.system[TRACE]}}
    if letter.system.get("MessageGroupId"):
        entry["MessageGroupId"] = letter.system["MessageGroupId"]
    if letter.destination.arn.endswith(".fifo"):
        entry["MessageDeduplicationId"] = deduplication_id(letter)
    return entry


def deduplication_id(letter: DeadLetter) -> str:
    """Stable over every try of this life, and new for the next: a queue keeps ids for five minutes, longer than
    the message, and takes a repeated one without delivering it."""
    return hashlib.sha256(letter.key.encode()).hexdigest()


def _attribute(value: Any) -> dict[str, Any]:
    content = {"BinaryValue": value.binary} if value.binary is not None else {"StringValue": value.string}
    return {"DataType": value.type, **content}


def _reconciled(letter: DeadLetter, taken: Mapping[str, Any] | None, failed: Mapping[str, Any] | None) -> SendResult:
    if taken and failed:
        return ambiguous("the queue reported it both taken and failed")
    if failed:
        return send_faults.entry(failed.get("Code", ""), failed.get("Message", ""), bool(failed.get("SenderFault")))
    if not taken or not taken.get("MessageId"):
        return ambiguous("the queue's answer does not mention it")
    digest = hashlib.md5(payloads.text(letter).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    if taken.get("MD5OfMessageBody") != digest:
        return ambiguous("the queue holds another body than was sent")
    return ok(taken["MessageId"])
