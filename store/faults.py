"""The SDK's errors, turned into sentences. The one place that reads AWS error codes for our table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as SdkConnectionError,
)

from store.errors import (
    ConditionLost,
    CredentialsMissing,
    EndpointUnreachable,
    ItemTooLarge,
    LamplightError,
    PermissionDenied,
    SettingsError,
    StoreError,
    TableMissing,
    Throttled,
)
from store.items import unmarshal

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
THROTTLED = frozenset({
    "ThrottlingException", "Throttling", "RequestLimitExceeded", "ProvisionedThroughputExceededException",
    "TooManyRequestsException", "RequestThrottled", "LimitExceededException", "SlowDown",
})
MISSING = frozenset({"ResourceNotFoundException", "ProvisionedConcurrencyConfigNotFoundException"})
UNKNOWN_CALLER = frozenset({
    "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException", "InvalidClientTokenId",
    "ExpiredToken", "SignatureDoesNotMatch",
})


@contextmanager
def translated(subject: str) -> Iterator[None]:
    """Run SDK calls about `subject` (a table, a queue, …); whatever the SDK raises leaves as ours."""
    try:
        yield
    except ClientError as error:
        raise client_fault(error, subject) from error
    except NoRegionError as error:
        raise SettingsError("AWS_REGION", "is not set", "Set it to the region the table lives in.") from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise CredentialsMissing("There are no AWS credentials.",
                                 "Sign in, or set AWS_PROFILE or a role for this process.") from error
    except (SdkConnectionError, HTTPClientError) as error:
        raise EndpointUnreachable(f"No answer from {_endpoint(error)}.",
                                  "Check AWS_ENDPOINT_URL, AWS_REGION and the network.") from error
    except BotoCoreError as error:
        raise StoreError(f"The AWS SDK refused the call about {subject}: {error}") from error


def client_fault(error: ClientError, subject: str) -> LamplightError:
    """Our error for a service's answer about `subject`."""
    details: dict[str, Any] = dict(error.response.get("Error", {}))
    code, message = details.get("Code", ""), details.get("Message", "")
    if code == "ConditionalCheckFailedException":
        standing = error.response.get("Item")
        return ConditionLost(f"Another writer was first at {subject}.",
                             unmarshal(standing) if isinstance(standing, dict) and standing else None)
    if code == "TransactionCanceledException":
        return _cancelled(error, subject)
    if code in DENIED:
        action = _action(message) or error.operation_name
        return PermissionDenied(f"Not allowed: {action} on {subject}.",
                                f"Give this role {action} on {subject}.", action)
    if code in UNKNOWN_CALLER:
        return CredentialsMissing(f"AWS does not accept these credentials ({code}).", "Sign in again.")
    if code in THROTTLED:
        return Throttled(f"{subject} is throttled ({code}).", "It will be tried again; raise the limit if it stays.")
    if code in MISSING:
        return TableMissing(f"There is no {subject} in this account and region.",
                            "Deploy the stack, or correct LAMPLIGHT_TABLE, AWS_REGION or AWS_PROFILE.")
    if code == "ValidationException" and "size" in message.lower() and "exceeded" in message.lower():
        return ItemTooLarge(f"An item for {subject} is over DynamoDB's 400 KB limit.")
    return StoreError(f"{error.operation_name} on {subject} failed: {code}: {message}")


def _cancelled(error: ClientError, subject: str) -> LamplightError:
    """A transaction says why for each of its writes."""
    reasons: Any = error.response.get("CancellationReasons", ())
    codes = {reason.get("Code") for reason in reasons} - {"None", None}
    if not codes or codes & {"ConditionalCheckFailed", "TransactionConflict", "DuplicateItem"}:
        return ConditionLost(f"Another writer was first at {subject}.")
    if codes <= {"ThrottlingError", "ProvisionedThroughputExceeded"}:
        return Throttled(f"{subject} is throttled ({', '.join(sorted(codes))}).", "It will be tried again.")
    return StoreError(f"{error.operation_name} on {subject} failed: {', '.join(sorted(codes))}.")


def _action(message: str) -> str:
    found = re.search(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z*]+)", message)
    return found.group(1) if found else ""


def _endpoint(error: BotoCoreError) -> str:
    return str(error.kwargs.get("endpoint_url") or "the AWS endpoint")
