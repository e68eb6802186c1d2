"""What it costs to keep everything: write and read units of a million invocations, pulled and pushed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

from benchmarks.meter import Meter
from benchmarks.target import Report, Target
from benchmarks.traffic import CloudWatchLogs, Function, service
from collectors import joined, logs
from collectors.events import LogEvent
from collectors.pushed import Push
from collectors.tally import Tally
from store.clients import Clients, Connection
from store.clock import MINUTE_MS
from store.records import Place
from store.settings import Settings

AS_OF, WRITE_DOLLARS, READ_DOLLARS = "2024-11", 0.625e-6, 0.125e-6
"""On demand, us-east-1, a request unit (the list price since that month); a consistent read is a whole unit."""
PLACE = Place("123456789012", "eu-central-1")
BEGAN = 1_795_460_400_000 - 1_795_460_400_000 % 3_600_000 + 3_600_000
FUNCTIONS = 10
PER_DAY = (100_000, 1_000_000)
MEASURED = 1_000_000
"""The pace that is held to the targets: about 69 invocations a minute and function."""
PULLED_MOST, PUSHED_MOST = 30_000, 130_000
BATCH = 10
WARM, MINUTES = 3, 60
"""Minutes before what is measured, and measured: an hour holds everything that is written once an hour."""
AFTER_MS = 7_000
"""How long after the minute the schedule runs."""


class Clock:
    """A clock that is set."""

    now = BEGAN

    def __call__(self) -> int:
        return self.now


def connection(table: Meter, clock: Clock, functions: list[Function]) -> Connection:
    clients = SimpleNamespace(place=PLACE, logs=CloudWatchLogs(functions, clock))
    return Connection(cast(Clients, clients), table, clock, Settings("meter"))


def minutes(functions: list[Function], clock: Clock, table: Meter) -> Iterator[int]:
    """Minute after minute, each with its traffic; what is counted begins anew when it is warm."""
    for number in range(WARM + MINUTES):
        start = BEGAN + (number - WARM) * MINUTE_MS
        for one in functions:
            one.forget(start - 40 * MINUTE_MS)
            one.run(start)
        clock.now = start + MINUTE_MS + AFTER_MS
        if number == WARM:
            table.reset()
        yield number - WARM


def pulled(per_day: int) -> tuple[Meter, int]:
    """An hour, pulled each minute. Returns the meter and how many invocations there were."""
    clock, functions = Clock(), service(FUNCTIONS, per_day)
    table = Meter(clock)
    known = connection(table, clock, functions)
    count = 0
    for minute in minutes(functions, clock, table):
        run = logs.collect(known, lambda: 900_000)
        if run.problems:
            raise RuntimeError(f"the benchmark's own service cannot be read: {run.problems}")
        count += sum(one.ended_in(BEGAN + minute * MINUTE_MS) for one in functions) if minute >= 0 else 0
    return table, count


def pushed(per_day: int) -> tuple[Meter, int]:
    """The same hour, pushed in batches of ten invocations and folded each minute."""
    clock, functions = Clock(), service(FUNCTIONS, per_day)
    table = Meter(clock)
    push = Push(table, clock)
    subscriptions = [Subscription(one) for one in functions]
    count = 0
    for minute in minutes(functions, clock, table):
        start = BEGAN + minute * MINUTE_MS
        for one in subscriptions:
            for batch in one.batches(start):
                push.take(PLACE, batch)
                count += BATCH if minute >= 0 else 0
        joined.fold_pushed(table, PLACE, Tally.begin(PLACE, "logs", clock), lambda: 900_000)
    return table, count


@dataclass
class Subscription:
    """One function's events by stream, as a subscription cuts them: ten invocations to a payload."""

    one: Function
    held: dict[str, list[LogEvent]] = field(default_factory=dict)

    def batches(self, start: int) -> Iterator[list[LogEvent]]:
        """Payloads that are full by the end of a minute (its start, epoch ms)."""
        for event in self.one.events:
            if start <= event["timestamp"] < start + MINUTE_MS:
                stream = event["logStreamName"]
                held = self.held.setdefault(stream, [])
                held.append(LogEvent(event["eventId"], event["timestamp"], event["message"], self.one.group, stream))
                if sum(one.message.startswith("REPORT") for one in held) == BATCH:
                    yield self.held.pop(stream)


def run() -> Report:
    rows, targets = [], []
    for way, measure, most in (("pulled", pulled, PULLED_MOST), ("pushed", pushed, PUSHED_MOST)):
        for per_day in PER_DAY:
            meter, count = measure(per_day)
            writes, reads = (1e6 * sum(units.values()) / count for units in (meter.written, meter.read))
            rows.append([f"{way}, {per_day:,} a day", f"{writes:,.0f}", f"{reads:,.0f}",
                         f"${writes * WRITE_DOLLARS + reads * READ_DOLLARS:.3f}", _shares(meter.written, count)])
            if per_day == MEASURED:
                targets.append(Target(f"write units a million invocations, {way}", writes, most))
    return Report(f"Keeping everything, {FUNCTIONS} functions, a million invocations (prices of {AS_OF})",
                  ["", "write units", "read units", "dollars", "of which"], rows, targets)


def _shares(units: Counter[str], count: int) -> str:
    return ", ".join(f"{kind} {1e6 * number / count:,.0f}" for kind, number in units.most_common(9))
