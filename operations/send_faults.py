"""What a failed call says about the letters in it: did they arrive, and is asking again of use?"""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from operations.senders import Answer, SendResult, ambiguous, later, refused
from store.faults import THROTTLED, UNKNOWN_CALLER

SERVER_FAULT = 500
ASK_AGAIN = THROTTLED | UNKNOWN_CALLER | {"KmsThrottled", "OverLimit", "ServiceQuotaExceededException"}
"""Codes that say nothing was taken and that the next try, or fresh credentials, may do."""
NOT_CONNECTED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError, SSLError, NoCredentialsError,
                 PartialCredentialsError)
"""The request never left: nothing can have arrived."""
SDK_FAULTS = (ClientError, BotoCoreError, HTTPClientError, ResponseParserError)


def verdict(error: Exception) -> SendResult:
    """One of SDK_FAULTS, read for all letters of the call. In doubt it is ambiguous."""
    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, NOT_CONNECTED):
        return later(f"no connection: {error}")
    if isinstance(error, HTTPClientError | ResponseParserError):
        return ambiguous(f"the answer was lost: {error}")
    return refused(f"the SDK refused the call: {error}")


def before_sending(error: Exception) -> SendResult:
    """One of SDK_FAULTS of a call that only looks: nothing was sent, so nothing is ambiguous."""
    result = verdict(error)
    return later(result.reason) if result.answer is Answer.AMBIGUOUS else result


def entry(code: str, message: str, sender_fault: bool) -> SendResult:
    """One entry of a batch's `Failed`."""
    said = f"{code}: {message}" if message else code
    return refused(said) if sender_fault and code not in ASK_AGAIN else later(said)


def _answered(error: ClientError) -> SendResult:
    details = error.response.get("Error", {})
    code = details.get("Code", "").rsplit(".", 1)[-1]
    said = f"{code}: {details.get('Message', '')}"
    if code in ASK_AGAIN:
        return later(said)
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER_FAULT) >= SERVER_FAULT:
        return ambiguous(said)
    return refused(said)
