"""The command that collects once."""

from __future__ import annotations

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from collectors.__main__ import main
from collectors.run import run
from store import health, places, queues
from store.clients import connect
from store.records import Place
from store.settings import Settings
from tests.tables import create_table

REGION = "eu-central-1"


@pytest.fixture
def account(monkeypatch):
    for name, value in {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "test",
                        "AWS_SECRET_ACCESS_KEY": "test", "LAMPLIGHT_TABLE": "lamplight"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_table(boto3.client("dynamodb"), "lamplight")
        boto3.client("logs").create_log_group(logGroupName="/aws/lambda/orders")
        yield


def test_all_collectors_run_once_and_leave_their_health(account):
    connection = connect(Settings("lamplight"))
    runs = run("all", connection, lambda: 60_000)
    assert [one.collector for one in runs] == ["queues", "logs", "metrics"]
    assert {one.collector for one in health.runs(connection.table, connection.place)} == {"queues", "logs", "metrics"}
    assert [one.problems for one in runs] == [(), (), ()]


def test_the_command_says_what_it_read(account):
    answer = CliRunner().invoke(main, ["run", "logs", "--once"])
    assert answer.exit_code == 0
    assert answer.output.startswith("logs: read 0, wrote ")


def test_a_missing_table_is_one_sentence_and_what_to_do(account, monkeypatch):
    monkeypatch.setenv("LAMPLIGHT_TABLE", "elsewhere")
    answer = CliRunner().invoke(main, ["run", "all", "--once"])
    assert answer.exit_code == 1
    assert answer.output == ("Error: There is no elsewhere in this account and region. "
                             "Deploy the stack, or correct LAMPLIGHT_TABLE, AWS_REGION or AWS_PROFILE.\n")


def test_a_wrong_setting_is_named(account, monkeypatch):
    monkeypatch.delenv("LAMPLIGHT_TABLE")
    answer = CliRunner().invoke(main, ["run", "logs", "--once"])
    assert answer.exit_code == 1
    assert "Setting LAMPLIGHT_TABLE is not set." in answer.output


ROLE = "arn:aws:iam::444455556666:role/lamplight-member"


def test_another_account_is_collected_by_its_role_and_stands_under_its_own_place(account, monkeypatch):
    monkeypatch.setenv("LAMPLIGHT_PLACES", f"{ROLE}@eu-west-1")
    taken = boto3.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="test")["Credentials"]
    there = boto3.client("sqs", region_name="eu-west-1", aws_access_key_id=taken["AccessKeyId"],
                         aws_secret_access_key=taken["SecretAccessKey"], aws_session_token=taken["SessionToken"])
    there.create_queue(QueueName="payments")
    answer = CliRunner().invoke(main, ["run", "queues", "--once"])
    assert answer.exit_code == 0, answer.output
    assert "queues in 444455556666/eu-west-1: read 1, " in answer.output
    connection = connect(Settings("lamplight"))
    other = Place("444455556666", "eu-west-1")
    assert [queue.name for queue in queues.of_place(connection.table, other)] == ["payments"]
    assert list(queues.of_place(connection.table, connection.place)) == []
    assert places.everywhere(connection.table, connection.place) == [connection.place, other]
