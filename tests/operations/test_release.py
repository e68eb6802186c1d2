"""Releasing a stuck record: only what was shown, only when nothing can be running behind it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from operations.errors import NotAllowed, NotReleasable, ReasonRequired, RecordMoved
from operations.idempotency import IdempotencyRecord, look
from operations.permissions import Actor
from operations.release import GRACE_MS, refusal, releasable_at, release
from store import audit_log
from store.clock import wall_clock
from store.items import marshal
from store.table import Table
from tests.builders import NOW, PLACE, FakeClock
from tests.operations.bench import ADA
from tests.operations.test_idempotency import create

MADE = NOW - 1_000_000
"""960 s, the longest run and the grace, are over."""
EXPIRES_S = MADE // 1000 + 3_600
HOUR_S = 3_600
REASON = "the invocation is long gone"


@pytest.fixture
def client(aws: boto3.Session):
    return aws.client("dynamodb")


@pytest.fixture
def stuck(client: Any) -> IdempotencyRecord:
    create(client, "payments")
    return a_row(client)


def a_row(client: Any, **facts: Any) -> IdempotencyRecord:
    item = {"id": "k", "status": "INPROGRESS", "expiration": EXPIRES_S, "validation": "abc", **facts}
    client.put_item(TableName="payments", Item=marshal(item))
    record = look(client, "payments", "k")
    assert record is not None
    return record


def act(client: Any, table: Table, clock: FakeClock, record: IdempotencyRecord, **facts: Any) -> None:
    given: dict[str, Any] = {"actor": ADA, "writes": True, "reason": REASON, "window_s": HOUR_S, **facts}
    release(client, table, PLACE, clock, given.pop("actor"), given.pop("writes"), record=record, **given)


def test_a_stuck_record_is_deleted_and_the_audit_says_who_and_why(client: Any, table: Table, clock: FakeClock, stuck):
    act(client, table, clock, stuck)
    assert look(client, "payments", "k") is None
    (entry,) = audit_log.entries(table, PLACE, NOW)
    assert (entry.action, entry.subject, entry.actor, entry.role, entry.reason, entry.outcome) == (
        "release", "payments/k", "ada@example.com", "operator", REASON, "released")
    assert entry.details == {"status": "INPROGRESS", "expires at": "2026-11-23T19:36:40.000Z", "id": "k"}


@pytest.mark.parametrize("change", [
    {"status": "COMPLETED"}, {"expiration": EXPIRES_S + 1}, {"validation": "xyz"}, {"in_progress_expiration": NOW},
    {"data": '{"paid": true}'},
], ids=str)
def test_a_record_that_changed_after_it_was_shown_is_left_alone(client, table: Table, clock, stuck, change):
    a_row(client, **change)
    with pytest.raises(RecordMoved, match="Record k is not what was shown any more"):
        act(client, table, clock, stuck)
    assert look(client, "payments", "k") is not None
    assert audit_log.entries(table, PLACE, NOW)[0].outcome == "failed"


def test_a_record_somebody_else_released_is_not_released_again(client, table: Table, clock, stuck):
    act(client, table, clock, stuck)
    clock.advance(1)
    with pytest.raises(RecordMoved):
        act(client, table, clock, stuck)


def test_nothing_is_released_while_its_invocation_may_be_running(client, table: Table, clock, stuck):
    clock.now = MADE + 900_000 + GRACE_MS - 1
    with pytest.raises(NotReleasable, match="may still be running until 2026-11-23T18:52:40"):
        act(client, table, clock, stuck)
    assert audit_log.entries(table, PLACE, NOW) == []
    clock.advance(1)
    act(client, table, clock, stuck)
    assert look(client, "payments", "k") is None


def test_a_shorter_timeout_of_the_function_makes_it_sooner(stuck: IdempotencyRecord):
    assert releasable_at(stuck, HOUR_S, timeout_s=30) == MADE + 30_000 + GRACE_MS
    assert refusal(stuck, MADE + 90_000, HOUR_S, timeout_s=30) is None


@pytest.mark.parametrize(("facts", "said"), [
    ({"status": "COMPLETED"}, "the side effect happen again"),
    ({"in_progress_expiration": NOW + 5}, "It is running, not stuck"),
    ({"in_progress_expiration": NOW - 5}, "It is timed out, not stuck"),
    ({"expiration": NOW // 1000 - 1}, "It is expired, not stuck"),
    ({"expiration": None}, "nobody can tell how old it is"),
], ids=str)
@pytest.mark.parametrize("role", ["operator", "admin"])
def test_what_is_no_stuck_lock_is_refused_whoever_asks(client, table: Table, clock, stuck, facts, said, role):
    record = a_row(client, **facts)
    with pytest.raises(NotReleasable, match=said):
        act(client, table, clock, record, actor=Actor("ada", role))
    assert look(client, "payments", "k") == record


@pytest.mark.parametrize(("facts", "error"), [
    ({"actor": Actor("eve", "viewer")}, NotAllowed), ({"writes": False}, NotAllowed),
    ({"reason": "ok"}, ReasonRequired),
], ids=["viewer", "writes off", "no reason"])
def test_who_may_not_release_deletes_nothing(client, table: Table, clock, stuck, facts, error):
    with pytest.raises(error):
        act(client, table, clock, stuck, **facts)
    assert look(client, "payments", "k") == stuck


def test_a_classic_lock_is_released_the_same_way(client: Any, table: Table, clock: FakeClock):
    create(client, "classic", "idempotencyKey")
    client.put_item(TableName="classic", Item=marshal({"idempotencyKey": "k", "status": "IN_PROGRESS",
                                                       "expiresAt": EXPIRES_S}))
    shown = look(client, "classic", "k")
    assert shown is not None
    act(client, table, clock, shown)
    assert look(client, "classic", "k") is None


def test_after_a_release_one_of_two_retries_wins(client: Any, table: Table, clock: FakeClock, stuck, monkeypatch):
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig
    from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemAlreadyExistsError
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orders-pay")
    layer = DynamoDBPersistenceLayer("payments", boto3_client=client)
    layer.configure(IdempotencyConfig(use_local_cache=False), function_name="app.pay")
    monkeypatch.setattr(layer, "_get_hashed_idempotency_key", lambda data: "k")
    clock.now = wall_clock()
    shown = a_row(client, expiration=clock.now // 1000 + 600)
    with pytest.raises(IdempotencyItemAlreadyExistsError):
        layer.save_inprogress({}, remaining_time_in_millis=1_000)
    act(client, table, clock, shown)
    layer.save_inprogress({}, remaining_time_in_millis=1_000)
    with pytest.raises(IdempotencyItemAlreadyExistsError):
        layer.save_inprogress({}, remaining_time_in_millis=1_000)
