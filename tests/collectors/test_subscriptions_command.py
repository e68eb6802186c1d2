"""The command that has log groups pushed."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from collectors import subscriptions
from collectors.__main__ import main
from collectors.subscriptions import Destination
from store import pushing
from store.errors import Throttled
from tests.builders import NOW, PLACE
from tests.collectors.fakes import connection, refusal
from tests.collectors.test_subscriptions import CART, CUSTOM, ORDERS, TO, Account, receiver
from tests.tables import create_table


@pytest.fixture
def command(monkeypatch):
    """The command line in front of a fake account."""
    account, lambdas = Account(), receiver()
    made = connection(account.table, clock=account.clock, logs=account.fake, functions=lambdas)
    monkeypatch.setattr("collectors.subscriptions_command.connect", lambda settings: made)
    monkeypatch.setenv("LAMPLIGHT_TABLE", "memory")

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["subscriptions", *words])

    return SimpleNamespace(account=account, lambdas=lambdas, run=run)


def test_the_command_adds_lists_and_removes(command):
    assert command.run("add", "orders", "payments").output == f"added  {ORDERS}\nadded  {CUSTOM}\n"
    pushing.hear(command.account.table, PLACE, ORDERS, NOW)
    rows = json.loads(command.run("list", "--all", "--json").output)
    assert [(one["group"], one["outcome"], one["heard_at"]) for one in rows] == [
        (CART, "pulled", None), (ORDERS, "pushed", NOW)]
    assert command.run("list", CUSTOM).output.startswith(f"pulled  {CUSTOM}  It is silent")
    assert command.run("remove", "--all").exit_code == 0
    assert command.run("list").output == "No log group is pushed; all are pulled.\n"


def test_one_group_that_is_refused_is_told_and_does_not_stop_the_others(command):
    command.account.fake.refused[ORDERS] = refusal(
        "InvalidParameterException", "PutSubscriptionFilter", "Could not execute the lambda function. Make sure you "
        "have given CloudWatch Logs permission to execute your function.")
    answer = command.run("add", "orders", "payments")
    assert answer.exit_code == 1
    refused, added = answer.output.splitlines()
    assert refused.startswith(f"refused  {ORDERS}  PutSubscriptionFilter on {ORDERS} failed")
    assert "given CloudWatch Logs permission" in refused
    assert added == f"added    {CUSTOM}"


@pytest.mark.parametrize("words", [("add",), ("remove",), ("remove", "orders", "--all")])
def test_a_command_that_does_not_say_which_is_refused(command, words):
    assert command.run(*words).exit_code == 2


def test_an_error_is_one_sentence(command, monkeypatch):
    def throttled(**asked: Any) -> None:
        raise Throttled("functions are throttled.", "Try again.")

    monkeypatch.setattr(command.lambdas, "list_functions", throttled)
    answer = command.run("add", "orders")
    assert (answer.exit_code, answer.output) == (1, "Error: functions are throttled. Try again.\n")


def test_on_another_implementation_a_filter_comes_and_goes(monkeypatch):
    for name, value in {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
                        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                        "LAMPLIGHT_TABLE": "moto"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_table(boto3.client("dynamodb"), "moto")
        logs, streams = boto3.client("logs"), boto3.client("kinesis")
        logs.create_log_group(logGroupName=ORDERS)
        streams.create_stream(StreamName="logs", ShardCount=1)
        arn = streams.describe_stream(StreamName="logs")["StreamDescription"]["StreamARN"]
        monkeypatch.setattr(subscriptions, "destination", lambda *_: Destination(arn, "role", TO.own_group))
        assert CliRunner().invoke(main, ["subscriptions", "add", "orders"]).output == f"added  {ORDERS}\n"
        (made,) = logs.describe_subscription_filters(logGroupName=ORDERS)["subscriptionFilters"]
        assert (made["filterName"], made["destinationArn"], made["roleArn"]) == ("lamplight-moto", arn, "role")
        assert CliRunner().invoke(main, ["subscriptions", "add", "orders"]).output == f"stands  {ORDERS}\n"
        assert CliRunner().invoke(main, ["subscriptions", "remove", "orders"]).exit_code == 0
        assert logs.describe_subscription_filters(logGroupName=ORDERS)["subscriptionFilters"] == []
