"""Pull: every log group that is not pushed, from its checkpoint to now.

The checkpoint stays `LATE_MS` behind what was read and before the start of every invocation still open; a window begins
there, on a whole minute. So an event may arrive up to ten minutes late and is still read, an invocation is always read
whole, and reading again changes no count (`ledger`). A window that is cut short goes on where it stopped; once it has
come to its end, the next one begins at the checkpoint again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collectors import failed_inits, log_events, noticing
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
from store.errors import StoreError
from store.live import Seen
from store.readings import SourceReading
from store.records import CollectorRun, FunctionInfo, Invocation, Place, Unrecognised
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

LATE_MS = 10 * MINUTE_MS
"""Lambda's log lines are usually seconds late, now and then minutes."""
FIRST_READ_MS = DAY_MS
"""A group seen for the first time is read one day back: what the first screen shows."""
ENTER_AT = 5_000
"""Invocations held before they are entered: few writes an hour of history, little memory."""
KEPT_UNRECOGNISED = 50
"""Samples kept per group and run; every unreadable line is counted."""
SAVE_MS = 20_000
"""How often a long run writes what it has counted: killed, it is as much that is read again."""
KEPT_BACK = 10
"""A tenth of the time is for what comes after the reading: the comparison with CloudWatch's metrics."""
NOT_REACHED = "not reached in the last run"


