"""Histories of a log group: invocations begin and end, lines come late, filters push, lose and are switched off,
collectors pull, run at once and die between any two writes. At the end, what was counted is compared with a straight
count of everything that was logged."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from collectors import logs
from collectors.deliveries import deliver
from collectors.events import LogEvent
from collectors.pushed import Push
from store import minutes, rollups
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to
from store.errors import LamplightError
from store.records import Status
from store.rollups import Rollup
from store.table import Table
from tests.builders import PLACE, FakeClock
from tests.collectors.fakes import FakeLogs, connection, refusal
from tests.collectors.memory import Fault, Killed, MemoryTable
from tests.collectors.payload_stories import CONTROL, document, kinesis, payload
from tests.collectors.stories import end, fold, report, start

GROUP = "/aws/lambda/orders"
TROUBLE = "[ERROR] KeyError: 'sku'\nTraceback (most recent call last):\n  File \"/var/task/app.py\", line 3, in handler"
INIT = "INIT_START Runtime Version: python:3.12.v43\tRuntime Version ARN: arn:aws:lambda:::runtime:36ae"
BEGAN = 1_795_477_500_000
"""2026-11-23 23:45 UTC: a history crosses an hour and a day."""
POISON = payload({"messageType": "NEW"})
GONE_MS = 7 * MINUTE_MS
"""Shorter, and a filter that was off is not noticed: CloudWatch keeps one off for ten minutes."""


class ThrottledLogs(FakeLogs):
    """Refuses now and then, and lets something else happen in the middle of a reading."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(page_size=4)
        self.chance = chance
        self.throttles = 0.0
        self.meanwhile: Callable[[], object] | None = None

    def filter_log_events(self, *asked: Any, **more: Any) -> dict[str, Any]:
        if self.chance.random() < self.throttles:
            raise refusal("ThrottlingException", "FilterLogEvents")
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return super().filter_log_events(*asked, **more)


