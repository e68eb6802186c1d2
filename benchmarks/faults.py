"""`python -m benchmarks faults`: 10,000 messages by workers that are killed while they send, and 10,000 more through a
proxy that breaks one call in twenty in each of eight ways. Nothing may be lost, and every duplicate must be listed.
Takes half an hour, so it runs only when it is named."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.redrive import Desk, in_cloud
from benchmarks.target import Report, Target
from operations.leased import LEASE_MS
from store.clients import READING, SENDING, STORING
from store.clock import MINUTE_MS, SECOND_MS, wall_clock
from store.table import Table
from tests.fault_proxy import FaultProxy, Trouble, receipts
from tests.operations.redrive_stage import Stage
from tests.operations.worker_process import SESSION

MESSAGES = 10_000
EACH = 0.05
KINDS = tuple(one for one in Trouble if one is not Trouble.NONE)
KILLS = 8
LIVES_S = (0.5, 3.0)
"""How long a worker lives before it is killed: less than it takes to send them all."""
RUNS = 100
ROOT = Path(__file__).parent.parent


class Ahead:
    """A clock that can be put ahead, so that nobody waits for a lease to end."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> int:
        return wall_clock() + self.ms


def broken(desk: Desk, watched: bool) -> list[str]:
    """One redrive through the proxy, and its row."""
    chance, ahead, in_hand = random.Random(5), Ahead(), list[str]()  # noqa: S311
    stage = _stage(desk, ahead, watched)

    def choose(call: str) -> Trouble:
        each = EACH if call.startswith("AmazonSQS") else EACH / 10  # the SDK asks the table again by itself
        rolled = chance.random()
        return KINDS[int(rolled / each)] if rolled < each * len(KINDS) else Trouble.NONE

    def watch(step: str, content: bytes) -> None:
        if step == "after AmazonSQS.ReceiveMessage":
            in_hand.extend(receipts(content))

    with FaultProxy(desk.endpoint, choose=choose, watch=watch) as proxy:
        sqs = SESSION.client("sqs", config=READING, endpoint_url=proxy.endpoint)
        table = Table(SESSION.client("dynamodb", config=READING, endpoint_url=proxy.endpoint), stage.table.name,
                      ahead)
        sending = SESSION.client("sqs", config=SENDING, endpoint_url=proxy.endpoint)
        for _ in range(RUNS):
            if stage.work(sending, sqs, table).state.sending is False:
                break
            ahead.ms += LEASE_MS + MINUTE_MS
            stage.show_again(in_hand)
            in_hand.clear()
        calls = Counter(what.split(" Amazon")[0].split(" DynamoDB")[0] for what in proxy.done.elements())
    return _row(stage, "faults", f"{calls.total() - calls['none']:,} of {calls.total():,} calls broken")


def killed(desk: Desk, watched: bool) -> list[str]:
    """One redrive by workers that die, and its row."""
    chance, ahead = random.Random(7), Ahead()  # noqa: S311
    stage = _stage(desk, ahead, watched)
    deaths = 0
    with _workers() as workers:
        for _ in range(RUNS):
            pid = workers(f"{desk.endpoint} {stage.table.name} {ahead.ms}")
            if deaths < KILLS:
                time.sleep(chance.uniform(*LIVES_S))
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            deaths += workers("") == "killed"
            ahead.ms += LEASE_MS + SECOND_MS
            if not stage.job().state.sending:
                break
            if deaths >= KILLS and watched:
                time.sleep(10)  # what a dead worker had in hand is hidden for two minutes
    return _row(stage, "kill -9", f"{deaths} workers killed")


@contextmanager
def _workers() -> Iterator[Callable[[str], str]]:
    process = subprocess.Popen([sys.executable, str(ROOT / "tests/operations/worker_process.py")],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert process.stdin and process.stdout
    given, said = process.stdin, process.stdout

    def ask(line: str) -> str:
        if line:
            given.write(line + "\n")
            given.flush()
        return said.readline().strip()

    try:
        yield ask
    finally:
        given.close()
        process.wait(30)


def _stage(desk: Desk, clock: Ahead, watched: bool) -> Stage:
    stage = Stage(SESSION.client("sqs", config=READING, endpoint_url=desk.endpoint),
                  SESSION.client("dynamodb", config=STORING, endpoint_url=desk.endpoint), clock, watched=watched)
    stage.die_many([f"message {number}" for number in range(MESSAGES)])
    stage.ask(stage.all_known())
    return stage


def _row(stage: Stage, what: str, how: str) -> list[str]:
    job = stage.job()
    copies = Counter(message["Body"] for message in stage.arrived())
    letters = stage.letters().values()
    lost = sum(1 for one in letters if not one.state.redrivable and not copies[one.body]) + MESSAGES - len(letters)
    unlisted = sum(max(0, copies[one.body] - 1 - one.ambiguous) for one in letters)
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(job.counts.items()))
    return [what, str(next(iter(letters)).custody), how, f"{job.state}: {told}", str(lost),
            f"{copies.total() - len(copies):,}", str(unlisted), f"{sum(one.ambiguous for one in letters):,}"]


def run() -> Report:
    """Both ways, both custodies."""
    def all_of_it(desk: Desk) -> Report:
        rows: Sequence[list[str]] = [act(desk, watched) for act in (killed, broken) for watched in (False, True)]
        return Report(f"{MESSAGES:,} messages, each kind of fault in {EACH:.0%} of the calls",
                      ("", "custody", "", "result", "lost", "duplicates", "unlisted", "listed as ambiguous"), rows,
                      [Target("messages lost", sum(int(row[4]) for row in rows), 0),
                       Target("duplicates that are not listed", sum(int(row[6]) for row in rows), 0)])
    return in_cloud(all_of_it)