def collect(connection: Connection, time_left_ms: TimeLeft) -> CollectorRun:
    """Read every group, each within its share of the time, then on in those that hold more, until all are read or
    time is nearly up; the rest come first next time. What cannot be read is a problem of the run. Raises StoreError
    when the table cannot be used."""
    table, place = connection.table, connection.place
    tally = Tally.begin(place, "logs", connection.clock)
    run = _Run(table, place, connection.clients.logs, tally, time_left_ms)
    run.load()
    with tally.going_on("outcomes of redrives"):
        run.sightings = Sightings.load(table, place)
    groups = list(run.standing)
    with tally.going_on() as discovery:
        groups = run.discover(connection.settings.log_group_prefixes)
    with tally.going_on("pushed logs"):
        fold_all(table, place, tally, time_left_ms)
        groups = run.leave_pushed(groups)
    run.begin()
    waiting = deque(sorted(groups, key=run.turn))
    stops_at = STOP_MS + max(0, time_left_ms() - STOP_MS) // KEPT_BACK
    while waiting and time_left_ms() > stops_at:
        group = waiting.popleft()
        # A fair share of what is left, so that one busy group does not take it all from the others.
        stop_at = stops_at + (time_left_ms() - stops_at) * len(waiting) // (len(waiting) + 1)
        with tally.going_on(group) as going:
            if not run.read(group, stop_at):
                waiting.append(group)
        run.tell(group, going.told)
        run.save(SAVE_MS)
    run.leave(waiting)
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
    standing: dict[str, SourceReading] = field(default_factory=dict)
    """How far each group was read when the run began, and from then on."""
    _told: dict[str, SourceReading] = field(default_factory=dict)
    _seen: dict[str, int | None] = field(default_factory=dict)
    _inventory: dict[str, FunctionInfo] = field(default_factory=dict)
    _saved_at: int = 0

    def load(self) -> None:
        """Raises StoreError."""
        self.standing = {one.source: one for one in readings.of_collector(self.table, self.place, "logs")}
        self._seen = {group: one.position for group, one in self.standing.items()}
        self._inventory = {info.name: info for info in functions.of_place(self.table, self.place)}

    def discover(self, prefixes: tuple[str, ...]) -> list[str]:
        """Groups under the prefixes, and those that functions under them log to instead of their own."""
        custom = {info.log_group for info in self._inventory.values()
                  if f"/aws/lambda/{info.name}".startswith(prefixes) and not info.log_group.startswith(prefixes)}
        found = discovered(self.logs, prefixes)
        return found + [group for group in discovered(self.logs, sorted(custom)) if group in custom]

    def turn(self, group: str) -> tuple[int, int]:
        """What comes first: what there was no time for, then what is read least far; what failed comes last, because
        it may take long to fail again."""
        one = self.standing.get(group)
        if one is None or one.problem is None:
            return 1, (one.reached_at or 0) if one else 0
        return (0 if one.problem == NOT_REACHED else 2), one.reached_at or 0

    def begin(self) -> None:
        """Write what is over since the last run, then count on. Raises StoreError."""
        self._saved_at = self.tally.clock()
        self.ledger = Ledger.open(self.table, self.place)
        settle(self.ledger, self.tally, self.time_left_ms)

    def save(self, older_than_ms: int = 0, every: bool = False) -> None:
        """Write what was counted, and how far each group is read: together, so that nothing is passed by."""
        if self.tally.clock() - self._saved_at < older_than_ms:
            return
        self._saved_at = self.tally.clock()
        with self.tally.going_on("what was read"):
            lost: list[str] = []
            told = readings.changes(self.table, self.place, "logs", self._told.values(), self._seen, lost, every)
            self.tally.wrote += self.ledger.close(told)
            for group in sorted(set(lost)):
                self.tally.problem(f"{group}: another run was reading it at the same time; its checkpoint stands.")
            self._seen |= {group: one.position for group, one in self._told.items()}

    def leave_pushed(self, groups: list[str]) -> list[str]:
        """Leave pushed groups to push. Returns the rest. One never pulled is in it: a new group is read a day back."""
        pulled = {group: one.position for group in groups
                  if (one := self.standing.get(group)) is not None and one.position is not None}
        left = PushedGroups.load(self.table, self.place).left(pulled, self.sightings, self.tally.clock())
        for group, go_on_at in left.items():
            self._note(SourceReading(group, go_on_at + LONGEST_MS, self.tally.clock(), 0, None,
                                     max(pulled[group], go_on_at)))
        return [group for group in groups if group not in left]

    def leave(self, waiting: Iterable[str]) -> None:
        """Say of which groups nothing was read, and of which not all."""
        cut = {group for group in waiting if group in self._told}
        unread = [group for group in waiting if group not in cut]
        for group in unread:
            before = self.standing.get(group) or SourceReading(group, None, 0)
            self.tally.lag(self.tally.clock() - (before.reached_at or self.tally.clock() - FIRST_READ_MS))
            self._note(replace(before, tried_at=self.tally.clock(), events=0, problem=NOT_REACHED))
        if unread:
            self.tally.problem(f"No time was left for {len(unread):,} log groups; they come first in the next run.")
        if cut:
            self.tally.problem(f"{len(cut):,} log groups hold more than there was time to read; the next run goes on. "
                               "If that stays, have them pushed: `python -m collectors subscriptions add`.")

    def read(self, group: str, stop_at: int) -> bool:
        """Read one group until `time_left_ms` falls to `stop_at`, at least one page. Returns whether that was all of
        it. Raises StoreError when it was refused; what came before that is counted."""
        now = self.tally.clock()
        window = LogWindow(self.place, group, _start(self.standing.get(group), now))
        reached, whole, refused = window.start, True, None
        pages = log_events.pages(self.logs, group, window.start, now)
        while True:
            try:
                page = next(pages, None)
            except StoreError as error:
                whole, refused = False, error
                break
            if page is None:
                break
            window.feed(page.events)
            reached = page.events[-1].timestamp if page.events else reached
            if len(window.closed) >= ENTER_AT:
                self._enter(window)
            if page.more and self.time_left_ms() <= stop_at:
                whole = False
                break
        if window.read or whole:
            self._finish(window, now if whole else reached, whole, now)
        if refused is not None:
            raise refused
        return whole

    def reread(self, group: str, start: int, end: int) -> None:
        """Read a group's window [start, end] (epoch ms) once more, whatever its checkpoint says."""
        window = LogWindow(self.place, group, start)
        for page in log_events.pages(self.logs, group, start, end):
            window.feed(page.events)
            if len(window.closed) >= ENTER_AT:
                self._enter(window)
            if self.time_left_ms() <= STOP_MS:
                break
        window.end(end)
        self._enter(window)
        self.tally.read += window.read

    def tell(self, group: str, problem: str | None) -> None:
        """Note that a group was tried, and what stood in the way."""
        before = self.standing.get(group) or SourceReading(group, None, 0)
        self._note(replace(before, tried_at=self.tally.clock(), problem=problem,
                           events=before.events if group in self._told else 0))

    def _finish(self, window: LogWindow, reached: int, whole: bool, now: int) -> None:
        """Count what a window held, then move its group's checkpoint."""
        window.end(reached)
        self._enter(window)
        self.tally.wrote += window.sums.write(self.table, self.place, window.start, None if whole else reached)
        self._tell_lost(window.lost)
        self.tally.read += window.read
        self.tally.lag(now - reached)
        held = window.held_back(reached)
        goes_on_at = now if whole else reached if held is None else min(reached, held)
        final = now - LATE_MS if held is None else min(now - LATE_MS, held)
        before = self.standing.get(window.group)
        if before and before.ahead_ms:  # what came before, in this reading, may still get late events
            final = min(final, before.position or 0)
        position = min(goes_on_at, final)
        events = window.read + (before.events if before and window.group in self._told else 0)
        reached = max(reached, before.reached_at or 0) if before else reached
        self._note(SourceReading(window.group, reached, self.tally.clock(), events, None, position,
                                 0 if whole else goes_on_at - position))

    def _note(self, reading: SourceReading) -> None:
        self.standing[reading.source] = self._told[reading.source] = reading

    def _enter(self, window: LogWindow) -> None:
        by_function = window.take()
        self._see_failed_inits(window, by_function)
        for function, closed in by_function.items():
            timeout_s = self._known(function, window.group).timeout_s
            self.tally.wrote += self.ledger.enter(function, closed, timeout_s)
            self.tally.wrote += self.sightings.settle(self.table, function, closed)
            self.tally.wrote += self.sightings.explain(self.table, self.place, function, closed)

    def _see_failed_inits(self, window: LogWindow, by_function: dict[str, list[Invocation]]) -> None:
        closed = (invocation for invocations in by_function.values() for invocation in invocations)
        for seen in failed_inits.sightings(self.place, window.take_failed_inits(), closed):
            self._known(seen.function, window.group)
            self.tally.wrote += noticing.see(self.table, seen)
            self.ledger.see(seen.fingerprint, Seen(seen.last_seen, seen.last_version))

    def _known(self, function: str, group: str) -> FunctionInfo:
        """The function as configured; one known by its logs alone is entered as such."""
        info = self._inventory.get(function) or functions.get(self.table, self.place, function)
        if info is None:
            info = FunctionInfo(self.place, function, group)
            functions.put(self.table, info)
        self._inventory[function] = info
        return info

    def _tell_lost(self, lost: list[Unrecognised]) -> None:
        self.tally.unrecognised += len(lost)
        for one in lost[:KEPT_UNRECOGNISED]:
            health.put_unrecognised(self.table, replace(one, at=one.at or self.tally.started_at))


def _start(seen: SourceReading | None, now: int) -> int:
    first = now - FIRST_READ_MS if seen is None or seen.position is None else seen.position + seen.ahead_ms
    return floor_to(first, MINUTE_MS)