class History:
    """One history on one table. With `faulty`, the table is a MemoryTable that fails and kills."""

    def __init__(self, chance: random.Random, table: Table, clock: FakeClock, faulty: bool) -> None:
        self.chance, self.table, self.clock, self.faulty = chance, table, clock, faulty
        self.clock.now = BEGAN
        self.logs = ThrottledLogs(chance)
        self.connection = connection(table, clock=clock, logs=self.logs)  # type: ignore[arg-type]
        self.push = Push(table, clock)
        self.streams: dict[str, list[LogEvent]] = {}
        self.open: dict[str, tuple[str, int]] = {}
        """The request that runs in each stream, and when it began."""
        self.unsent: list[list[LogEvent]] = []
        """Runs of one stream's events. CloudWatch sends within seconds: what lies a minute apart is never in one."""
        self.sent: list[str] = []
        self.late: list[tuple[int, dict[str, Any]]] = []
        """Events that a pull does not find before a time."""
        self.pulled, self.pushed = chance.choice([(True, True), (True, True), (True, False), (False, True)])
        """What is not pulled cannot be read otherwise than pushed, and the reverse."""
        off = self.pulled and self.pushed and chance.random() < 0.3
        self.filter_off_at: int | None = BEGAN if off else None
        self.kills = self.faults = 0

    def all_of(self, steps: int) -> History:
        """So many steps, and then rest."""
        self.play(steps)
        self.rest()
        return self

    def play(self, steps: int) -> None:
        """So many steps, whatever breaks in them; then nothing breaks any more."""
        acts = [self.begin, self.begin, self.finish, self.finish, self.deliver, self.deliver, self.deliver_again,
                self.pull, self.pull, self.pull_twice_at_once, self.wait, self.wait_long, self.switch]
        for _ in range(steps):
            self._break()
            try:
                self.chance.choice(acts)()
            except Killed:
                self.kills += 1
                self.push = Push(self.table, self.clock)
            except LamplightError:
                self.faults += 1
        self._mend()

    def begin(self) -> None:
        """An invocation starts, in an environment that is free or a new one."""
        free = [name for name in self.streams if name not in self.open]
        fresh = not free or self.chance.random() < 0.4
        stream = f"2026/11/23/[7]{len(self.streams):032d}" if fresh else self.chance.choice(free)
        who = f"{sum(map(len, self.streams.values())):08d}-0000-4000-8000-{len(self.streams):012d}"
        self._say(stream, *([INIT] if fresh and self.chance.random() < 0.5 else []), start(who, "7"))
        self.open[stream] = who, self.clock()

    def finish(self) -> None:
        """An invocation ends, well or with an error."""
        if self.open:
            stream = self.chance.choice(sorted(self.open))
            who, began = self.open.pop(stream)
            cold = "Init Duration: 250.00 ms\t" if self.streams[stream][0].message == INIT and began == self.streams[
                stream][0].timestamp else ""
            self._say(stream, *([TROUBLE] if self.chance.random() < 0.4 else []), end(who),
                      report(who, self.clock() - began + 1.0, cold))

    def deliver(self) -> None:
        """Some of what a stream was not sent yet, in one payload; it stays to be sent when that fails."""
        if self.unsent:
            events = self.chance.choice(self.unsent)
            count = self.chance.randint(1, len(events))
            self._hand_over(payload(document(events[:count])))
            del events[:count]
            self.unsent = [one for one in self.unsent if one]

    def deliver_again(self) -> None:
        """A payload a second time, or events that were sent, cut elsewhere."""
        if self.sent and self.pushed:
            stream = self.chance.choice(sorted(self.streams))
            events = self.streams[stream]
            low = self.chance.randrange(len(events))
            near = [one for one in events[low:] if one.timestamp < events[low].timestamp + MINUTE_MS]
            cut = payload(document(near[:self.chance.randint(1, len(near))]))
            sent = self.chance.choice(self.sent)
            self._hand_over(self.chance.choice([sent, cut]) if self.filter_off_at is None else sent)

    def pull(self) -> None:
        """A run of the collector, with time for all or for little."""
        left = [self.chance.choice([120_000, 120_000, 13_000])]

        def time_left() -> int:
            left[0] -= 100
            return left[0]

        logs.collect(self.connection, time_left)

    def pull_twice_at_once(self) -> None:
        self.logs.meanwhile = self.pull
        self.pull()

    def wait(self) -> None:
        for stream in [name for name, (_, began) in self.open.items() if self.clock() - began > 9 * MINUTE_MS]:
            who, began = self.open.pop(stream)
            self._say(stream, end(who), report(who, self.clock() - began + 1.0))
        self._pass(self.chance.choice([500, MINUTE_MS, MINUTE_MS, 4 * MINUTE_MS]))

    def wait_long(self) -> None:
        """Nothing happens for longer than a silence is, or than a minute is looked at by itself."""
        if self.chance.random() < 0.3:
            while self.open:
                self.finish()
            self._pass(25 * MINUTE_MS)

    def switch(self) -> None:
        """The filter is disabled, and what is logged meanwhile never comes; or it is back."""
        if self.filter_off_at is None:
            self.filter_off_at = self.clock() if self.pulled and self.pushed else None
        elif self.clock() - self.filter_off_at > GONE_MS:
            self.filter_off_at = None

    def rest(self) -> None:
        """All end, all that is to be pushed comes, and collectors run until nothing more can come of it."""
        while self.open:
            self.finish()
        while self.unsent:
            self.deliver()
        for minute in (1, 1, 7, 1, 1, 1, 1, 20):
            self._pass(minute * MINUTE_MS)
            logs.collect(self.connection, lambda: 120_000)

    def assert_counted(self) -> None:
        """What is counted, at every level, is what was logged."""
        wanted = self._straight()
        first, last = BEGAN - DAY_MS, self.clock() + DAY_MS
        found = {one.start: one for one in minutes.between(self.table, PLACE, "orders", first, last)}
        assert {at: Counter(one.by_status) for at, one in found.items()} == wanted
        for one in found.values():
            assert one.duration.n == one.invocations == sum(one.by_status.values())
        for span_ms, read in ((HOUR_MS, rollups.hours), (DAY_MS, rollups.days)):
            assert _summed(read(self.table, PLACE, "orders", first, last)) == _by(found.values(), span_ms)
        assert _summed(rollups.fleet(self.table, PLACE, BEGAN - HOUR_MS, self.clock() + HOUR_MS)) == _by(
            found.values(), HOUR_MS)

    def _straight(self) -> dict[int, Counter[str]]:
        wanted: dict[int, Counter[str]] = {}
        for events in self.streams.values():
            for one in fold(events).closed():
                assert one.status is not Status.OPEN
                wanted.setdefault(floor_to(one.ended_at or 0, MINUTE_MS), Counter())[str(one.status)] += 1
        return wanted

    def _say(self, stream: str, *lines: str) -> None:
        """Lines of one millisecond. An environment does not start another invocation in that of an end."""
        self._pass(1)
        found_at = self.clock() + self.chance.choice([0, 0, 0, 4 * MINUTE_MS])
        for line in lines:
            told = self.streams.setdefault(stream, [])
            event = LogEvent(f"{self.clock()}-{stream[-4:]}-{len(told):04d}", self.clock(), line, GROUP, stream)
            told.append(event)
            if self.pulled:
                self.late.append((found_at, {"timestamp": event.timestamp, "message": line, "logStreamName": stream,
                                             "eventId": event.id}))
            if self.pushed and self.filter_off_at is None:
                last = next((one for one in self.unsent if one[0].log_stream == stream and
                             one[-1].timestamp > event.timestamp - MINUTE_MS), None)
                if last is None:
                    self.unsent.append([event])
                else:
                    last.append(event)

    def _pass(self, ms: int) -> None:
        self.clock.advance(ms)
        found = [event for at, event in self.late if at <= self.clock()]
        self.late = [one for one in self.late if one[0] > self.clock()]
        self.logs.groups.setdefault(GROUP, []).extend(found)

    def _hand_over(self, data: str) -> None:
        """One batch of a shard; Lambda gives it until nothing of it fails. Raises Killed, and so it comes again."""
        waiting = kinesis([*self.chance.sample([POISON, payload(CONTROL)], self.chance.randint(0, 1)), data])["Records"]
        if self.filter_off_at is None:
            self.sent.append(data)
        while waiting:
            failed = deliver(self.connection, self.push, {"Records": waiting})["batchItemFailures"]
            numbers = [one["kinesis"]["sequenceNumber"] for one in waiting]
            waiting = waiting[numbers.index(failed[0]["itemIdentifier"]):] if failed else []

    def _break(self) -> None:
        if self.faulty and isinstance(self.table, MemoryTable):
            self.table.writes_left = self.chance.choice([None, None, None, self.chance.randint(0, 12)])
            self.table.faults = iter(self.chance.choices([None, *Fault], [8, 1, 1], k=self.chance.choice([0, 30])))
            self.logs.throttles = self.chance.choice([0.0, 0.0, 0.2])

    def _mend(self) -> None:
        self.logs.throttles, self.logs.meanwhile = 0.0, None
        if isinstance(self.table, MemoryTable):
            self.table.writes_left, self.table.faults = None, iter(())


def _by(found: Any, span_ms: int) -> dict[int, tuple[int, int, int]]:
    sums: dict[int, tuple[int, int, int]] = {}
    for one in found:
        at = floor_to(one.start, span_ms)
        runs, failures, colds = sums.get(at, (0, 0, 0))
        sums[at] = runs + one.invocations, failures + one.failures, colds + one.cold_starts
    return sums


def _summed(found: Iterator[Rollup]) -> dict[int, tuple[int, int, int]]:
    return {one.start: (one.invocations, one.failures, one.cold_starts) for one in found}
