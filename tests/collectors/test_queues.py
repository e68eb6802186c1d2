"""Queues and functions as an account has them, on moto."""

from __future__ import annotations

import io
import json
import zipfile
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws

from collectors import inventory, queues
from collectors.changes import deploy_between
from collectors.described import described
from collectors.queues import Mapped, related
from collectors.tally import STOP_MS, Tally
from store import dead_letters, functions, health, looks
from store import queues as known_queues
from store.clock import HOUR_MS, MINUTE_MS
from store.records import FunctionInfo
from store.recovery import Custody, Destination, Queue, Way
from store.settings import Settings
from tests.builders import NOW, PLACE, FakeClock, a_letter
from tests.collectors.fakes import connection, plenty, refusal
from tests.collectors.memory import MemoryTable

SESSION = boto3.Session("test", "test", region_name=PLACE.region)


@pytest.fixture
def account():
    with mock_aws():
        yield SimpleNamespace(queues=SESSION.client("sqs"), functions=SESSION.client("lambda"),
                              iam=SESSION.client("iam"))


def make_queue(account, name, **attributes):
    url = account.queues.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, account.queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def make_function(account, name, code="1", **facts):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("app.py", code)
    roles = account.iam.list_roles()["Roles"]
    role = roles[0] if roles else account.iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]
    return account.functions.create_function(
        FunctionName=name, Runtime="python3.12", Handler="app.handler", Role=role["Arn"],
        Code={"ZipFile": archive.getvalue()}, **facts,
    )["FunctionArn"]


def collect(account, table, time_left=plenty):
    return queues.collect(connection(table, clock=table.clock, queues=account.queues, functions=account.functions),
                          time_left)


def test_a_dead_letter_queue_is_known_with_who_feeds_and_who_reads_it(account):
    table = MemoryTable()
    _, dead = make_queue(account, "orders-dlq", MessageRetentionPeriod="1209600")
    _, source = make_queue(account, "orders", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": dead, "maxReceiveCount": 3}))
    make_function(account, "fulfil")
    make_function(account, "lamplight-capture-dead-letters")
    account.functions.create_event_source_mapping(EventSourceArn=source, FunctionName="fulfil")
    account.functions.create_event_source_mapping(EventSourceArn=dead, FunctionName="lamplight-capture-dead-letters")
    run = collect(account, table)
    assert run.problems == ()
    queue, live = (known_queues.get(table, PLACE, name) for name in ("orders-dlq", "orders"))
    assert queue is not None
    assert live is not None
    assert queue.sources == (source,)
    assert (queue.is_dead_letter_queue, queue.custody) == (True, Custody.CAPTURED)
    assert (queue.consumers, queue.retention_s) == (("lamplight-capture-dead-letters",), 1_209_600)
    assert (live.dead_letter_arn, live.max_receive_count, live.consumers) == (dead, 3, ("fulfil",))
    assert (live.is_dead_letter_queue, live.custody) == (False, Custody.WATCHED)


def test_looking_at_a_queue_leaves_its_messages_where_they_are(account):
    url, _ = make_queue(account, "orders")
    account.queues.send_message(QueueUrl=url, MessageBody="{}")
    table = MemoryTable()
    for _ in range(3):
        collect(account, table)
    queue = known_queues.get(table, PLACE, "orders")
    assert queue is not None
    assert (queue.visible, queue.in_flight) == (1, 0)
    (message,) = account.queues.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_a_capture_that_is_switched_off_holds_nothing_and_a_paused_consumer_is_one_still(account):
    table = MemoryTable()
    _, dead = make_queue(account, "orders-dlq")
    _, source = make_queue(account, "orders")
    for arn, name in ((dead, "lamplight-capture-dead-letters"), (source, "fulfil")):
        make_function(account, name)
        account.functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=name, Enabled=False)
    collect(account, table)
    queue, live = (known_queues.get(table, PLACE, name) for name in ("orders-dlq", "orders"))
    assert queue is not None
    assert live is not None
    assert (queue.custody, queue.consumers, live.consumers) == (Custody.WATCHED, (), ("fulfil",))


