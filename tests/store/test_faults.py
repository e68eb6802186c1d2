"""The SDK's errors become sentences with what to do."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError, ParamValidationError

from store.errors import (
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
from store.faults import translated


def client_error(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "PutItem")


@pytest.mark.parametrize(("raised", "becomes", "says"), [
    (client_error("AccessDeniedException", "User: x is not authorized to perform: dynamodb:PutItem on resource: y"),
     PermissionDenied, "Give this role dynamodb:PutItem on lamplight"),
    (client_error("AccessDenied"), PermissionDenied, "Give this role PutItem on lamplight"),
    (client_error("ProvisionedThroughputExceededException"), Throttled, "lamplight is throttled"),
    (client_error("UnrecognizedClientException"), CredentialsMissing, "does not accept these credentials"),
    (client_error("ResourceNotFoundException"), TableMissing, "There is no lamplight in this account"),
    (client_error("ValidationException", "Item size has exceeded the maximum allowed size"), ItemTooLarge, "400 KB"),
    (client_error("InternalServerError", "try again"), StoreError, "InternalServerError: try again"),
    (NoCredentialsError(), CredentialsMissing, "There are no AWS credentials"),
    (NoRegionError(), SettingsError, "AWS_REGION"),
    (ParamValidationError(report="bad"), StoreError, "bad"),
], ids=lambda value: getattr(value, "__name__", None))
def test_each_fault_is_one_clear_sentence(raised: Exception, becomes: type[LamplightError], says: str):
    with pytest.raises(becomes) as found, translated("lamplight"):
        raise raised
    assert says in found.value.sentence
    assert found.value.__cause__ is raised


def test_an_endpoint_that_does_not_answer_is_named():
    client = boto3.client("dynamodb", endpoint_url="http://127.0.0.1:9", region_name="eu-central-1",
                          aws_access_key_id="x", aws_secret_access_key="x",
                          config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(EndpointUnreachable) as unreachable, translated("lamplight"):
        client.list_tables()
    assert "http://127.0.0.1:9" in str(unreachable.value)
    assert "AWS_ENDPOINT_URL" in unreachable.value.advice
    client.close()


def test_other_exceptions_pass_untouched():
    with pytest.raises(KeyError), translated("lamplight"):
        raise KeyError("ours")
