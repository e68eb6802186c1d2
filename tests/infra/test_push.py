"""Pushed logs in the production template: only where they were asked for, and no payload is lost in silence."""

from __future__ import annotations

import json

import pytest

from infra.package import LAMPLIGHT
from tests.infra.test_template import allowed, of, resources, statements

PUSHED = {"LogStream", "LogStreamRole", "ReceiveLogsRole", "ReceiveLogs", "ReceiveLogsLogGroup", "LogsMayPush",
          "ReceiveFromStream", "ReceiveLogsFailing", "PushedLogsLate"}
CONDITIONS = {"TakesPushedLogs", "TakesThemDirectly", "TakesThemThroughKinesis"}


def test_an_installation_that_pulls_gets_nothing_of_it():
    conditional = {name for name, one in resources().items() if one.get("Condition") in CONDITIONS}

    assert conditional - {"ReceiveLogsEventInvokeConfig"} == PUSHED
    assert all(one.get("Condition") in CONDITIONS for name, one in resources().items()
               if "ReceiveLogs" in json.dumps(one.get("Properties")) or "LogStream" in name)


def test_only_what_kinesis_needs_comes_with_kinesis():
    through = {name for name, one in resources().items() if one.get("Condition") == "TakesThemThroughKinesis"}

    assert through == {"LogStream", "LogStreamRole", "ReceiveFromStream", "PushedLogsLate"}
    assert resources()["LogsMayPush"]["Condition"] == "TakesThemDirectly"


def test_the_receiver_writes_the_table_and_reads_the_stream_and_nothing_else():
    own = [one for one in statements("ReceiveLogsRole")]

    assert [one["Resource"] for one in own] == [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::GetAtt": ["LogStream", "Arn"]}]
    assert {action.partition(":")[0] for action in allowed("ReceiveLogsRole")} == {"dynamodb", "kinesis"}
    assert not any(action.endswith(("DeleteItem", "Scan", "PutRecord")) for action in allowed("ReceiveLogsRole"))


def test_cloudwatch_logs_of_this_account_alone_may_push():
    permission = resources()["LogsMayPush"]["Properties"]
    (trust,) = resources()["LogStreamRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    assert (permission["Principal"], permission["SourceAccount"]) == ("logs.amazonaws.com", {"Ref": "AWS::AccountId"})
    assert "${AWS::AccountId}" in permission["SourceArn"]["Fn::Sub"]
    assert trust["Principal"] == {"Service": "logs.amazonaws.com"}
    assert "${AWS::AccountId}" in json.dumps(trust["Condition"])
    assert allowed("LogStreamRole") == {"kinesis:PutRecord"}


def test_the_stream_is_encrypted_and_scales_by_itself_unless_shards_are_counted():
    stream = resources()["LogStream"]["Properties"]

    assert stream["StreamEncryption"] == {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    assert stream["StreamModeDetails"]["StreamMode"] == {"Fn::If": ["CountsShards", "PROVISIONED", "ON_DEMAND"]}
    assert stream["ShardCount"]["Fn::If"][0] == "CountsShards"


def test_one_bad_record_stops_no_shard_and_what_fails_for_good_is_told():
    mapping = resources()["ReceiveFromStream"]["Properties"]

    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 0 < mapping["MaximumRetryAttempts"] <= 10_000
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["FailureQueue", "Arn"]}
    assert mapping["StartingPosition"] == "TRIM_HORIZON"


def test_a_direct_payload_is_tried_again_for_hours_and_then_kept():
    invoked = resources()["ReceiveLogsEventInvokeConfig"]["Properties"]

    assert invoked["MaximumRetryAttempts"] == 2
    assert invoked["MaximumEventAgeInSeconds"] == 21_600
    assert "FailureQueue" in json.dumps(invoked["DestinationConfig"])


def test_late_and_failing_receivers_raise_alarms():
    alarms = {name: one["Properties"]["MetricName"] for name, one in of("AWS::CloudWatch::Alarm").items()
              if {"Ref": "ReceiveLogs"} in [dimension["Value"] for dimension in one["Properties"]["Dimensions"]]}

    assert alarms == {"ReceiveLogsFailing": "Errors", "PushedLogsLate": "IteratorAge"}


@pytest.mark.parametrize("name", ["LAMPLIGHT_LOG_STREAM", "LAMPLIGHT_LOG_STREAM_ROLE"])
def test_the_receiver_says_where_filters_send_when_that_is_not_itself(name):
    given = resources()["ReceiveLogs"]["Properties"]["Environment"]["Variables"]

    assert given[name]["Fn::If"][0] == "TakesThemThroughKinesis"
    assert given["LAMPLIGHT_TABLE"] == {"Ref": "Table"}


def test_pull_is_what_an_installation_does_if_nobody_says_otherwise():
    template = LAMPLIGHT.template.read_text()

    assert "  IngestMode:\n    Type: String\n    Default: pull\n" in template
