"""The collector as a process, killed with SIGKILL at every write it makes, before it went out and after it was
answered, while another one runs as well. Whoever runs next leaves the straight count."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from store import error_groups, minutes
from store.clock import HOUR_MS, MINUTE_MS, wall_clock
from store.table import Table
from tests.builders import PLACE
from tests.collectors.log_histories import TROUBLE
from tests.collectors.stories import end, report, start
from tests.fault_proxy import FaultProxy
from tests.tables import create_table

pytestmark = pytest.mark.cloud
ROOT = Path(__file__).parents[2]
SESSION = boto3.Session("test", "test", region_name=PLACE.region)
WRITES = ("PutItem", "UpdateItem", "BatchWriteItem", "DeleteItem")
MOST_STEPS = 60


class Collectors:
    """The process that forks collectors."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("collector_process.py"))],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                                        env={**os.environ, "PYTHONPATH": str(ROOT)})

    def start(self, *where: str) -> int:
        return int(self._ask(" ".join(where)))

    def ending(self) -> str:
        """How the oldest that runs ended."""
        return self._ask("wait")

    def stop(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    def _ask(self, line: str) -> str:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


class Executioner:
    """Kills the collector of this pid when the n-th write passes the proxy, before it or after."""

    def __init__(self) -> None:
        self.left, self.pid, self.known = -1, 0, threading.Event()

    def expect(self, step: int) -> None:
        self.left = step
        self.known.clear()

    def is_known(self, pid: int) -> None:
        self.pid = pid
        self.known.set()

    def watch(self, step: str, _: bytes) -> None:
        if step.rpartition(".")[2] in WRITES:
            self.left -= 1
            if self.left == -1 and self.known.wait(10):
                os.kill(self.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def collectors() -> Iterator[Collectors]:
    started = Collectors()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def logged(ministack_endpoint: str) -> Iterator[tuple[str, dict[str, Counter[str]]]]:
    """A prefix of two log groups with invocations of the last ten minutes, and how many of which status they are."""
    prefix, client = f"/aws/lambda/k{uuid.uuid4().hex[:8]}-", SESSION.client("logs", endpoint_url=ministack_endpoint)
    wanted: dict[str, Counter[str]] = {}
    for name in ("orders", "cart"):
        client.create_log_group(logGroupName=prefix + name)
        for number in range(6):
            who, at = f"{number:08d}-0000-4000-8000-000000000000", wall_clock() - (number + 1) * 90_000
            stream, failed = f"2026/11/23/[7]{number:032d}", number % 3 == 0
            said = [start(who, "7"), *([TROUBLE] if failed else []), end(who), report(who, 5.0)]
            client.create_log_stream(logGroupName=prefix + name, logStreamName=stream)
            client.put_log_events(logGroupName=prefix + name, logStreamName=stream, logEvents=[
                {"timestamp": at + line, "message": text} for line, text in enumerate(said)])
            wanted.setdefault((prefix + name).removeprefix("/aws/lambda/"), Counter())["error" if failed else "ok"] += 1
    yield prefix, wanted
    client.close()


def counted(table: Table, function: str) -> Counter[str]:
    now, found = wall_clock(), Counter[str]()
    for one in minutes.between(table, PLACE, function, now - HOUR_MS, now + MINUTE_MS):
        found += Counter(one.by_status)
    return found


@pytest.mark.parametrize("another", [False, True], ids=["alone", "beside another"])
def test_a_collector_killed_at_any_write_leaves_the_straight_count_to_the_next(
        collectors: Collectors, ministack_endpoint: str, logged: tuple[str, dict[str, Counter[str]]], another: bool):
    prefix, wanted = logged
    client: Any = SESSION.client("dynamodb", endpoint_url=ministack_endpoint)
    executioner = Executioner()
    endings: list[str] = []
    with FaultProxy(ministack_endpoint, watch=executioner.watch) as proxy:
        while not endings or endings[-1] == "killed":
            name = f"killed-{uuid.uuid4().hex[:12]}"
            create_table(client, name)
            executioner.expect(len(endings) * (4 if another else 1))
            executioner.is_known(collectors.start(proxy.endpoint, ministack_endpoint, name, prefix))
            if another:
                collectors.start(ministack_endpoint, ministack_endpoint, name, prefix)
            endings.append(collectors.ending())
            assert not another or collectors.ending() == "ended 0"
            collectors.start(ministack_endpoint, ministack_endpoint, name, prefix)
            assert collectors.ending() == "ended 0"
            table = Table(client, name, wall_clock)
            assert {function: counted(table, function) for function in wanted} == wanted, len(endings)
            assert {one.error_type for one in error_groups.of_place(table, PLACE)} == {"KeyError"}
            assert len(endings) < MOST_STEPS
    client.close()
    assert another or len(endings) > 10, "these are not all the writes of a run"
    assert endings[-1] == "ended 0"
