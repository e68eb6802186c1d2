"""What the orders template promises about every function, queue and policy in it."""

from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

TEMPLATE = yaml_parse((Path(__file__).parents[3] / "examples" / "orders" / "template.yaml").read_text())
RESOURCES = TEMPLATE["Resources"]

FUNCTIONS = [
    "api", "payments", "fulfil", "notify", "thumbnails", "projections", "cleanup", "refunds", "dead-letters",
]  # fmt: skip
# Actions for which IAM knows no narrower resource.
WITHOUT_RESOURCE = {
    "xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudwatch:PutMetricData", "dynamodb:ListStreams",
    "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
}  # fmt: skip


def of_type(kind):
    return {name: entry["Properties"] for name, entry in RESOURCES.items() if entry["Type"] == kind}


def statements():
    documents = [policy["PolicyDocument"] for policy in of_type("AWS::IAM::ManagedPolicy").values()]
    for role in of_type("AWS::IAM::Role").values():
        documents += [policy["PolicyDocument"] for policy in role["Policies"]]
    for document in documents:
        for statement in document["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def actions(statement):
    return {statement["Action"]} if isinstance(statement["Action"], str) else set(statement["Action"])


@pytest.mark.parametrize("suffix", FUNCTIONS)
def test_each_function_has_its_own_role_log_group_and_reserved_concurrency(suffix):
    [function] = [
        function
        for function in of_type("AWS::Serverless::Function").values()
        if function["FunctionName"]["Fn::Sub"] == f"${{ServiceName}}-{suffix}"
    ]
    logs = RESOURCES[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
    assert logs["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/${{ServiceName}}-{suffix}"
    assert logs["RetentionInDays"] == 14
    assert function["ReservedConcurrentExecutions"] >= 1
    roles = [str(other["Role"]) for other in of_type("AWS::Serverless::Function").values()]
    assert roles.count(str(function["Role"])) == 1


def test_no_function_is_left_out():
    assert len(of_type("AWS::Serverless::Function")) == len(FUNCTIONS)
    assert TEMPLATE["Globals"]["Function"]["Tracing"] == "Active"


def test_a_policy_names_exact_actions_on_exact_resources():
    for statement in statements():
        assert not any("*" in action for action in actions(statement))
        if statement["Resource"] == "*":
            assert actions(statement) <= WITHOUT_RESOURCE


def test_every_queue_is_encrypted_and_every_source_queue_has_dead_letters():
    for queue in of_type("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
    sources = [queue for queue in of_type("AWS::SQS::Queue").values() if "RedrivePolicy" in queue]
    assert [queue["RedrivePolicy"]["maxReceiveCount"] for queue in sources] == [3, 3]


def test_the_asynchronous_function_has_a_dead_letter_queue_it_may_write_to():
    notify = RESOURCES["NotifyFunction"]["Properties"]
    assert notify["DeadLetterQueue"]["TargetArn"] == {"Fn::GetAtt": ["NotifyDeadLetters", "Arn"]}
    assert any(
        actions(statement) == {"sqs:SendMessage"}
        and statement["Resource"] == {"Fn::GetAtt": ["NotifyDeadLetters", "Arn"]}
        for statement in statements()
    )
