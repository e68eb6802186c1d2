"""The key a library would compute. Expected hashes were computed with each library's own rules."""

from __future__ import annotations

import hashlib

import pytest

from operations.errors import UnknownKeySchema
from operations.idempotency_key import Language, key_for

OBJECT = '{"b":2,"a":[1,"x"]}'


@pytest.mark.parametrize(("language", "payload", "expected"), [
    ("python", '"abc"', "ebd9f4c7b06cb0aaf5d13d80e49d8b90"),
    ("typescript", '"abc"', "69n0x7BssKr10T2A5J2LkA=="),
    ("java", '"abc"', "900150983cd24fb0d6963f7d28e17f72"),
    ("dotnet", '"abc"', "900150983cd24fb0d6963f7d28e17f72"),
    ("python", OBJECT, "b16868c636980458912a333c97007a80"),
    ("typescript", OBJECT, "Jxnt04ANAkVs08b5RZ8OeA=="),
    ("java", OBJECT, "309c0ba61d7627c7c57207d0f08b2260"),
    ("dotnet", OBJECT, "309c0ba61d7627c7c57207d0f08b2260"),
])
def test_each_language_has_its_own_hash(language: str, payload: str, expected: str):
    assert key_for(payload, "orders-pay.app.pay", language) == f"orders-pay.app.pay#{expected}"


def test_python_agrees_with_powertools(aws, monkeypatch: pytest.MonkeyPatch):
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orders-pay")
    layer = DynamoDBPersistenceLayer("payments", boto3_client=aws.client("dynamodb"))
    layer.configure(IdempotencyConfig(), function_name="app.pay")
    data = {"ü": [1, 2.50, None, True, "💡"], "a": {"z": 1e20, "b": -0.0}}
    assert key_for('{"ü": [1, 2.50, null, true, "💡"], "a": {"z": 1e20, "b": -0.0}}', "orders-pay.app.pay", "python") \
        == layer._get_hashed_idempotency_key(data)


@pytest.mark.parametrize(("payload", "text"), [
    ('{"b": 1.0, "a": 1e21, "10": 0, "9": -0.5}', '{"9":-0.5,"10":0,"a":1e+21,"b":1}'),
    ("[1e-7, 0.000001, 1e20, 123456789012345680000, 1.5e300, -0.0]",
     "[1e-7,0.000001,100000000000000000000,123456789012345680000,1.5e+300,0]"),
    ('{"\\u00fc": "\\ud83d\\udca1", "c": "\\ud800", "t": true, "n": null}',
     '{"c":"\\ud800","n":null,"t":true,"ü":"💡"}'),
    ("1e400", "null"), ("9" * 400, "null"), ('"a\\u0007\\n/"', '"a\\u0007\\n/"'),
])
def test_typescript_writes_as_javascript_does(payload: str, text: str):
    import base64
    digest = base64.b64encode(hashlib.md5(text.encode()).digest()).decode()  # noqa: S324
    assert key_for(payload, "f", "typescript") == f"f#{digest}"


@pytest.mark.parametrize(("payload", "text"), [
    ('{"b": 1.0, "a": 10000000.0, "c": 12345678901234567890}', '{"b":1.0,"a":1.0E7,"c":12345678901234567890}'),
    ("[0.001, 0.0001, -123.456, 0.0, 1234567.5]", "[0.001,1.0E-4,-123.456,0.0,1234567.5]"),
])
def test_java_writes_as_jackson_does(payload: str, text: str):
    assert key_for(payload, "f", "java") == f"f#{hashlib.md5(text.encode()).hexdigest()}"  # noqa: S324


def test_dotnet_hashes_the_text_as_it_was_given():
    text = '{ "b": 1.50 }'
    assert key_for(f" {text}\n", "f", "dotnet") == f"f#{hashlib.md5(text.encode()).hexdigest()}"  # noqa: S324


@pytest.mark.parametrize("payload", ["abc", "", "{", "[" * 100_000])
@pytest.mark.parametrize("language", list(Language))
def test_a_payload_that_is_no_json_has_no_key(payload: str, language: str):
    with pytest.raises(UnknownKeySchema, match="The payload is not JSON"):
        key_for(payload, "f", language)


def test_an_unknown_language_has_no_key():
    with pytest.raises(UnknownKeySchema, match="No key is known for cobol"):
        key_for("1", "f", "cobol")
