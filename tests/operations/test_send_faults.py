"""What a failed call says about the letters in it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from operations import send_faults
from operations.senders import Answer, SendResult


def answered(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "said"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendMessageBatch")


@pytest.mark.parametrize(("error", "answer"), [
    (answered("AWS.SimpleQueueService.NonExistentQueue", 400), Answer.REFUSED),
    (answered("AccessDenied", 403), Answer.REFUSED),
    (answered("KmsDisabled", 400), Answer.REFUSED),
    (answered("RequestThrottled", 403), Answer.LATER),
    (answered("KmsThrottled", 400), Answer.LATER),
    (answered("ThrottlingException", 400), Answer.LATER),
    (answered("ThrottlingException", 503), Answer.LATER),
    (answered("ExpiredToken", 403), Answer.LATER),
    (answered("InternalError", 500), Answer.AMBIGUOUS),
    (answered("ServiceUnavailable", 503), Answer.AMBIGUOUS),
    (ClientError({}, "Invoke"), Answer.AMBIGUOUS),
    (ReadTimeoutError(endpoint_url="x"), Answer.AMBIGUOUS),
    (ConnectionClosedError(endpoint_url="x"), Answer.AMBIGUOUS),
    (ResponseParserError("cut short"), Answer.AMBIGUOUS),
    (EndpointConnectionError(endpoint_url="x"), Answer.LATER),
    (ConnectTimeoutError(endpoint_url="x"), Answer.LATER),
    (NoCredentialsError(), Answer.LATER),
    (ParamValidationError(report="x"), Answer.REFUSED),
], ids=lambda value: str(value)[:50])
def test_only_what_certainly_did_not_arrive_is_called_so(error: Exception, answer: Answer):
    assert isinstance(error, send_faults.SDK_FAULTS)
    assert send_faults.verdict(error).answer is answer
    assert send_faults.verdict(error).reason


def test_a_call_that_only_looks_is_never_ambiguous():
    assert send_faults.before_sending(ReadTimeoutError(endpoint_url="x")).answer is Answer.LATER
    assert send_faults.before_sending(answered("AccessDenied", 403)).answer is Answer.REFUSED


@pytest.mark.parametrize(("code", "sender_fault", "answer"), [
    ("InvalidMessageContents", True, Answer.REFUSED), ("InternalError", False, Answer.LATER),
    ("KmsThrottled", True, Answer.LATER),
])
def test_a_failed_entry_is_refused_only_when_the_fault_is_ours_and_stays(code: str, sender_fault: bool, answer: Answer):
    assert send_faults.entry(code, "said", sender_fault) == SendResult(answer, reason=f"{code}: said")
