"""The orders service in an account of moto's: its tables, queues, bucket and topic, and no network."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

SOURCE = Path(__file__).parents[3] / "examples" / "orders" / "src"
REGION = "eu-west-1"


@dataclass
class Service:
    """Handles on what a test puts in and looks at."""

    table: Any
    idempotency: Any
    sqs: Any
    queue_url: str
    capsys: pytest.CaptureFixture[str]
    service_name: str

    @cached_property
    def s3(self):
        return boto3.client("s3", REGION)

    @cached_property
    def sns(self):
        return boto3.client("sns", REGION)

    def load(self, name):
        return importlib.import_module(f"orders.{name}")

    def invoke(self, name, event):
        return self.load(name).handler(event, a_context(name))

    def item(self, pk):
        return self.table.get_item(Key={"pk": pk}).get("Item")

    def messages(self):
        received = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in received.get("Messages", [])]

    def lines(self):
        """JSON log lines written since the last look."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


def a_context(name):
    return SimpleNamespace(
        function_name=f"orders-{name}",
        function_version="7",
        memory_limit_in_mb=256,
        invoked_function_arn=f"arn:aws:lambda:{REGION}:123456789012:function:orders-{name}",
        aws_request_id="52fdfc07-2182-454f-963f-5f0f9a621d72",
        get_remaining_time_in_millis=lambda: 5000,
    )


def a_table(name, key, **more):
    return boto3.resource("dynamodb", REGION).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}, *more.pop("attributes", [])],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )


def the_orders_table():
    return a_table(
        "orders-orders",
        "pk",
        attributes=[
            {"AttributeName": "status", "AttributeType": "S"},
            {"AttributeName": "created_at", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "created_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )


@pytest.fixture
def service(monkeypatch, capsys, request):
    # Powertools keeps one logger per service name, bound to the output it first saw: a name for each test.
    name = request.node.name
    with mock_aws():
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(variable, "testing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        sqs = boto3.client("sqs", REGION)
        queue_url = sqs.create_queue(QueueName="orders-fulfilment")["QueueUrl"]
        settings = {
            "AWS_LAMBDA_FUNCTION_VERSION": "7",
            "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "POWERTOOLS_SERVICE_NAME": name,
            "POWERTOOLS_METRICS_NAMESPACE": "orders/Lambda",
            "ORDERS_TABLE": "orders-orders",
            "IDEMPOTENCY_TABLE": "orders-idempotency",
            "FULFILMENT_QUEUE_URL": queue_url,
            "NOTIFY_FUNCTION": "orders-notify",
            "REFUNDS_QUEUE_ARN": f"arn:aws:sqs:{REGION}:123456789012:orders-refunds",
            "ALERTS_TOPIC_ARN": f"arn:aws:sns:{REGION}:123456789012:orders-alerts",
        }
        for variable, value in settings.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.syspath_prepend(SOURCE)
        yield Service(
            table=the_orders_table(),
            idempotency=a_table("orders-idempotency", "id"),
            sqs=sqs,
            queue_url=queue_url,
            capsys=capsys,
            service_name=name,
        )
    # Each test starts the functions anew, as a cold start does.
    for module in [module for module in sys.modules if module.partition(".")[0] == "orders"]:
        del sys.modules[module]


@pytest.fixture
def a_request():
    """Builds an HTTP API event."""

    def build(body, **headers):
        return {
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "requestContext": {"requestId": "JKJaXmPLvHcESHA="},
            "body": body if isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
        }

    return build


@pytest.fixture
def a_batch():
    """Builds an SQS event; each body's message id is `m-0`, `m-1`, …"""

    def build(*bodies, receives=1, **attributes):
        return {
            "Records": [
                {
                    "messageId": f"m-{index}",
                    "receiptHandle": "r",
                    "body": json.dumps(body),
                    "attributes": {"ApproximateReceiveCount": str(receives), **attributes},
                    "messageAttributes": {},
                    "eventSource": "aws:sqs",
                    "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:a-queue",
                    "awsRegion": REGION,
                }
                for index, body in enumerate(bodies)
            ]
        }

    return build
