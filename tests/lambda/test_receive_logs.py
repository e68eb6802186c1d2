"""Logs that a subscription filter puts into Kinesis, handed to the entry point as an event source mapping does, and
pulled as well: one count."""

from __future__ import annotations

import base64
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from store import minutes, parked, readings
from store.clients import Connection
from store.clock import HOUR_MS, wall_clock
from store.errors import Throttled
from store.records import Place
from tests.collectors.payload_stories import CONTROL, direct, kinesis, payload
from tests.collectors.stories import end, report, start
from tests.tables import create_table

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 120_000)
HERE = Place("123456789012", "eu-central-1")
GROUP, STREAM = "/aws/lambda/orders", "2026/11/23/[7]aaaabbbbccccddddeeeeffff00001111"


def fresh(name: str) -> ModuleType:
    """The module as a cold start loads it."""
    for loaded in [module for module in sys.modules if module.startswith("lambda.")]:
        del sys.modules[loaded]
    return importlib.import_module(f"lambda.{name}")


class Account:
    """A log group whose events go into a stream."""

    def __init__(self) -> None:
        self.logs, self.streams = boto3.client("logs"), boto3.client("kinesis")
        self.logs.create_log_group(logGroupName=GROUP)
        self.logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        self.streams.create_stream(StreamName="logs", ShardCount=1)
        arn = self.streams.describe_stream(StreamName="logs")["StreamDescription"]["StreamARN"]
        self.logs.put_subscription_filter(logGroupName=GROUP, filterName="lamplight-lamplight", filterPattern="",
                                          destinationArn=arn, roleArn="arn:aws:iam::123456789012:role/push")

    def log(self, *lines: str) -> None:
        now = wall_clock()
        self.logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=[
            {"timestamp": now + number, "message": line} for number, line in enumerate(lines)])

    def pushed(self) -> list[str]:
        """What came through the stream so far, in base64."""
        shard = self.streams.describe_stream(StreamName="logs")["StreamDescription"]["Shards"][0]["ShardId"]
        at = self.streams.get_shard_iterator(StreamName="logs", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        records = self.streams.get_records(ShardIterator=at["ShardIterator"])["Records"]
        return [base64.b64encode(one["Data"]).decode() for one in records]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", HERE.region)
        monkeypatch.setenv("LAMPLIGHT_TABLE", "lamplight")
        create_table(boto3.client("dynamodb"), "lamplight")
        yield Account()


def counted(module: ModuleType) -> int:
    connection: Connection = module.CONNECTION
    now = wall_clock()
    found = minutes.between(connection.table, HERE, "orders", now - HOUR_MS, now + HOUR_MS)
    return sum(one.invocations for one in found)


def invocation(number: int) -> list[str]:
    who = f"{number:08d}-0000-4000-8000-000000000000"
    return [start(who, "7"), end(who), report(who, 2.0)]


def test_what_is_pushed_and_pulled_is_counted_once(account: Account):
    account.log(*invocation(1), *invocation(2)[:1])
    account.log(*invocation(2)[1:])
    receiver = fresh("receive_logs")
    batch = kinesis([payload(CONTROL), *account.pushed(), payload({"messageType": "NEW"}), *account.pushed()[:1]])
    assert receiver.handler(batch, CONTEXT) == {"batchItemFailures": []}
    collector = fresh("collect_logs")
    (problem,) = collector.handler({}, CONTEXT)["problems"]
    assert "could not be read, the last: a payload that holds no CloudWatch document" in problem
    assert counted(collector) == 2
    assert len(list(parked.of_place(collector.CONNECTION.table, HERE))) == 1
    (reading,) = readings.of_collector(collector.CONNECTION.table, HERE, "logs")
    assert reading.events == 6, "a new group is pulled as well"


def test_a_record_the_table_refuses_is_given_back_with_those_after_it(account: Account, monkeypatch):
    account.log(*invocation(1))
    account.log(*invocation(2))
    receiver = fresh("receive_logs")
    writes: list[Any] = []
    whole = receiver.CONNECTION.table.put_many

    def refusing(items: Any) -> None:
        writes.append(items)
        if len(writes) == 2:
            raise Throttled("lamplight is throttled.")
        whole(items)

    monkeypatch.setattr(receiver.CONNECTION.table, "put_many", refusing)
    batch = kinesis(account.pushed(), first=7)
    (failure,) = receiver.handler(batch, CONTEXT)["batchItemFailures"]
    again = [one for one in batch["Records"] if one["kinesis"]["sequenceNumber"] >= failure["itemIdentifier"]]
    assert again
    assert receiver.handler({"Records": again}, CONTEXT) == {"batchItemFailures": []}
    collector = fresh("collect_logs")
    assert collector.handler({}, CONTEXT)["problems"] == []
    assert counted(collector) == 2


def test_a_direct_delivery_answers_with_nothing_and_a_control_message_writes_nothing(account: Account):
    receiver = fresh("receive_logs")
    assert receiver.handler(direct(payload(CONTROL)), CONTEXT) == {}
    assert boto3.client("dynamodb").scan(TableName="lamplight")["Count"] == 0
    account.log(*invocation(1))
    (data,) = account.pushed()
    assert receiver.handler(direct(data), CONTEXT) == {}
    assert fresh("collect_logs").handler({}, CONTEXT)["problems"] == []
