"""The production template as CloudFormation sees it after the SAM transform: least privilege, nothing by accident."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from samtranslator.translator.transform import transform  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from infra.package import LAMPLIGHT, ROOT, RUNTIMES, handlers
from store.settings import VARIABLES

ENTRY_POINTS = {"collect_logs", "collect_metrics", "collect_queues", "capture_dead_letters", "receive_logs",
                "run_redrives", "tell_alerts"}
ONLY_EVERYWHERE = {
    "logs:DescribeLogGroups", "lambda:ListFunctions", "lambda:ListEventSourceMappings", "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics", "sqs:ListQueues", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
}
"""Actions that know no narrower resource than everything."""
NEVER = {"sqs:PurgeQueue", "sqs:DeleteQueue", "sqs:AddPermission", "sqs:RemovePermission"}
WATCHING = {"ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"}
MOVING = {"StartMessageMoveTask", "ListMessageMoveTasks", "CancelMessageMoveTask"}


@cache
def resources() -> dict[str, Any]:
    template = yaml_parse(LAMPLIGHT.template.read_text().replace("../build/lamplight/", "s3://bucket/key.zip"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")  # the transform insists on one
        found: dict[str, Any] = transform(template, {}, dict)["Resources"]
    return found


def of(kind: str) -> dict[str, Any]:
    return {name: resource for name, resource in resources().items() if resource["Type"] == kind}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(*names: str) -> Iterator[dict[str, Any]]:
    """Every statement of these roles and managed policies (of all, when none is named), conditional ones included."""
    for name, resource in resources().items():
        if names and name not in names:
            continue
        properties = resource.get("Properties", {})
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        documents += [properties["PolicyDocument"]] if resource["Type"] == "AWS::IAM::ManagedPolicy" else []
        for document in documents:
            for statement in document["Statement"]:
                yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def allowed(*names: str) -> set[str]:
    return {action for statement in statements(*names) if statement["Effect"] == "Allow"
            for action in as_list(statement["Action"])}


def test_no_policy_allows_a_wildcard_action():
    assert [action for action in allowed() if "*" in action] == []


def test_only_actions_that_know_no_resource_are_allowed_on_everything():
    everywhere = {action for statement in statements() if statement["Effect"] == "Allow"
                  and "*" in as_list(statement["Resource"]) for action in as_list(statement["Action"])}

    assert everywhere <= ONLY_EVERYWHERE


def test_no_role_carries_a_policy_of_amazon_whose_resources_are_everything():
    roles = of("AWS::IAM::Role")
    del roles["LogStreamRole"]  # no function's: CloudWatch Logs takes it on

    assert set(roles) == {f"{function}Role" for function in of("AWS::Lambda::Function")}
    assert all(role["Properties"]["ManagedPolicyArns"] == [{"Ref": "FunctionBasics"}] for role in roles.values())


def test_nothing_may_ever_empty_change_or_delete_a_queue():
    denied = {action for statement in statements("FunctionBasics") if statement["Effect"] == "Deny"
              and statement.get("Resource") == "*" for action in as_list(statement["Action"])}

    assert denied == NEVER
    assert not NEVER & allowed()


def test_a_queues_retention_is_changed_by_the_worker_alone_where_that_was_asked_for_and_nowhere_else():
    (allowing,) = [one for one in statements() if one["Effect"] == "Allow"
                   and "sqs:SetQueueAttributes" in as_list(one["Action"])]
    policy = resources()["FunctionBasics"]["Properties"]["PolicyDocument"]["Statement"]
    (denying,) = [one["Fn::If"] for one in policy if "sqs:SetQueueAttributes" in json.dumps(one)]

    assert allowing in list(statements("RunRedrivesRole"))
    assert allowing["Resource"] == {"Ref": "WatchedQueueArns"}
    assert denying[0] == "ExtendsRetention"
    assert (denying[1]["Effect"], denying[1]["NotResource"]) == ("Deny", {"Ref": "WatchedQueueArns"})
    assert (denying[2]["Effect"], denying[2]["Resource"]) == ("Deny", "*")


def test_messages_are_received_only_from_queues_that_were_named():
    receiving = [one for one in statements("CollectQueuesRole", "RunRedrivesRole")
                 if "sqs:ReceiveMessage" in as_list(one["Action"])]

    assert [one["Resource"] for one in receiving] == [{"Ref": "WatchedQueueArns"}] * 2


def test_event_source_mappings_are_switched_only_of_the_capture_and_of_functions_that_were_named():
    switching = [one for one in statements() if "lambda:UpdateEventSourceMapping" in as_list(one["Action"])]

    assert {json.dumps(one["Condition"]["ArnLike"]["lambda:FunctionArn"]) for one in switching} == {
        json.dumps({"Fn::GetAtt": ["CaptureDeadLetters", "Arn"]}), json.dumps({"Ref": "PausableFunctionArns"})}
    assert all(one in list(statements("RunRedrivesRole")) for one in switching)


@pytest.mark.parametrize(("role", "queue_actions"), [
    ("CollectLogsRole", set()),
    ("CollectMetricsRole", set()),
    ("ReceiveLogsRole", set()),
    ("CollectQueuesRole", {"ListQueues", "GetQueueAttributes", "ReceiveMessage", "ChangeMessageVisibility"}),
    ("CaptureDeadLettersRole", {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"}),
    ("RunRedrivesRole", {"SendMessage", "GetQueueUrl", "SetQueueAttributes", *WATCHING, *MOVING}),
    ("TellAlertsRole", set()),
    ("DashboardPolicy", set()),
])
def test_each_role_does_to_queues_only_what_its_job_is(role, queue_actions):
    assert {action for action in allowed(role) if action.startswith("sqs:")} == {f"sqs:{a}" for a in queue_actions}


def test_only_the_worker_may_invoke_functions_and_only_those_it_was_given():
    (statement,) = [one for one in statements() if "lambda:InvokeFunction" in as_list(one["Action"])]

    assert statement in list(statements("RunRedrivesRole"))
    assert statement["Resource"] == {"Ref": "RedriveFunctionArns"}


def test_the_worker_reads_idempotency_records_where_it_was_told_how_their_keys_are_made():
    role = resources()["RunRedrivesRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    (reading,) = [one["Fn::If"] for one in role if "IdempotencyTableArns" in json.dumps(one)]
    variables = resources()["RunRedrives"]["Properties"]["Environment"]["Variables"]

    assert reading[0] == "ProvesByIdempotency"
    assert (reading[1]["Action"], reading[1]["Resource"]) == (
        ["dynamodb:GetItem", "dynamodb:DescribeTable"], {"Ref": "IdempotencyTableArns"})
    assert variables["LAMPLIGHT_IDEMPOTENCY_KEYS"] == {
        "Fn::If": ["ProvesByIdempotency", {"Ref": "IdempotencyKeys"}, ""]}


def test_the_worker_sends_only_to_queues_it_was_given():
    (statement,) = [one for one in statements("RunRedrivesRole") if "sqs:SendMessage" in as_list(one["Action"])]

    assert statement["Resource"] == {"Ref": "RedriveQueueArns"}


def test_the_dashboard_writes_commands_letters_and_their_audit_and_nothing_else():
    writes = [one for one in statements("DashboardPolicy")
              if {"dynamodb:PutItem", "dynamodb:UpdateItem"} & set(as_list(one["Action"]))]
    keys = {one["Sid"]: one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for one in writes}

    assert keys == {"AskAndRecord": ["JOB#*", "JOBS#*", "CMD#*", "CMDS#*", "AUDIT#*", "TRIAGE#*"],
                    "AskToStop": ["JOB#*"],
                    "ActOnLetters": ["Q#*"]}


def test_alerts_are_published_by_one_function_to_one_topic_and_it_writes_nothing_else():
    (publishing,) = [one for one in statements() if "sns:Publish" in as_list(one["Action"])]
    (writing,) = [one for one in statements("TellAlertsRole") if "dynamodb:PutItem" in as_list(one["Action"])]

    assert publishing in list(statements("TellAlertsRole"))
    assert publishing["Resource"] == {"Fn::If": ["MakesAlertTopic", {"Ref": "AlertTopic"}, {"Ref": "AlertTopicArn"}]}
    assert writing["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == [
        "ALERT#*", "CKPT#*", "HEALTH#*"]


def test_alarms_go_to_the_topic_that_was_named_for_them_or_to_the_one_of_alerts():
    actions = {json.dumps(alarm["Properties"]["AlarmActions"]) for alarm in of("AWS::CloudWatch::Alarm").values()}

    assert actions == {json.dumps({"Fn::If": ["TellsTopic", [{"Fn::If": ["NamesAlarmTopic", {"Ref": "AlarmTopicArn"},
                                                                         {"Ref": "AlertTopic"}]}],
                                              {"Ref": "AWS::NoValue"}]})}


def test_every_captured_queue_has_an_alarm_for_messages_nobody_takes():
    waiting = {alarm["Condition"] for alarm in of("AWS::CloudWatch::Alarm").values()
               if alarm["Properties"]["MetricName"] == "ApproximateAgeOfOldestMessage"}

    assert waiting == {f"Captures{number}" for number in range(1, 6)}


def test_deleting_from_idempotency_tables_has_to_be_asked_for():
    policy = resources()["DashboardPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (deleting,) = [one for one in policy if "dynamodb:DeleteItem" in json.dumps(one)]

    assert deleting["Fn::If"][0] == "ReleasesIdempotency"
    deletes = [one for role in of("AWS::IAM::Role") for one in statements(role)
               if "dynamodb:DeleteItem" in as_list(one["Action"])]
    assert [one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for one in deletes] == [
        ["LATE#*"], ["PAUSED#*"]]


def test_there_is_one_function_for_each_entry_point():
    assert set(handlers(LAMPLIGHT.template)) == {f"lambda/{name}.handler" for name in ENTRY_POINTS}
    assert all(function["Properties"]["TracingConfig"] == {"Mode": "Active"}
               for function in of("AWS::Lambda::Function").values())


def test_every_function_logs_into_a_group_of_its_own_that_forgets_after_14_days():
    groups = of("AWS::Logs::LogGroup")
    used = [function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
            for function in of("AWS::Lambda::Function").values()]

    assert sorted(used) == sorted(groups)
    assert {group["Properties"]["RetentionInDays"] for group in groups.values()} == {14}


def test_every_function_that_fails_raises_an_alarm():
    watched = {dimension["Value"]["Ref"] for alarm in of("AWS::CloudWatch::Alarm").values()
               if alarm["Properties"]["MetricName"] == "Errors" for dimension in alarm["Properties"]["Dimensions"]}

    assert watched == set(of("AWS::Lambda::Function"))


def test_a_collector_runs_once_at_a_time_and_the_worker_twice():
    reserved = {name: function["Properties"].get("ReservedConcurrentExecutions", {}).get("Fn::If", [0, None])[1]
                for name, function in of("AWS::Lambda::Function").items()}

    assert reserved == {"CollectLogs": 1, "CollectMetrics": 1, "CollectQueues": 1, "CaptureDeadLetters": None,
                        "ReceiveLogs": None, "RunRedrives": 2, "TellAlerts": 1}


def test_captured_messages_that_fail_go_back_one_by_one():
    captures = {name: one for name, one in of("AWS::Lambda::EventSourceMapping").items() if name.startswith("Capture")}

    assert len(captures) == 5
    assert all(one["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for one in captures.values())


def test_fifo_queues_can_be_captured_too():
    patterns = set(re.findall(r'AllowedPattern: "(\(arn:\[a-z-\]\+:sqs.*)"', LAMPLIGHT.template.read_text()))
    (pattern,) = patterns

    assert re.fullmatch(pattern, "arn:aws:sqs:eu-central-1:123456789012:orders-dlq.fifo")
    assert re.fullmatch(pattern, "arn:aws-cn:sqs:cn-north-1:123456789012:orders-dlq")
    assert re.fullmatch(pattern, "")
    assert not re.fullmatch(pattern, "https://sqs.eu-central-1.amazonaws.com/123456789012/orders-dlq")


def test_capturing_ends_before_the_default_visibility_timeout_of_a_queue():
    assert resources()["CaptureDeadLetters"]["Properties"]["Timeout"] <= 30


def test_the_stream_starts_jobs_and_commands_and_nothing_else():
    filters = resources()["StartJobs"]["Properties"]["FilterCriteria"]["Filters"]

    assert [json.loads(one["Pattern"]) for one in filters] == [
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "JOB#"}, {"prefix": "CMD#"}]},
                                                        "sk": {"S": ["META"]}}}}]


def test_the_table_keeps_what_it_is_given():
    table = resources()["Table"]

    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["SSESpecification"]["SSEEnabled"] is True
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["Properties"]["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}


def test_every_variable_given_to_functions_is_a_setting():
    given = set(resources()["CollectLogs"]["Properties"]["Environment"]["Variables"])

    assert given <= {variable.name for variable in VARIABLES}


def test_the_package_serves_every_runtime_the_template_offers():
    offered = re.search(r"AllowedValues: \[(python[^]]*)\]", LAMPLIGHT.template.read_text())

    assert offered is not None
    assert offered[1].split(", ") == [f"python{runtime}" for runtime in RUNTIMES]


def test_functions_take_their_code_from_where_the_package_is_built():
    found = re.findall(r"CodeUri: (\S+)", LAMPLIGHT.template.read_text())

    assert {(LAMPLIGHT.template.parent / path).resolve() for path in found} == {ROOT / "build" / "lamplight"}
