"""The one place AWS clients are made. Entry points call `connect` once and hand the parts down."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from store.clock import Clock, wall_clock
from store.faults import translated
from store.records import Place
from store.settings import Settings
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient

_TIMEOUTS = {"connect_timeout": 3, "read_timeout": 20}
READING = Config(retries={"mode": "standard", "max_attempts": 4}, **_TIMEOUTS)  # type: ignore[arg-type]
STORING = READING.merge(Config(parameter_validation=False))
"""For our own table, whose items `store.items` makes: checking them again takes a third of a write's time here."""
SENDING = Config(retries={"total_max_attempts": 1}, **_TIMEOUTS)  # type: ignore[arg-type]
"""One try a call: a lost answer must come back as ambiguous, not be sent again behind our back."""


@dataclass(frozen=True)
class Clients:
    """AWS clients of one process, each made on first use."""

    session: boto3.Session

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self.session.client("dynamodb", config=STORING)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self.session.client("logs", config=READING)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self.session.client("cloudwatch", config=READING)

    @cached_property
    def functions(self) -> LambdaClient:
        return self.session.client("lambda", config=READING)

    @cached_property
    def queues(self) -> SQSClient:
        return self.session.client("sqs", config=READING)

    @cached_property
    def sending_queues(self) -> SQSClient:
        return self.session.client("sqs", config=SENDING)

    @cached_property
    def sending_functions(self) -> LambdaClient:
        return self.session.client("lambda", config=SENDING)

    @cached_property
    def place(self) -> Place:
        """This account and region. Asks STS once."""
        with translated("the caller's identity"):
            account = self.session.client("sts", config=READING).get_caller_identity()["Account"]
            return Place(account, self.session.client("dynamodb", config=READING).meta.region_name)


@dataclass(frozen=True)
class Connection:
    """What an entry point hands down: clients, the table, the clock and the checked settings."""

    clients: Clients
    table: Table
    clock: Clock
    settings: Settings

    @property
    def place(self) -> Place:
        return self.clients.place


def connect(settings: Settings, clock: Clock = wall_clock, session: boto3.Session | None = None) -> Connection:
    """Everything an entry point needs. Raises SettingsError or CredentialsMissing; makes no call by itself."""
    with translated("AWS"):
        # boto3 alone reads only AWS_DEFAULT_REGION; every other AWS tool reads AWS_REGION first.
        clients = Clients(session or boto3.Session(region_name=os.environ.get("AWS_REGION") or None))
        return Connection(clients, Table(clients.dynamodb, settings.table, clock), clock, settings)
