"""Pull: every log group that is not pushed, from its checkpoint to now.

A window begins `OVERLAP_MS` before the checkpoint, on a whole minute; the checkpoint stays `OVERLAP_MS` behind what
was read and before the start of every invocation still open. So an event may arrive up to ten minutes late and is
still read, an invocation is always read whole, and reading again changes no count (`ledger`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors import log_events
from collectors.ledger import Ledger, settle
from collectors.log_groups import discovered
from collectors.log_window import LONGEST_MS, LogWindow
from collectors.pushed_groups import PushedGroups, fold_all
from collectors.reconcile import reconcile
from collectors.sightings import Sightings
from collectors.tally import STOP_MS, Tally, TimeLeft
from store import functions, health, readings
from store.clients import Connection
from store.clock import DAY_MS, MINUTE_MS, floor_to
from store.readings import SourceReading
from store.records import CollectorRun, FunctionInfo, Place, Unrecognised
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

OVERLAP_MS = 5 * MINUTE_MS
"""Lambda's log lines are usually seconds late, now and then minutes."""
FIRST_READ_MS = DAY_MS
"""A group seen for the first time is read one day back: what the first screen shows."""
IDLE_MS = 30 * MINUTE_MS
"""A silent group's checkpoint moves this seldom: its window holds nothing, so its length costs nothing."""
ENTER_AT = 5_000
"""Invocations held before they are entered: few writes an hour of history, little memory."""
KEPT_UNRECOGNISED = 50
"""Samples kept per group and run; every unreadable line is counted."""
SAVE_MS = 20_000
"""How often a long run writes what it has counted: killed, it is as much that is read again."""


def collect(connection: Connection, time_left_ms: TimeLeft) -> CollectorRun:
    """Read every group, the one read least far first, until all are read or time is nearly up; the rest come first
    next time. What cannot be read is a problem of the run. Raises StoreError when the table cannot be used."""
    table, place = connection.table, connection.place
    tally = Tally.begin(place, "logs", connection.clock)
    run = _Run(table, place, connection.clients.logs, tally, time_left_ms)
    positions = run.load()
    with tally.going_on("outcomes of redrives"):
        run.sightings = Sightings.load(table, place)
    groups: list[str] = []
    with tally.going_on() as discovery:
        groups = discovered(connection.clients.logs, connection.settings.log_group_prefixes)
    with tally.going_on("pushed logs"):
        fold_all(table, place, tally, time_left_ms)
        groups = run.leave_pushed(groups, positions)
    run.begin()
    waiting = sorted(groups, key=lambda group: positions.get(group, 0))
    while waiting and time_left_ms() > STOP_MS:
        group = waiting.pop(0)
        # A fair share of what is left, so that one busy group does not take it all from the others.
        stop_at = STOP_MS + (time_left_ms() - STOP_MS) * len(waiting) // (len(waiting) + 1)
        seen = positions.get(group)
        with tally.going_on(group) as going:
            run.read(group, seen, stop_at)
        run.tell(group, seen, going.told)
        run.save(SAVE_MS)
    for group in waiting:
        run.tell(group, positions.get(group), "not reached in the last run")
    if waiting:
        tally.problem(f"No time was left for {len(waiting):,} log groups; they come first in the next run.")
        tally.lag(tally.clock() - positions.get(waiting[0], tally.clock() - FIRST_READ_MS))
    with tally.going_on("the comparison with CloudWatch's metrics"):
        reconcile(table, place, tally, time_left_ms, run.reread)
    run.save(every=discovery.told is None)
    finished = tally.run()
    health.put_run(table, finished)
    return finished


