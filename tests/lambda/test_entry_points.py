"""Entry points load by string, start from checked settings, and hand over to one function."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations import commands
from operations.permissions import Actor
from store import alerts, dead_letters, health, jobs, queues
from store import commands as rows
from store.alerts import Alert, AlertKind
from store.clients import Connection
from store.commands import CommandState, Kind
from store.errors import SettingsError
from store.records import Place
from store.recovery import JobState, Queue
from store.table import Table
from tests.builders import NOW, a_job
from tests.tables import create_table

ENTRY_POINTS = ("collect_logs", "collect_metrics", "collect_queues", "receive_logs", "capture_dead_letters",
                "run_redrives", "tell_alerts")
CONTEXT = SimpleNamespace(aws_request_id="8f507cfc-0000-4697-b07a-ac58fc914c95",
                          get_remaining_time_in_millis=lambda: 120_000)
HERE = Place("123456789012", "eu-central-1")


def fresh(name: str) -> ModuleType:
    """The module as a cold start loads it."""
    for loaded in [module for module in sys.modules if module.startswith("lambda.")]:
        del sys.modules[loaded]
    return importlib.import_module(f"lambda.{name}")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", HERE.region)
        monkeypatch.setenv("LAMPLIGHT_TABLE", "lamplight")
        create_table(boto3.client("dynamodb"), "lamplight")
        yield


def told(queue_url: str) -> list[dict[str, Any]]:
    """What the queue behind a topic was told."""
    messages = boto3.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def table_of(module: ModuleType) -> Table:
    connection: Connection = module.CONNECTION
    return connection.table


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_missing_setting_stops_the_cold_start_and_is_named(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LAMPLIGHT_TABLE", raising=False)
    with pytest.raises(SettingsError, match="LAMPLIGHT_TABLE is not set"):
        fresh(name)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("name", "collector"), [
    ("collect_logs", "logs"), ("collect_metrics", "metrics"), ("collect_queues", "queues"),
])
def test_a_collector_runs_and_leaves_a_note_of_its_run(name: str, collector: str):
    module = fresh(name)
    answer = module.handler({"source": "aws.events"}, CONTEXT)
    assert answer["problems"] == []
    assert collector in {run.collector for run in health.runs(table_of(module), HERE)}


@pytest.mark.usefixtures("aws")
def test_a_captured_message_is_in_the_table_before_the_queue_lets_go_of_it():
    module = fresh("capture_dead_letters")
    record: dict[str, Any] = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "receiptHandle": "r", "body": '{"order_id": "88123"}',
        "attributes": {"ApproximateReceiveCount": "4", "SentTimestamp": "1795460000000", "SenderId": "x",
                       "ApproximateFirstReceiveTimestamp": "1795460001000"},
        "messageAttributes": {}, "md5OfBody": "0" * 32, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:orders-fulfil-dlq", "awsRegion": "eu-central-1",
    }
    assert module.handler({"Records": [record]}, CONTEXT) == {"batchItemFailures": []}
    letter = dead_letters.get(table_of(module), HERE, "orders-fulfil-dlq", record["messageId"])
    assert letter is not None
    assert letter.body == record["body"]


@pytest.mark.usefixtures("aws")
def test_an_alert_is_told_once_through_the_topic_with_a_link_to_its_page(monkeypatch: pytest.MonkeyPatch):
    topic = boto3.client("sns").create_topic(Name="oncall")["TopicArn"]
    queue = boto3.client("sqs").create_queue(QueueName="told")["QueueUrl"]
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs",
                                  Endpoint=f"arn:aws:sqs:{HERE.region}:{HERE.account}:told")
    monkeypatch.setenv("LAMPLIGHT_ALERT_TOPIC", topic)
    monkeypatch.setenv("LAMPLIGHT_DASHBOARD_URL", "https://ops.example.com/")
    module = fresh("tell_alerts")
    alerts.put(table_of(module), Alert(HERE, "new#aa", AlertKind.NEW, NOW, "orders", "aa00112233445566", "KeyError"))
    assert module.handler({}, CONTEXT) == {"told": 1, "problems": []}
    assert module.handler({}, CONTEXT)["told"] == 0
    (message,) = told(queue)
    assert message["Subject"] == "Lamplight: New error in orders: KeyError"
    assert "https://ops.example.com/error?id=aa00112233445566&place=123456789012/eu-central-1" in message["Message"]
    assert message["MessageAttributes"]["kind"]["Value"] == "new error"


@pytest.mark.usefixtures("aws")
def test_without_a_topic_there_is_nobody_to_tell():
    with pytest.raises(SettingsError, match="LAMPLIGHT_ALERT_TOPIC is not set"):
        fresh("tell_alerts").handler({}, CONTEXT)


@pytest.mark.usefixtures("aws")
def test_the_worker_finishes_an_open_job_whatever_woke_it():
    module = fresh("run_redrives")
    table = table_of(module)
    jobs.create(table, a_job(place=HERE, total=1), ["unknown-message"])
    assert module.handler({"Records": []}, CONTEXT)["jobs"] == 1
    job = jobs.get(table, "job-1")
    assert job is not None
    assert job.state is JobState.DONE


@pytest.mark.usefixtures("aws")
def test_the_worker_carries_out_a_command_with_the_settings_it_was_deployed_with(monkeypatch: pytest.MonkeyPatch):
    url = boto3.client("sqs").create_queue(QueueName="orders-dlq")["QueueUrl"]
    arn = f"arn:aws:sqs:{HERE.region}:{HERE.account}:orders-dlq"
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody="{}")
    monkeypatch.setenv("LAMPLIGHT_WATCHED_QUEUES", arn)
    module = fresh("run_redrives")
    table = table_of(module)
    queues.put(table, Queue(HERE, "orders-dlq", arn, url, True))
    for number, kind in enumerate((Kind.LOOK, Kind.ARCHIVE, Kind.SWITCH)):
        wanted = commands.new(HERE, f"c-{number}", kind, "orders-dlq", "they expire tonight")
        commands.ask(table, table.clock, Actor("ada@example.com", "admin"), True, wanted)
        module.handler({}, CONTEXT)
    look, archive, switch = (rows.get(table, f"c-{number}") for number in range(3))
    assert look is not None
    assert archive is not None
    assert switch is not None
    assert (look.state, look.details["new"], look.details["complete"]) == (CommandState.DONE, "1", "yes")
    assert (archive.state, archive.details) == (CommandState.DONE, {"archived": "1"})
    assert switch.state is CommandState.REFUSED
