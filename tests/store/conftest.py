"""The store's contract runs on two independent implementations of DynamoDB: moto and MiniStack."""

from __future__ import annotations

import uuid

import boto3
import pytest
from moto import mock_aws

from store.table import Table
from tests.builders import NOW, FakeClock
from tests.tables import create_table


@pytest.fixture(params=["moto", pytest.param("ministack", marks=pytest.mark.cloud)])
def table(request: pytest.FixtureRequest):
    name = f"contract-{uuid.uuid4().hex[:12]}"
    if request.param == "ministack":
        client = boto3.client(
            "dynamodb", endpoint_url=request.getfixturevalue("ministack_endpoint"), region_name="eu-central-1",
            aws_access_key_id="test", aws_secret_access_key="test",
        )
        create_table(client, name)
        yield Table(client, name, FakeClock(NOW))
        client.close()
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1",
                              aws_access_key_id="test", aws_secret_access_key="test")
        create_table(client, name)
        yield Table(client, name, FakeClock(NOW))
