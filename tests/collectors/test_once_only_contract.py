"""The same histories on two independent implementations of DynamoDB, and through a proxy that breaks calls of every
kind."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from store.clients import STORING
from store.table import Table
from tests.builders import PLACE, FakeClock
from tests.collectors.log_histories import History
from tests.fault_proxy import FaultProxy, Trouble
from tests.tables import create_table

STEPS = 15
SESSION = boto3.Session("test", "test", region_name=PLACE.region)
BROKEN = tuple(one for one in Trouble if one not in (Trouble.NONE, Trouble.DELAY))
EACH = 0.04
"""Of each kind of fault on every call. The SDK tries twice, so most are overcome there and some are not."""
HASTY = STORING.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))


def fresh(client: Any, clock: FakeClock) -> Table:
    name = f"once-{uuid.uuid4().hex[:12]}"
    create_table(client, name)
    return Table(client, name, clock)


@pytest.fixture(params=["moto", pytest.param("ministack", marks=pytest.mark.cloud)])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "moto":
        with mock_aws():
            yield SESSION.client("dynamodb")
        return
    made = SESSION.client("dynamodb", endpoint_url=request.getfixturevalue("ministack_endpoint"))
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(3))
def test_a_history_gives_the_straight_count(client: Any, seed: int):
    clock = FakeClock()
    History(random.Random(seed), fresh(client, clock), clock, faulty=False).all_of(STEPS).assert_counted()


@pytest.mark.cloud
def test_through_a_proxy_that_breaks_calls_the_count_is_straight(ministack_endpoint: str):
    """A dropped answer is a write that was made; a broken one is not taken for an answer."""
    chance = random.Random(11)
    breaking = True

    def choose(_: str) -> Trouble:
        rolled = chance.random()
        return BROKEN[int(rolled / EACH)] if breaking and rolled < EACH * len(BROKEN) else Trouble.NONE

    whole = SESSION.client("dynamodb", endpoint_url=ministack_endpoint)
    with FaultProxy(ministack_endpoint, choose=choose) as proxy:
        client = SESSION.client("dynamodb", endpoint_url=proxy.endpoint, config=HASTY)
        clock = FakeClock()
        table = Table(client, fresh(whole, clock).name, clock)
        history = History(random.Random(1), table, clock, faulty=False)
        history.play(2 * STEPS)
        breaking = False
        history.rest()
        history.assert_counted()
        client.close()
    whole.close()
    happened = {trouble for trouble in BROKEN for call in proxy.done if call.startswith(f"{trouble} ")}
    assert happened == set(BROKEN), proxy.done
