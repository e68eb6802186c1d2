"""A queue changes hands by its capture's event source mapping, on moto."""

from __future__ import annotations

import io
import zipfile

import pytest

from operations import commands
from operations.errors import CommandNotPossible
from operations.switching import Switch
from store import queues
from store.commands import Kind
from store.recovery import Custody
from tests.builders import PLACE, QUEUE
from tests.operations.bench import DLQ_ARN, LONG_MS, a_queue


@pytest.fixture
def functions(aws, table):
    aws.client("sqs").create_queue(QueueName=QUEUE)
    role = aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("app.py", "")
    functions = aws.client("lambda")
    for name in ("lamplight-capture-dead-letters", "repair"):
        functions.create_function(FunctionName=name, Runtime="python3.12", Handler="app.handler", Role=role,
                                  Code={"ZipFile": archive.getvalue()})
    queues.put(table, a_queue())
    return functions


def switch(table, functions, to, allowed=(DLQ_ARN,)):
    wanted = commands.new(PLACE, "c-1", Kind.SWITCH, QUEUE, "it may stay in its queue", arguments={"to": to})
    return Switch(table, functions, allowed)(wanted, lambda: LONG_MS)


def custody(table):
    queue = queues.get(table, PLACE, QUEUE)
    assert queue is not None
    return queue.custody


def test_switching_there_and_back_switches_the_mapping_of_the_capture_alone(table, functions):
    functions.create_event_source_mapping(EventSourceArn=DLQ_ARN, FunctionName="repair")
    mine = functions.create_event_source_mapping(EventSourceArn=DLQ_ARN,
                                                 FunctionName="lamplight-capture-dead-letters")["UUID"]
    for to, state in (("watched", "Disabled"), ("watched", "Disabled"), ("captured", "Enabled")):
        assert switch(table, functions, to).details["mapping"] == mine
        assert functions.get_event_source_mapping(UUID=mine)["State"] == state
        assert custody(table) is Custody(to)
    (other,) = functions.list_event_source_mappings(FunctionName="repair")["EventSourceMappings"]
    assert other["State"] == "Enabled"


def test_a_queue_without_a_capture_says_which_parameter_gives_it_one(table, functions):
    with pytest.raises(CommandNotPossible, match="Nothing captures") as refused:
        switch(table, functions, "captured")
    assert "CapturedQueue1Arn" in refused.value.advice
    assert custody(table) is Custody.WATCHED


def test_an_unlisted_queue_or_an_unknown_custody_changes_nothing(table, functions):
    functions.create_event_source_mapping(EventSourceArn=DLQ_ARN, FunctionName="lamplight-capture-dead-letters")
    with pytest.raises(CommandNotPossible, match="may not touch"):
        switch(table, functions, "watched", allowed=())
    with pytest.raises(CommandNotPossible, match="There is no custody lost"):
        switch(table, functions, "lost")
    assert custody(table) is Custody.WATCHED