def test_a_listed_queue_is_looked_into_and_is_a_dead_letter_queue_whoever_fills_it(account):
    table = MemoryTable()
    url, arn = make_queue(account, "picture-failures")
    account.queues.send_message(QueueUrl=url, MessageBody="{}")
    listed = Settings("memory", watched_queues=(arn,))
    run = queues.collect(connection(table, listed, FakeClock(NOW), queues=account.queues, functions=account.functions),
                         plenty)
    queue, look = known_queues.get(table, PLACE, "picture-failures"), looks.get(table, PLACE, "picture-failures")
    assert queue is not None
    assert look is not None
    assert (run.problems, queue.is_dead_letter_queue) == ((), True)
    assert (look.complete, look.new, look.watching) == (True, 1, 1)
    (letter,) = dead_letters.of_queue(table, PLACE, "picture-failures")
    assert (letter.custody, letter.body) == (Custody.WATCHED, "{}")
    (message,) = account.queues.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert (message["MessageId"], message["Attributes"]["ApproximateReceiveCount"]) == (letter.message_id, "2")


def test_letters_get_their_way_back_when_the_sources_of_their_queue_become_known(account):
    table = MemoryTable()
    _, dead = make_queue(account, "orders-dlq")
    _, source = make_queue(account, "orders", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": dead, "maxReceiveCount": 3}))
    nowhere = Destination(Way.NONE, why_not="not known yet")
    dead_letters.capture(table, a_letter(queue="orders-dlq", destination=nowhere))
    collect(account, table)
    letter = dead_letters.get(table, PLACE, "orders-dlq", "m-1")
    assert letter is not None
    assert letter.destination == Destination(Way.SEND, source)


def test_a_function_is_known_as_it_is_configured_and_a_deploy_is_marked_once(account):
    clock = FakeClock(NOW)
    table = MemoryTable(clock)
    make_function(account, "fulfil", MemorySize=512, Timeout=7, TracingConfig={"Mode": "Active"},
                  Architectures=["arm64"])
    account.functions.put_function_concurrency(FunctionName="fulfil", ReservedConcurrentExecutions=5)
    collect(account, table)
    info = functions.get(table, PLACE, "fulfil")
    assert info is not None
    assert (info.runtime, info.memory_mb, info.timeout_s, info.architecture, info.tracing) == (
        "python3.12", 512, 7, "arm64", "Active")
    assert (info.log_group, info.reserved_concurrency) == ("/aws/lambda/fulfil", 5)
    account.functions.delete_function(FunctionName="fulfil")
    make_function(account, "fulfil", code="2", MemorySize=512, Timeout=7)
    for _ in range(3):
        clock.advance(MINUTE_MS)
        collect(account, table)
    (deploy,) = functions.deploys(table, PLACE, "fulfil", 0, clock.now + 1)
    now_known = functions.get(table, PLACE, "fulfil")
    assert now_known is not None
    assert deploy.code_sha256 == now_known.code_sha256 != info.code_sha256


def test_an_unchanged_function_is_written_again_only_every_hour(account):
    clock = FakeClock(NOW)
    table = MemoryTable(clock)
    make_function(account, "fulfil")
    written = []
    clock.advance(inventory.RECENT_MS)  # what was just made is looked at again and again for a while
    for _ in range(12):
        collect(account, table)
        written.append(functions.get(table, PLACE, "fulfil"))
        clock.advance(10 * MINUTE_MS)
    assert [info.seen_at - NOW - inventory.RECENT_MS for info in dict.fromkeys(written) if info] == [0, HOUR_MS]


def test_learning_a_functions_configuration_after_its_logs_is_no_deploy():
    known_by_logs = FunctionInfo(PLACE, "fulfil", "/aws/lambda/fulfil")
    looked_at = FunctionInfo(PLACE, "fulfil", "/aws/lambda/fulfil", version="$LATEST", code_sha256="a", seen_at=NOW)
    assert deploy_between(known_by_logs, looked_at) is None
    assert deploy_between(looked_at, looked_at) is None


def test_when_functions_may_not_be_listed_queues_are_still_seen_and_relations_stay(account):
    table = MemoryTable()
    _, dead = make_queue(account, "orders-dlq")
    make_queue(account, "orders", RedrivePolicy=json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3}))
    collect(account, table)
    before = known_queues.get(table, PLACE, "orders-dlq")

    def denied(**asked):
        raise refusal("AccessDeniedException", "ListFunctions")

    account.functions = SimpleNamespace(list_functions=denied, list_event_source_mappings=denied)
    run = collect(account, table)
    after = known_queues.get(table, PLACE, "orders-dlq")
    assert after == before
    assert run.problems == ("Not allowed: ListFunctions on event source mappings. "
                            "Give this role ListFunctions on event source mappings.",
                            "Not allowed: ListFunctions on functions. Give this role ListFunctions on functions.")


