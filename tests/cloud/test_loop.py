"""A dead letter is captured, sent back and recorded by the deployed functions, each with the rights of its role,
while the one who asks has the rights of the dashboard."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import boto3
import pytest

from demo.cloud import ACCOUNT, REGION
from demo.collect import run
from demo.processes import wait_until
from operations import redrive
from operations.permissions import Actor
from store import dead_letters, jobs
from store.clock import wall_clock
from store.records import Place
from store.recovery import LetterState
from store.table import Table
from tests.cloud.conftest import Cloud

pytestmark = pytest.mark.cloud
HERE = Place(ACCOUNT, REGION)
DEAD = "orders-fulfilment-dlq"
STARTS_S = 20  # the stream brings a job within a second or two; the schedule would take up to a minute


@pytest.fixture
def table(cloud: Cloud) -> Iterator[Table]:
    """The table as the dashboard's role may use it."""
    iam = cloud.session.client("iam", endpoint_url=cloud.endpoint)
    user = f"operator-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    iam.attach_user_policy(UserName=user, PolicyArn=cloud.lamplight["DashboardPolicyArn"])
    key = iam.create_access_key(UserName=user)["AccessKey"]
    client = boto3.client("dynamodb", endpoint_url=cloud.endpoint, region_name=REGION,
                          aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    yield Table(client, cloud.lamplight["TableName"], wall_clock)
    client.close()


def test_a_dead_letter_is_captured_and_goes_back_when_somebody_asks(cloud, table):
    run(cloud.clients.functions, cloud.lamplight["CollectQueuesFunction"])
    queues = cloud.session.client("sqs", endpoint_url=cloud.endpoint)
    sent = queues.send_message(QueueUrl=cloud.orders["FulfilmentDeadLettersUrl"], MessageBody='{"bundle": "x"}')
    assert wait_until(lambda: dead_letters.get(table, HERE, DEAD, sent["MessageId"]) is not None, STARTS_S)

    job_id, asked = uuid.uuid4().hex, time.monotonic()
    redrive.ask(table, HERE, wall_clock, Actor("somebody", "operator"), True, queue=DEAD,
                message_ids=[sent["MessageId"]], reason="the warehouse is back", job_id=job_id)

    def state() -> LetterState | None:
        letter = dead_letters.get(table, HERE, DEAD, sent["MessageId"])
        return letter.state if letter else None

    assert wait_until(lambda: state() not in (LetterState.DEAD, LetterState.CLAIMED), STARTS_S), state()
    assert time.monotonic() - asked < STARTS_S
    assert state() is LetterState.SENT
    job = jobs.get(table, job_id)
    assert job is not None
    assert (job.handled, job.problem) == (1, None)
