"""Back to a function: the failed event is invoked again, asynchronously, one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from operations import payloads, send_faults
from operations.senders import MAX_TRIES, Answer, Backoff, SendResult, ambiguous, ok
from store.recovery import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ACCEPTED = 202  # Invoke with InvocationType=Event


class FunctionSender:
    """Invokes the function that failed. The client must make one try a call (`SENDING`)."""

    def __init__(self, client: LambdaClient, backoff: Backoff) -> None:
        self._client = client
        self._backoff = backoff

    def pack(self, letters: Iterable[DeadLetter]) -> list[list[DeadLetter]]:
        return [[letter] for letter in letters]

    def send(self, batch: Sequence[DeadLetter]) -> list[SendResult]:
        return [self._invoke(letter) for letter in batch]

    def _invoke(self, letter: DeadLetter) -> SendResult:
        result = self._invoke_once(letter)
        for attempt in range(2, MAX_TRIES + 1):
            if result.answer is not Answer.LATER:
                break
            self._backoff(attempt)
            result = self._invoke_once(letter)
        return result

    def _invoke_once(self, letter: DeadLetter) -> SendResult:
        try:
            answer = self._client.invoke(FunctionName=letter.destination.arn, InvocationType="Event",
                                         Payload=payloads.text(letter).encode())
        except send_faults.SDK_FAULTS as error:
            return send_faults.verdict(error)
        request_id = answer.get("ResponseMetadata", {}).get("RequestId")
        if answer.get("StatusCode") != ACCEPTED or not request_id:
            return ambiguous(f"Lambda answered {answer.get('StatusCode')} instead of {ACCEPTED}")
        return ok(request_id)
