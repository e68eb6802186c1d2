"""One embedded cloud with both stacks for the session, IAM enforced: functions have the rights of their roles only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest

from demo.cloud import ACCOUNT, REGION, Clients, start_cloud
from demo.home import Home
from demo.processes import stop
from demo.stacks import LAMPLIGHT_STACK, deploy_lamplight, deploy_orders

FIRST_PORT = 25566  # away from a demo that runs on the same machine
MISNAMED = {
    "CollectQueuesRole": ["lambda:PutFunctionConcurrency", "lambda:GetFunction",
                          "sqs:ChangeMessageVisibilityBatch"],
    "RunRedrivesRole": ["sqs:SendMessageBatch", "sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibilityBatch"],
}
"""Rights MiniStack asks for where AWS asks for GetFunctionConcurrency, GetFunctionEventInvokeConfig and, for a batch,
what it asks for one message."""


@dataclass(frozen=True)
class Cloud:
    """Where it is, clients with all rights, a session to make more, and the outputs of both stacks."""

    endpoint: str
    clients: Clients
    session: boto3.Session
    orders: dict[str, str]
    lamplight: dict[str, str]


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = Home(tmp_path_factory.mktemp("embedded-cloud"))
    home.prepare()
    child, endpoint = start_cloud(home, FIRST_PORT, auth=True)
    try:
        clients = Clients(endpoint)
        orders = deploy_orders(clients, metrics=False)
        lamplight = deploy_lamplight(clients, orders)
        cloud = Cloud(endpoint, clients, boto3.Session(ACCOUNT, "demo", region_name=REGION), orders, lamplight)
        grant_misnamed(cloud)
        yield cloud
    finally:
        stop([child])


def grant_misnamed(cloud: Cloud) -> None:
    iam = cloud.session.client("iam", endpoint_url=cloud.endpoint)
    for role, actions in MISNAMED.items():
        found = cloud.clients.stacks.describe_stack_resource(StackName=LAMPLIGHT_STACK, LogicalResourceId=role)
        iam.put_role_policy(
            RoleName=found["StackResourceDetail"].get("PhysicalResourceId", ""), PolicyName="misnamed",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": actions, "Resource": "*"}]}))