def test_a_run_that_is_out_of_time_says_what_it_left_out(account):
    table = MemoryTable()
    make_queue(account, "orders")
    run = collect(account, table, lambda: STOP_MS)
    assert known_queues.get(table, PLACE, "orders") is None
    assert "No time was left" in run.problems[0]
    assert list(health.runs(table, PLACE)) == [run]


def test_every_page_of_functions_and_queues_is_read():
    wires = [{"FunctionName": f"f{number}", "FunctionArn": f"arn:aws:lambda:r:1:function:f{number}"}
             for number in range(5)]

    def list_functions(Marker="0"):  # noqa: N803
        at = int(Marker)
        answer = {"Functions": wires[at:at + 2]}
        return answer | ({"NextMarker": str(at + 2)} if at + 2 < len(wires) else {})

    def gone(**asked):
        raise refusal("ResourceNotFoundException", "ListFunctionEventInvokeConfigs")

    client = SimpleNamespace(list_functions=list_functions, get_function_concurrency=lambda **asked: {},
                             list_function_event_invoke_configs=gone, list_aliases=gone, list_versions_by_function=gone)
    table = MemoryTable()
    tally = Tally.begin(PLACE, "queues", table.clock)
    assert len(inventory.take_in(table, client, tally, plenty)) == 5  # type: ignore[arg-type]
    assert [info.name for info in functions.of_place(table, PLACE)] == ["f0", "f1", "f2", "f3", "f4"]
    assert tally.problems == {}


def test_a_detail_that_is_denied_is_asked_for_once_and_told_once():
    asked = []

    def denied(**question):
        asked.append(question)
        raise refusal("AccessDeniedException", "GetFunctionConcurrency")

    wires = [{"FunctionName": name, "FunctionArn": f"arn:aws:lambda:r:1:function:{name}"} for name in ("a", "b", "c")]
    answer = {"FunctionEventInvokeConfigs": [
        {"FunctionArn": "arn:aws:lambda:r:1:function:a:$LATEST",
         "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:r:1:failures"}}}]}
    client = SimpleNamespace(list_functions=lambda: {"Functions": wires}, get_function_concurrency=denied,
                             list_function_event_invoke_configs=lambda **asked: answer,
                             list_aliases=lambda **asked: {}, list_versions_by_function=lambda **asked: {})
    table = MemoryTable()
    tally = Tally.begin(PLACE, "queues", table.clock)
    found = inventory.take_in(table, client, tally, plenty)  # type: ignore[arg-type]
    assert len(asked) == len(tally.problems) == 1
    assert [info.on_failure_arn for _, info in found] == ["arn:aws:sqs:r:1:failures"] * 3


def test_destinations_of_functions_and_mappings_make_a_queue_a_dead_letter_queue():
    queue = Queue(PLACE, "failures", "arn:aws:sqs:r:1:failures", "https://failures")
    arn = "arn:aws:lambda:r:1:function:"
    by_destination = FunctionInfo(PLACE, "thumbs", "/aws/lambda/thumbs", on_failure_arn=queue.arn)
    wire = {"FunctionName": "notify", "DeadLetterConfig": {"TargetArn": queue.arn}}
    by_config = inventory.described(PLACE, wire, NOW)
    stream = Mapped("arn:aws:dynamodb:r:1:table/t/stream/s", f"{arn}project", queue.arn)
    (seen,) = related([queue], [(f"{arn}thumbs", by_destination), (f"{arn}notify", by_config)], [stream])
    assert seen.sources == (f"{arn}notify", f"{arn}project", f"{arn}thumbs")
    assert seen.is_dead_letter_queue


@pytest.mark.parametrize(("attributes", "dead"), [
    ({"RedriveAllowPolicy": '{"redrivePermission":"byQueue"}'}, True),
    ({"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'}, False),
    ({"RedrivePolicy": "not JSON", "ApproximateNumberOfMessages": ""}, False),
    ({}, False),
])
def test_a_queue_is_read_from_its_attributes_whatever_they_hold(attributes, dead):
    queue = described(PLACE, "https://q", {"QueueArn": "arn:aws:sqs:r:1:q", **attributes}, NOW)
    assert (queue.name, queue.is_dead_letter_queue, queue.visible) == ("q", dead, None)
