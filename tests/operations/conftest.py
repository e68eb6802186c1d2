"""A fresh table in process, and a bench to run redrives on."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from store.table import Table
from tests.builders import FakeClock
from tests.operations.bench import Bench
from tests.tables import create_table


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One for all tests: reading the service models takes longer than most of them."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test",  # noqa: S106
                         region_name="eu-central-1")


@pytest.fixture
def aws(session: boto3.Session, monkeypatch: pytest.MonkeyPatch):
    for name, value in {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                        "AWS_DEFAULT_REGION": "eu-central-1", "AWS_REGION": "eu-central-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield session


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def table(aws: boto3.Session, clock: FakeClock) -> Table:
    client = aws.client("dynamodb")
    create_table(client, "lamplight")
    return Table(client, "lamplight", clock)


@pytest.fixture
def bench(table: Table, clock: FakeClock) -> Bench:
    return Bench(table, clock)
