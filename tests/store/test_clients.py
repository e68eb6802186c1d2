"""One place makes AWS clients."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from store.clients import connect
from store.errors import SettingsError
from store.records import Place
from store.settings import Settings
from tests.builders import FakeClock


def test_a_connection_knows_its_place_and_sends_with_one_try_only():
    with mock_aws():
        session = boto3.Session(region_name="eu-central-1", aws_access_key_id="x",
                                aws_secret_access_key="x")
        connection = connect(Settings("lamplight"), FakeClock(), session)
        assert connection.place == Place("123456789012", "eu-central-1")
        assert connection.table.name == "lamplight"
        for sender in (connection.clients.sending_queues, connection.clients.sending_functions):
            assert sender.meta.config.retries["total_max_attempts"] == 1  # type: ignore[attr-defined]
        for reader in (connection.clients.logs, connection.clients.cloudwatch, connection.clients.functions,
                       connection.clients.queues):
            assert reader.meta.config.retries["mode"] == "standard"  # type: ignore[attr-defined]


def test_a_missing_region_is_named_before_any_call(monkeypatch: pytest.MonkeyPatch):
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(SettingsError) as missing:
        connect(Settings("lamplight"))
    assert missing.value.variable == "AWS_REGION"


def test_the_region_may_be_named_as_aws_names_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert connect(Settings("lamplight")).clients.session.region_name == "eu-west-3"
