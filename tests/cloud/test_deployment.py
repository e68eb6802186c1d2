"""The production template and the example's, deployed through CloudFormation with IAM enforced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from demo.cloud import ACCOUNT, REGION
from demo.collect import run
from demo.deploy import deploy
from demo.errors import DemoError
from demo.stacks import LAMPLIGHT_STACK, ORDERS_STACK, deploy_lamplight, queue_arn
from tests.cloud.conftest import Cloud

pytestmark = pytest.mark.cloud


def resources_of(cloud: Cloud, stack: str) -> dict[str, Any]:
    found = cloud.clients.stacks.describe_stack_resources(StackName=stack)["StackResources"]
    return {resource["LogicalResourceId"]: resource for resource in found}


def refused(call: Callable[[], object]) -> bool:
    """Whether IAM said no. Any other error is raised."""
    try:
        call()
    except ClientError as exc:
        if exc.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
            return True
        raise
    return False


@pytest.mark.parametrize("stack", [ORDERS_STACK, LAMPLIGHT_STACK])
def test_a_stack_is_complete_with_all_its_resources(cloud, stack):
    status = cloud.clients.stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]

    assert status == "CREATE_COMPLETE"
    assert {one["ResourceStatus"] for one in resources_of(cloud, stack).values()} == {"CREATE_COMPLETE"}


def test_asynchronous_failures_of_the_example_have_a_dead_letter_queue(cloud):
    found = cloud.clients.functions.get_function_configuration(FunctionName=cloud.orders["NotifyFunctionName"])

    assert found["DeadLetterConfig"] == {"TargetArn": queue_arn(cloud.orders["NotifyDeadLettersUrl"])}


def test_only_the_queues_that_were_named_are_captured(cloud):
    found = resources_of(cloud, LAMPLIGHT_STACK)

    assert [name for name in sorted(found) if name.startswith("Capture") and name[-1].isdigit()] == [
        "Capture1", "Capture2"]


@pytest.mark.parametrize("output", ["CollectLogsFunction", "CollectMetricsFunction", "CollectQueuesFunction"])
def test_a_collector_runs_with_the_rights_of_its_role(cloud, output):
    answer = run(cloud.clients.functions, cloud.lamplight[output])

    assert answer["problems"] == []


def test_deploying_the_same_again_is_no_change(cloud):
    before = resources_of(cloud, LAMPLIGHT_STACK)

    assert deploy_lamplight(cloud.clients, cloud.orders) == cloud.lamplight

    after = resources_of(cloud, LAMPLIGHT_STACK)
    assert {name: one["PhysicalResourceId"] for name, one in after.items()} == {
        name: one["PhysicalResourceId"] for name, one in before.items()}


def test_a_stack_that_cannot_be_says_which_resource_and_why(cloud):
    template = "Resources:\n  Fleeting: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1}}\n"

    with pytest.raises(DemoError, match=r"The stack fleeting failed: Fleeting \(AWS::SQS::Queue\): .*MessageRetention"):
        deploy(cloud.clients.stacks, cloud.clients.objects, "fleeting", template, {})


def test_the_dashboard_reads_asks_and_touches_no_queue(cloud):
    iam = cloud.session.client("iam", endpoint_url=cloud.endpoint)
    iam.create_user(UserName="dashboard")
    iam.attach_user_policy(UserName="dashboard", PolicyArn=cloud.lamplight["DashboardPolicyArn"])
    key = iam.create_access_key(UserName="dashboard")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    table = session.client("dynamodb", endpoint_url=cloud.endpoint)
    queues = session.client("sqs", endpoint_url=cloud.endpoint)
    name = cloud.lamplight["TableName"]
    job = {"pk": {"S": "JOB#permissions"}, "sk": {"S": "PROBE"}}

    assert not refused(lambda: table.put_item(TableName=name, Item=job))
    assert not refused(lambda: table.get_item(TableName=name, Key=job))
    assert refused(lambda: table.delete_item(TableName=name, Key=job))
    assert refused(lambda: table.scan(TableName=cloud.orders["OrdersTableName"]))
    assert refused(lambda: queues.receive_message(QueueUrl=cloud.orders["FulfilmentDeadLettersUrl"]))
    assert refused(lambda: queues.send_message(QueueUrl=cloud.orders["FulfilmentQueueUrl"], MessageBody="x"))


@pytest.mark.parametrize(("role", "allowed"), [
    ("CaptureDeadLettersRole", {"sqs:ReceiveMessage", "sqs:DeleteMessage"}),
    ("RunRedrivesRole", {"sqs:ReceiveMessage", "sqs:DeleteMessage"}),
    ("CollectQueuesRole", {"sqs:ReceiveMessage"}),
    ("CollectLogsRole", set()),
])
def test_only_capture_and_worker_may_take_from_a_dead_letter_queue_and_nobody_may_purge_it(cloud, role, allowed):
    name = resources_of(cloud, LAMPLIGHT_STACK)[role]["PhysicalResourceId"]
    iam = cloud.session.client("iam", endpoint_url=cloud.endpoint)

    simulated = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        ActionNames=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage", "sqs:PurgeQueue"],
        ResourceArns=[queue_arn(cloud.orders["FulfilmentDeadLettersUrl"])])

    assert {one["EvalActionName"] for one in simulated["EvaluationResults"]
            if one["EvalDecision"] == "allowed"} == allowed
