"""A service's log lines as time goes by: every function with its own pace, durations and failures, the same in every
run. What a log group holds is asked for as CloudWatch is asked."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks import line_styles as styles
from benchmarks.line_styles import Call
from store.clock import MINUTE_MS

COLD, FAILED = 0.01, 0.01
"""Shares of invocations: a service that is watched, with two errors that go on."""
ENVIRONMENTS = 4
PAGE = 10_000
VISIBLE_MS = 5_000
"""How long a line takes to be found."""
ERRORS = ("CardDeclined", "ConnectTimeoutError")


@dataclass
class Function:
    """One function: its events so far, oldest first, and its pace in invocations a minute."""

    name: str
    pace: float
    rng: Random
    typical_ms: float = 90.0
    events: list[dict[str, Any]] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def group(self) -> str:
        return f"/aws/lambda/{self.name}"

    def run(self, minute: int) -> None:
        """Let a minute (its start, epoch ms) go by."""
        fresh = [event for _ in range(_poisson(self.rng, self.pace))
                 for event in self.invocation(minute + self.rng.randrange(MINUTE_MS))]
        self.events = sorted([*self.events, *fresh], key=lambda event: event["timestamp"])
        self.times = [event["timestamp"] for event in self.events]

    def forget(self, before: int) -> None:
        """Drop what nobody asks for any more."""
        cut = bisect_left(self.times, before)
        self.events, self.times = self.events[cut:], self.times[cut:]

    def ended_in(self, minute: int) -> int:
        """How many invocations ended in a minute (its start, epoch ms)."""
        found = self.events[bisect_left(self.times, minute):bisect_left(self.times, minute + MINUTE_MS)]
        return sum(event["message"].startswith("REPORT") for event in found)

    def invocation(self, at: int) -> Iterator[dict[str, Any]]:
        """The events of one invocation that begins at `at`."""
        rng = self.rng
        cold = not self.streams or rng.random() < COLD
        if cold:
            self.streams = [f"2026/11/23/[7]{rng.getrandbits(128):032x}", *self.streams][:ENVIRONMENTS]
        stream = self.streams[0] if cold else rng.choice(self.streams)
        failed = rng.random() < FAILED
        call = Call(rng, self.name, f"{rng.getrandbits(32):08x}-0000-4000-8000-{rng.getrandbits(48):012x}", "",
                    at, cold, failed)
        lasted = rng.lognormvariate(math.log(self.typical_ms), 0.6)
        init = f"\tInit Duration: {rng.uniform(180, 260):.2f} ms" if cold else ""
        said = [styles.powertools(call)]
        if failed:
            said.append(styles.uncaught_text(call).replace("CardDeclined", rng.choice(ERRORS)))
        end = at + round(lasted)
        memory = f"Memory Size: 512 MB\tMax Memory Used: {rng.choice((88, 89, 91))} MB"
        lines = [(at, f"START RequestId: {call.request_id} Version: 7\n"), *((end, line) for line in said),
                 (end, f"END RequestId: {call.request_id}\n"),
                 (end, f"REPORT RequestId: {call.request_id}\tDuration: {lasted:.2f} ms\t"
                       f"Billed Duration: {int(lasted) + 1} ms\t{memory}{init}\t\n")]
        for moment, line in lines:
            self.count += 1
            yield {"timestamp": moment, "message": line, "logStreamName": stream, "ingestionTime": moment,
                   "eventId": f"{moment * 10**6 + self.count:056d}"}


def service(functions: int, per_day: float, seed: int = 11) -> list[Function]:
    """So many functions that share so many invocations a day evenly."""
    return [Function(f"orders-service-{number:02d}", per_day / functions / 1_440, Random(seed * 1_000 + number))
            for number in range(functions)]


class CloudWatchLogs:
    """What collectors ask: which groups there are, and what a window of one holds."""

    def __init__(self, functions: list[Function], clock: Any) -> None:
        self.by_group = {one.group: one for one in functions}
        self.clock = clock

    def describe_log_groups(self, logGroupNamePrefix: str) -> dict[str, Any]:  # noqa: N803
        return {"logGroups": [{"logGroupName": name} for name in self.by_group if name.startswith(logGroupNamePrefix)]}

    def filter_log_events(self, logGroupName: str, startTime: int, endTime: int,  # noqa: N803
                          nextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        one = self.by_group[logGroupName]
        last = min(endTime, self.clock() - VISIBLE_MS)
        found = one.events[bisect_left(one.times, startTime):bisect_right(one.times, last)]
        begin = int(nextToken)
        more = {"nextToken": str(begin + PAGE)} if begin + PAGE < len(found) else {}
        return {"events": found[begin:begin + PAGE], **more}


def _poisson(rng: Random, mean: float) -> int:
    """Events of a minute that has `mean` on average."""
    count, waited = 0, rng.expovariate(1.0)
    while waited < mean:
        count += 1
        waited += rng.expovariate(1.0)
    return count