@dataclass
class _Run:
    table: Table
    place: Place
    logs: CloudWatchLogsClient
    tally: Tally
    time_left_ms: TimeLeft
    sightings: Sightings = field(default_factory=Sightings)
    ledger: Ledger = field(init=False)
    readings: dict[str, SourceReading] = field(default_factory=dict)
    _seen: dict[str, int | None] = field(default_factory=dict)
    _moved: dict[str, int] = field(default_factory=dict)
    _saved_at: int = 0
    _reached: tuple[int, int] | None = None
    """Up to when the group in hand is read, and how many events that were; None while it is not."""

    def load(self) -> dict[str, int]:
        """From where each group is to be read on (epoch ms); one never read is not in it. Raises StoreError."""
        self._seen = {one.source: one.position for one in readings.of_collector(self.table, self.place, "logs")}
        return {group: position for group, position in self._seen.items() if position is not None}

    def begin(self) -> None:
        """Write what is over since the last run, then count on. Raises StoreError."""
        self._saved_at = self.tally.clock()
        self.ledger = Ledger.open(self.table, self.place)
        settle(self.ledger, self.tally, self.time_left_ms)

    def save(self, older_than_ms: int = 0, every: bool = False) -> None:
        """Write what was counted, then how far each group is read: in this order, so that nothing is passed by."""
        if self.tally.clock() - self._saved_at < older_than_ms:
            return
        self._saved_at = self.tally.clock()
        with self.tally.going_on("what was read"):
            self.tally.wrote += self.ledger.close()
            for group in readings.put(self.table, self.place, "logs", self.readings.values(), self._seen, every):
                self.tally.problem(f"{group}: another run was reading it at the same time; its checkpoint stands.")
            self._seen |= {group: one.position for group, one in self.readings.items()}

    def leave_pushed(self, groups: list[str], positions: Mapping[str, int]) -> list[str]:
        """Leave pushed groups to push. Returns the rest. One never pulled is in it: a new group is read a day back."""
        pulled = {group: positions[group] for group in groups if group in positions}
        left = PushedGroups.load(self.table, self.place).left(pulled, self.sightings, self.tally.clock())
        for group, go_on_at in left.items():
            if go_on_at - pulled[group] >= IDLE_MS:
                self._moved[group] = go_on_at
            self._reached = go_on_at + LONGEST_MS, 0
            self.tell(group, pulled[group], None)
        return [group for group in groups if group not in left]

    def read(self, group: str, seen: int | None, stop_at: int) -> None:
        """Read one group until `time_left_ms` falls to `stop_at`, at least one page."""
        now = self.tally.clock()
        window = LogWindow(self.place, group, _start(seen, now))
        reached, whole = window.start, True
        for page in log_events.pages(self.logs, group, window.start, now):
            window.feed(page)
            reached = page[-1].timestamp if page else reached
            if len(window.closed) >= ENTER_AT:
                self._enter(window)
            if self.time_left_ms() <= stop_at:
                whole = False
                break
        reached = now if whole else reached
        self._reached = reached, window.read
        window.end(reached)
        self._enter(window)
        self.tally.wrote += window.sums.write(self.table, self.place, window.start, None if whole else reached)
        self._tell_lost(window.lost)
        self.tally.read += window.read
        self.tally.lag(now - reached)
        self._advance(group, seen, window, reached, OVERLAP_MS if whole else 0)

    def reread(self, group: str, start: int, end: int) -> None:
        """Read a group's window [start, end] (epoch ms) once more, whatever its checkpoint says."""
        window = LogWindow(self.place, group, start)
        for page in log_events.pages(self.logs, group, start, end):
            window.feed(page)
            if len(window.closed) >= ENTER_AT:
                self._enter(window)
            if self.time_left_ms() <= STOP_MS:
                break
        window.end(end)
        self._enter(window)
        self.tally.read += window.read

    def tell(self, group: str, seen: int | None, problem: str | None) -> None:
        """Note how far a group is read, whether or not this run got to it."""
        reached, events = self._reached or (seen, 0)
        position = self._moved.get(group, seen)
        self.readings[group] = SourceReading(group, reached, self.tally.clock(), events, problem, position)
        self._reached = None

    def _enter(self, window: LogWindow) -> None:
        for function, closed in window.take().items():
            timeout_s = self._known(function, window.group).timeout_s
            self.tally.wrote += self.ledger.enter(function, closed, timeout_s)
            self.tally.wrote += self.sightings.settle(self.table, function, closed)
            self.tally.wrote += self.sightings.explain(self.table, self.place, function, closed)

    def _known(self, function: str, group: str) -> FunctionInfo:
        """The function as configured; one known by its logs alone is entered as such."""
        info = functions.get(self.table, self.place, function)
        if info is None:
            info = FunctionInfo(self.place, function, group)
            functions.put(self.table, info)
        return info

    def _tell_lost(self, lost: list[Unrecognised]) -> None:
        self.tally.unrecognised += len(lost)
        for one in lost[:KEPT_UNRECOGNISED]:
            health.put_unrecognised(self.table, replace(one, at=one.at or self.tally.started_at))

    def _advance(self, group: str, seen: int | None, window: LogWindow, reached: int, overlap: int) -> None:
        held = window.held_back(reached)
        oldest_open = reached if held is None else held
        position = min(reached - overlap, oldest_open)
        if seen is not None:
            if not window.read and position - seen < IDLE_MS:
                return
            position = max(position, min(seen, oldest_open))  # back only to what is still open
        self._moved[group] = position


def _start(seen: int | None, now: int) -> int:
    return floor_to(now - FIRST_READ_MS if seen is None else seen - OVERLAP_MS, MINUTE_MS)


