"""One place makes AWS clients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from store.clients import Connection, connect
from store.errors import PermissionDenied, SettingsError, Throttled
from store.members import Member
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
        assert connection.clients.queues.meta.config.retries["mode"] == "standard"  # type: ignore[attr-defined]
        for reader in (connection.clients.logs, connection.clients.cloudwatch, connection.clients.functions):
            assert reader.meta.config.retries["mode"] == "adaptive"  # type: ignore[attr-defined]


ROLE = "arn:aws:iam::444455556666:role/lamplight-member"


class FakeIdentities:
    """STS that gives credentials for `lasting_s`, or refuses."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self, refused: str | None = None, lasting_s: int = 3_600) -> None:
        self.asked: list[dict[str, str]] = []
        self.refused, self.lasting_s = refused, lasting_s

    def assume_role(self, **asked: str) -> dict[str, object]:
        self.asked.append(asked)
        if self.refused:
            raise ClientError({"Error": {"Code": self.refused, "Message": "no"}}, "AssumeRole")
        until = datetime.now(UTC) + timedelta(seconds=self.lasting_s)
        return {"Credentials": {"AccessKeyId": "AKIA", "SecretAccessKey": "s", "SessionToken": "t",
                                "Expiration": until}}


def with_identities(fake: FakeIdentities) -> Connection:
    session = boto3.Session(region_name="eu-central-1", aws_access_key_id="x",
                            aws_secret_access_key="x")
    connection = connect(Settings("lamplight"), FakeClock(), session)
    connection.clients.__dict__["identities"] = fake
    connection.clients.__dict__["place"] = Place("123456789012", "eu-central-1")
    return connection


def test_another_account_is_entered_by_its_role_and_external_id_once_for_all_its_clients():
    fake = FakeIdentities()
    home = with_identities(fake)
    member = Member("eu-west-1", ROLE, "7f3a")
    there = home.of(member)
    assert fake.asked == []
    for clients in (there.clients, home.of(member).clients):
        clients.enter()
    assert fake.asked == [{"RoleArn": ROLE, "RoleSessionName": "lamplight", "ExternalId": "7f3a"}]
    assert (there.place, there.table) == (Place("444455556666", "eu-west-1"), home.table)
    assert there.clients.logs.meta.region_name == "eu-west-1"
    assert there.clients.logs is home.of(member).clients.logs
    held = there.clients.session.get_credentials()
    assert held is not None
    assert held.get_frozen_credentials().token == "t"


def test_credentials_about_to_end_are_asked_for_again():
    fake = FakeIdentities(lasting_s=60)  # the SDK renews what ends within 15 minutes
    there = with_identities(fake).of(Member("eu-west-1", ROLE))
    for _ in range(3):
        there.clients.enter()
    assert len(fake.asked) >= 3
    assert "ExternalId" not in fake.asked[0]


def test_a_role_that_does_not_open_says_what_to_check_and_other_faults_stay_what_they_are():
    with pytest.raises(PermissionDenied, match=f"sts:AssumeRole on {ROLE}") as denied:
        with_identities(FakeIdentities("AccessDenied")).of(Member("eu-west-1", ROLE)).clients.enter()
    assert "LAMPLIGHT_EXTERNAL_ID" in denied.value.advice
    with pytest.raises(Throttled):
        with_identities(FakeIdentities("Throttling")).of(Member("eu-west-1", ROLE)).clients.enter()


def test_another_region_of_this_account_is_entered_as_we_are():
    home = with_identities(FakeIdentities("AccessDenied"))
    there = home.of(Member("us-east-1"))
    there.clients.enter()
    assert there.place == Place("123456789012", "us-east-1")
    assert there.clients.session.get_credentials() == home.clients.session.get_credentials()


def test_what_is_known_of_another_place_is_looked_at_with_our_own_clients():
    home = with_identities(FakeIdentities("AccessDenied"))
    other = home.at(Place("444455556666", "eu-west-1"))
    assert (other.place, other.clients, other.table) == (Place("444455556666", "eu-west-1"), home.clients, home.table)


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
