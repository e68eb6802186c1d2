"""Redrives of every kind, asked for from the command line with the dashboard's rights and carried out by the deployed
worker with the rights of its role."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.cloud import ACCOUNT, REGION, clean_environment
from demo.collect import run
from demo.home import ROOT
from demo.processes import wait_until
from demo.stacks import queue_arn
from operations import commands
from operations.permissions import Actor
from store import audit_log, dead_letters, jobs
from store import commands as rows
from store.clock import wall_clock
from store.commands import Command, CommandState, Kind
from store.records import Place
from store.recovery import Job, JobState
from store.table import Table
from tests.cloud.conftest import Cloud

pytestmark = pytest.mark.cloud
HERE = Place(ACCOUNT, REGION)
DEAD = "orders-fulfilment-dlq"
STARTS_S = 30
Words = Callable[..., Any]


@pytest.fixture(scope="module")
def operator(cloud: Cloud) -> dict[str, str]:
    """The environment of somebody's terminal."""
    iam = cloud.session.client("iam", endpoint_url=cloud.endpoint)
    user = f"terminal-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    iam.attach_user_policy(UserName=user, PolicyArn=cloud.lamplight["DashboardPolicyArn"])
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return clean_environment() | {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_ENDPOINT_URL": cloud.endpoint, "LAMPLIGHT_TABLE": cloud.lamplight["TableName"], "LAMPLIGHT_WRITES": "on",
        "LAMPLIGHT_ROLE": "operator", "LAMPLIGHT_ACTOR": "ada@example.com", "PATH": os.environ["PATH"]}


@pytest.fixture
def terminal(operator: dict[str, str]) -> Words:
    """`python -m operations dead-letters …`: what it printed, read as JSON."""
    def said(*words: str) -> Any:
        done = subprocess.run([sys.executable, "-m", "operations", "dead-letters", *words, "--json"], cwd=ROOT,
                              env=operator, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return said


@pytest.fixture
def table(cloud: Cloud) -> Table:
    return Table(cloud.session.client("dynamodb", endpoint_url=cloud.endpoint), cloud.lamplight["TableName"],
                 wall_clock)


def worked(cloud: Cloud, table: Table, job_id: str, done: Callable[[Job], bool]) -> Job:
    """The job once the worker has brought it so far; its schedule would come within a minute."""
    def now() -> Job:
        job = jobs.get(table, job_id)
        assert job is not None
        return job

    def so_far() -> bool:
        run(cloud.clients.functions, cloud.lamplight["RunRedrivesFunction"])
        return done(now())

    assert wait_until(so_far, STARTS_S), now()
    return now()


def died(cloud: Cloud, count: int) -> list[str]:
    sqs = cloud.session.client("sqs", endpoint_url=cloud.endpoint)
    return [sqs.send_message(QueueUrl=cloud.orders["FulfilmentDeadLettersUrl"],
                             MessageBody=json.dumps({"bundle": str(number)}))["MessageId"] for number in range(count)]


def applied(terminal: Words, path: Path, ids: list[str], *words: str) -> str:
    """Plan, look at the plan, apply it; the job's id."""
    named = [part for one in ids for part in ("--id", one)]
    planned = terminal("plan", DEAD, *named, "--out", str(path), *words)
    assert sorted(planned["message_ids"]) == sorted(ids)
    job = terminal("apply", str(path), "--reason", "the warehouse is back")
    return str(job["id"])


def test_a_canary_is_paused_resumed_and_cancelled_and_a_scheduled_redrive_waits(cloud: Cloud, terminal: Words,
                                                                               table: Table, tmp_path: Path):
    run(cloud.clients.functions, cloud.lamplight["CollectQueuesFunction"])
    ids = died(cloud, 5)
    assert wait_until(lambda: len(dead_letters.get_many(table, HERE, DEAD, ids)) == 5, STARTS_S)
    assert DEAD in {row["queue"] for row in terminal("list")}
    assert set(ids) <= {row["message id"] for row in terminal("list", DEAD)}
    assert terminal("show", DEAD, ids[0])["body"] == '{"bundle": "0"}'

    job = applied(terminal, tmp_path / "canary.json", ids[:3], "--canary", "1")
    first = worked(cloud, table, job, lambda one: bool(one.problem))
    assert first.problem == "Waiting: the outcome of 1 of the first 1 messages"
    terminal("pause", job)
    worked(cloud, table, job, lambda one: one.state is JobState.PAUSED)
    assert not terminal("resume", job)["pause_asked"]
    terminal("cancel", job)
    worked(cloud, table, job, lambda one: not one.state.sending)
    stopped = terminal("status", job)
    assert (stopped["counts"]["skipped"], len(stopped["results"])) == (2, 3)

    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    waiting = applied(terminal, tmp_path / "later.json", ids[3:], "--at", later)
    run(cloud.clients.functions, cloud.lamplight["RunRedrivesFunction"])
    waits = terminal("status", waiting)
    assert (waits["state"], waits["results"]) == ("queued", [])
    terminal("cancel", waiting)
    assert worked(cloud, table, waiting, lambda one: one.state is JobState.CANCELLED).counts == {"skipped": 2}
    assert {row["job"] for row in terminal("status")} >= {job, waiting}


def carried_out(table: Table, kind: Kind, **arguments: str) -> Command:
    wanted = commands.new(HERE, uuid.uuid4().hex, kind, DEAD, "the stack is exercised", arguments=arguments)
    asked = commands.ask(table, wall_clock, Actor("somebody", "admin"), True, wanted)

    def now() -> Command:
        return rows.get(table, asked.id) or asked

    assert wait_until(lambda: not now().state.open, STARTS_S), now()
    assert now().state is CommandState.DONE, now()
    return now()


def test_watched_messages_are_taken_from_their_queue_while_its_consumer_rests(cloud: Cloud, terminal: Words,
                                                                             table: Table, tmp_path: Path):
    run(cloud.clients.functions, cloud.lamplight["CollectQueuesFunction"])
    carried_out(table, Kind.SWITCH, to="watched")
    ids = died(cloud, 3)
    carried_out(table, Kind.LOOK)

    job = applied(terminal, tmp_path / "plan.json", ids[:2], "--pause-consumer")
    sent = worked(cloud, table, job, lambda one: not one.state.sending)
    assert (sent.problem, sent.handled, sent.paused_consumer, sent.given_back > 0) == (None, 2, (), True)
    entries = {entry.action: entry.outcome for entry in audit_log.entries(table, HERE, wall_clock())
               if entry.details.get("redrive") == job}
    assert entries == {"pause a consumer": "paused", "resume a consumer": "resumed"}
    mappings = cloud.clients.functions.list_event_source_mappings(
        EventSourceArn=queue_arn(cloud.orders["FulfilmentQueueUrl"]))["EventSourceMappings"]
    assert {one["State"] for one in mappings} <= {"Enabled", "Enabling"}
    left = dead_letters.get_many(table, HERE, DEAD, ids)
    assert [left[one].deleted_at is not None for one in ids] == [True, True, False]
    carried_out(table, Kind.SWITCH, to="captured")
