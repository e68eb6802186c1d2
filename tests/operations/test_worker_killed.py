"""The worker as a process, killed with SIGKILL at every step it takes: before a call went out, and after it was
answered. Another one finishes: nothing is lost, and every duplicate is listed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from operations.leased import LEASE_MS
from store.clients import SENDING
from store.clock import wall_clock
from store.recovery import JobState, LetterState
from tests.fault_proxy import FaultProxy, receipts
from tests.operations.redrive_stage import Stage, assert_nothing_lost_and_every_duplicate_listed

pytestmark = pytest.mark.cloud
ROOT = Path(__file__).parents[2]
BODIES = ("one", "two", "three")
MOST_STEPS = 200
LOOKS = ("Query", "GetItem", "BatchGetItem", "GetQueueUrl", "GetQueueAttributes")
"""Calls that only read: dying around one is dying after the step before it."""


class Workers:
    """The process that forks workers."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("worker_process.py"))],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                                        env={**os.environ, "PYTHONPATH": str(ROOT)})

    def start(self, endpoint: str, table: str, ahead_ms: int) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{endpoint} {table} {ahead_ms}\n")
        self.process.stdin.flush()

    def word(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def stop(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


class Executioner:
    """Kills the worker of this pid when the n-th step passes the proxy. `in_hand` are messages it received."""

    def __init__(self) -> None:
        self.left, self.pid = 0, threading.Event()
        self.pids: list[int] = []
        self.in_hand: list[str] = []

    def expect(self, step: int) -> None:
        self.left = step
        self.in_hand.clear()
        self.pid.clear()

    def watch(self, step: str, content: bytes) -> None:
        if step.rpartition(".")[2] in LOOKS:
            return
        if step == "after AmazonSQS.ReceiveMessage":
            self.in_hand += receipts(content)
        self.left -= 1
        if self.left == -1 and self.pid.wait(10):
            os.kill(self.pids[-1], signal.SIGKILL)


def killed_at(step: int, kind: str, clients: list[Any], workers: Workers, proxy: FaultProxy,
              executioner: Executioner) -> int | None:
    """Redrive three messages with a worker that dies at this step, and another that sends the rest. How many sends
    are listed as ambiguous; None when there was no such step."""
    ahead = 0
    sqs, dynamo = clients
    stage = Stage(sqs, dynamo, lambda: wall_clock() + ahead, fifo=kind == "fifo", watched=kind == "watched")
    ids = stage.die(*BODIES)
    if kind == "watched":
        stage.look()
    else:
        stage.capture()
    stage.ask(ids)
    executioner.expect(step)
    workers.start(proxy.endpoint, stage.table.name, ahead)
    executioner.pids.append(int(workers.word()))
    executioner.pid.set()
    ending = workers.word()
    proxy.wait_until_left()
    ahead = LEASE_MS + 1
    stage.show_again(executioner.in_hand)
    job = stage.work()
    _, ambiguous = assert_nothing_lost_and_every_duplicate_listed(stage, BODIES, stage.arrived())
    assert (job.state, job.counts) == (JobState.FOLLOWING, {"sent": 3}), step
    assert {letter.state for letter in stage.letters().values()} == {LetterState.SENT}
    assert stage.still_dead() == 0
    assert ending in ("killed", "ended 0")
    return ambiguous if ending == "killed" else None


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    started = Workers()
    yield started
    started.stop()


@pytest.mark.parametrize("kind", ["captured", "watched", "fifo"])
def test_a_worker_killed_at_any_call_loses_nothing(workers: Workers, ministack_endpoint: str, session: boto3.Session,
                                                   kind: str):
    clients = [session.client(name, endpoint_url=ministack_endpoint, config=SENDING) for name in ("sqs", "dynamodb")]
    executioner = Executioner()
    told: list[int] = []
    with FaultProxy(ministack_endpoint, watch=executioner.watch) as proxy:
        while (ambiguous := killed_at(len(told), kind, clients, workers, proxy, executioner)) is not None:
            told.append(ambiguous)
            assert len(told) < MOST_STEPS
    assert len(told) > 10, "these are not all the calls a worker makes"
    assert 0 < sum(1 for ambiguous in told if ambiguous) < len(told), told
    for client in clients:
        client.close()
