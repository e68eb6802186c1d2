"""Commands of an operator, carried out by the deployed worker with the rights of its role: a captured queue is switched
off, looked into, rescued, and switched on again. Nothing is lost on the way."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import boto3
import pytest

from demo.cloud import ACCOUNT, REGION
from demo.collect import run
from demo.processes import wait_until
from operations import commands
from operations.permissions import Actor
from store import commands as rows
from store import dead_letters, queues
from store.clock import wall_clock
from store.commands import Command, CommandState, Kind
from store.records import Place
from store.recovery import Custody, DeadLetter, LetterState
from store.table import Table
from tests.cloud.conftest import Cloud

pytestmark = pytest.mark.cloud
HERE = Place(ACCOUNT, REGION)
DEAD = "orders-notify-dlq"
STARTS_S = 30
FOURTEEN_DAYS_S = 1_209_600


@pytest.fixture
def table(cloud: Cloud) -> Iterator[Table]:
    """The table as the dashboard's role may use it."""
    iam = cloud.session.client("iam", endpoint_url=cloud.endpoint)
    user = f"admin-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    iam.attach_user_policy(UserName=user, PolicyArn=cloud.lamplight["DashboardPolicyArn"])
    key = iam.create_access_key(UserName=user)["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    client = session.client("dynamodb", endpoint_url=cloud.endpoint)
    yield Table(client, cloud.lamplight["TableName"], wall_clock)
    client.close()


def carried_out(table: Table, kind: Kind, **arguments: str) -> Command:
    """Ask, and wait for the stream to bring it to the worker."""
    wanted = commands.new(HERE, uuid.uuid4().hex, kind, DEAD, "the stack is exercised", arguments=arguments)
    asked = commands.ask(table, wall_clock, Actor("somebody", "admin"), True, wanted)

    def now() -> Command:
        return rows.get(table, asked.id) or asked

    assert wait_until(lambda: not now().state.open, STARTS_S), now()
    return now()


def letter(table: Table, message_id: str) -> DeadLetter:
    found = dead_letters.get(table, HERE, DEAD, message_id)
    assert found is not None
    return found


def test_a_queue_changes_hands_and_its_letter_stays_one(cloud, table):
    run(cloud.clients.functions, cloud.lamplight["CollectQueuesFunction"])
    sqs = cloud.session.client("sqs", endpoint_url=cloud.endpoint)
    url = cloud.orders["NotifyDeadLettersUrl"]

    off = carried_out(table, Kind.SWITCH, to="watched")
    assert (off.state, off.details["was"]) == (CommandState.DONE, "Enabled")
    message_id = sqs.send_message(QueueUrl=url, MessageBody='{"order_id": "88123"}')["MessageId"]
    look = carried_out(table, Kind.LOOK)
    assert (look.state, look.details["new"], look.details["complete"]) == (CommandState.DONE, "1", "yes")
    watched = letter(table, message_id)
    assert (watched.custody, watched.state, watched.expires_at is not None) == (
        Custody.WATCHED, LetterState.DEAD, True)

    assert carried_out(table, Kind.ARCHIVE).details == {"archived": "1"}
    assert carried_out(table, Kind.EXTEND, days="14").state is CommandState.DONE
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["MessageRetentionPeriod"] == str(FOURTEEN_DAYS_S)
    assert attributes["ApproximateNumberOfMessages"] == "1"
    moving = carried_out(table, Kind.MOVE)
    assert (moving.state, "notify sends its failures" in (moving.outcome or "")) == (CommandState.REFUSED, True)

    assert carried_out(table, Kind.SWITCH, to="captured").state is CommandState.DONE
    assert wait_until(lambda: letter(table, message_id).custody is Custody.CAPTURED, STARTS_S)
    captured = letter(table, message_id)
    assert (captured.body, captured.life, captured.expires_at) == ('{"order_id": "88123"}', 1, None)
    known = queues.get(table, HERE, DEAD)
    assert known is not None
    assert known.custody is Custody.CAPTURED
