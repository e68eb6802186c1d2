"""Fakes of AWS clients that page, throttle and refuse as the real ones do, and a connection around them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError

from collectors import logs
from collectors.tally import TimeLeft
from store import readings, rollups
from store.clients import Clients, Connection
from store.clock import DAY_MS
from store.records import CollectorRun
from store.settings import Settings
from store.table import Table
from tests.builders import NOW, PLACE, FakeClock
from tests.collectors.memory import MemoryTable

PLENTY_MS = 120_000


def refusal(code: str, operation: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeLogs:
    """Log groups as lists of events. Every page but the last of a window is followed by an empty one."""

    def __init__(self, page_size: int = 3) -> None:
        self.groups: dict[str, list[dict[str, Any]]] = {}
        self.refused: dict[str, ClientError] = {}
        self.page_size = page_size
        self.asked: list[str] = []
        self._ids = 0

    def put(self, group: str, stream: str, *lines: tuple[int, str], ids: bool = True) -> None:
        for at, message in lines:
            self._ids += 1
            event = {"timestamp": at, "message": message, "logStreamName": stream, "eventId": f"id-{self._ids:05d}"}
            if not ids:
                del event["eventId"]
            self.groups.setdefault(group, []).append(event)

    def describe_log_groups(self, logGroupNamePrefix: str, nextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        names = sorted(name for name in {*self.groups, *self.refused} if name.startswith(logGroupNamePrefix))
        at = int(nextToken)
        answer: dict[str, Any] = {"logGroups": [{"logGroupName": name} for name in names[at:at + 1]]}
        return answer | ({"nextToken": str(at + 1)} if at + 1 < len(names) else {})

    def filter_log_events(self, logGroupName: str, startTime: int, endTime: int,  # noqa: N803
                          nextToken: str = "0/full") -> dict[str, Any]:  # noqa: N803
        self.asked.append(logGroupName)
        if logGroupName in self.refused:
            raise self.refused[logGroupName]
        found = [event for event in self.groups.get(logGroupName, []) if startTime <= event["timestamp"] <= endTime]
        found.sort(key=lambda event: event["timestamp"])
        at, _, kind = nextToken.partition("/")
        start = int(at)
        if kind == "empty":
            return {"events": [], "nextToken": f"{start}/full"}
        end = start + self.page_size
        more = {"nextToken": f"{end}/empty"} if end < len(found) else {}
        return {"events": found[start:end], **more}


def connection(table: MemoryTable | None = None, settings: Settings | None = None, clock: FakeClock | None = None,
               **clients: Any) -> Connection:
    clock = clock or FakeClock(NOW)
    table = table or MemoryTable(clock)
    made = SimpleNamespace(place=PLACE, **clients)
    return Connection(cast(Clients, made), table, clock, settings or Settings("memory"))


def plenty() -> int:
    return PLENTY_MS


REQUEST = "8f507cfc-0000-4697-b07a-{:012d}"


def run_of(number: int, at: int, *said: tuple[int, str], duration_ms: float = 100.0) -> list[tuple[int, str]]:
    """The lines of one invocation that begins at `at` (epoch ms)."""
    request = REQUEST.format(number)
    end = at + round(duration_ms)
    return [
        (at, f"START RequestId: {request} Version: 7\n"), *said,
        (end, f"END RequestId: {request}\n"),
        (end, f"REPORT RequestId: {request}\tDuration: {duration_ms:.2f} ms\tBilled Duration: {round(duration_ms)} ms\t"
              "Memory Size: 256 MB\tMax Memory Used: 91 MB\t\n"),
    ]


GROUP = "/aws/lambda/orders-fulfil"
STREAM = "2026/11/23/[7]aaaabbbbccccddddeeeeffff00001111"
PRINTED = ("[ERROR] KeyError: 'sku'\nTraceback (most recent call last):\n"
           "  File \"/var/task/app.py\", line 3, in handler\n")


class World:
    """A table, a clock and a fake of CloudWatch Logs."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.table = MemoryTable(self.clock)
        self.logs = FakeLogs()

    def collect(self, time_left: TimeLeft = plenty) -> CollectorRun:
        return logs.collect(connection(self.table, clock=self.clock, logs=self.logs), time_left)

    def counted(self, function: str = "orders-fulfil") -> int:
        found = rollups.days(self.table, PLACE, function, NOW - 2 * DAY_MS, NOW + DAY_MS)
        return sum(rollup.invocations for rollup in found)


def position_of(table: Table, group: str) -> int | None:
    """From where a log group is read on, epoch ms."""
    return next((one.position for one in readings.of_collector(table, PLACE, "logs") if one.source == group), None)
