"""A real worker with the real SDK, behind a proxy that breaks calls of every kind: nothing lost, every duplicate
listed. `PROOF_MESSAGES=10000` runs as many; the fewer of every run meet each fault on each call all the same."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from operations.leased import LEASE_MS
from store.clients import READING, SENDING
from store.clock import MINUTE_MS, wall_clock
from store.recovery import JobState
from store.table import Table
from tests.fault_proxy import FaultProxy, Trouble, receipts
from tests.operations.redrive_stage import Stage, assert_nothing_lost_and_every_duplicate_listed

LOG = logging.getLogger("tests.fault_proxy")
pytestmark = pytest.mark.cloud
MESSAGES = int(os.environ.get("PROOF_MESSAGES", "600"))
EACH = 0.05
"""Of each kind of fault on every call about a queue; on the table's calls a tenth of it, as their SDK repeats."""
KINDS = tuple(one for one in Trouble if one is not Trouble.NONE)
ROUNDS = 200
RECEIVED = "after AmazonSQS.ReceiveMessage"


@pytest.fixture
def broken(ministack_endpoint: str) -> Iterator[FaultProxy]:
    chance = random.Random(5)  # noqa: S311

    def choose(call: str) -> Trouble:
        each = EACH if call.startswith("AmazonSQS") else EACH / 10
        rolled = chance.random()
        return KINDS[int(rolled / each)] if rolled < each * len(KINDS) else Trouble.NONE

    with FaultProxy(ministack_endpoint, choose=choose) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of the calls fail: the SDK's waits of a second and more, and long polls of a queue whose messages are
    in a dead worker's hands, would be the longest part of it."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0.001)
    monkeypatch.setattr("operations.holds.WAIT_S", 0)


@pytest.fixture
def client(session: boto3.Session) -> Iterator[Callable[..., Any]]:
    made: list[Any] = []

    def making(service: Any, endpoint: str, config: Any) -> Any:
        made.append(session.client(service, endpoint_url=endpoint, config=config))
        return made[-1]

    yield making
    for one in made:
        one.close()


@pytest.mark.parametrize("watched", [False, True], ids=["captured", "watched"])
def test_five_percent_of_every_fault_lose_nothing(broken: FaultProxy, ministack_endpoint: str, watched: bool,
                                                  client: Callable[..., Any]):
    ahead = 0

    def clock() -> int:
        return wall_clock() + ahead

    def pause(seconds: float) -> None:
        nonlocal ahead
        ahead += round(seconds * 1_000)

    stage = Stage(client("sqs", ministack_endpoint, READING), client("dynamodb", ministack_endpoint, READING), clock,
                  watched=watched)
    bodies = [f"message {number}" for number in range(MESSAGES)]
    stage.die_many(bodies)
    ids = stage.all_known()
    assert len(ids) == MESSAGES
    stage.ask(ids)
    in_hand: list[str] = []
    broken.watch = lambda step, content: in_hand.extend(receipts(content) if step == RECEIVED else ())
    sending, reading = client("sqs", broken.endpoint, SENDING), client("sqs", broken.endpoint, READING)
    table = Table(client("dynamodb", broken.endpoint, READING), stage.table.name, clock)
    for _ in range(ROUNDS):
        if stage.job().state is not JobState.QUEUED and not stage.job().state.sending:
            break
        stage.work(sending, reading, table, pause)
        ahead += LEASE_MS + MINUTE_MS
        stage.show_again(in_hand)
        in_hand.clear()
    job = stage.job()
    duplicates, listed = assert_nothing_lost_and_every_duplicate_listed(stage, bodies, stage.arrived())
    LOG.info("%s; %d runs, %d duplicates, %d sends listed as ambiguous; %s", job.counts, stage.workers, duplicates,
             listed, dict(broken.done))
    assert job.state in (JobState.FOLLOWING, JobState.DONE), (job.state, job.problem, job.counts)
    assert sum(job.counts.values()) == MESSAGES
    assert listed > 0
    assert {kind for kind in KINDS if not broken.done[f"{kind} AmazonSQS.SendMessageBatch"]} == set()
