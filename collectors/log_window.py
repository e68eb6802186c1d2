"""One log group over one window: its events in, what they tell out."""

from __future__ import annotations

from dataclasses import dataclass, field

from collectors import failed_inits
from collectors.custom_metrics import Sums
from collectors.events import LogEvent, function_of
from collectors.invocations import Assembler, Init, Unread
from store.clock import MINUTE_MS
from store.keys import event_hash
from store.records import Invocation, Place, Status, Unrecognised

LONGEST_MS = 20 * MINUTE_MS
"""Lambda stops an invocation after 15 minutes; five more for its REPORT to arrive."""
EDGE_MS = 1_000
"""An invocation without a START in view began about its duration before its REPORT: this much earlier at most."""


@dataclass
class LogWindow:
    """What has been read of `group` from `start` on (epoch ms, a whole minute)."""

    place: Place
    group: str
    start: int
    assembler: Assembler = field(default_factory=Assembler)
    sums: Sums = field(default_factory=Sums)
    closed: dict[tuple[str, str | None, int], Invocation] = field(default_factory=dict)
    failed_inits: list[Init] = field(default_factory=list)
    lost: list[Unrecognised] = field(default_factory=list)
    read: int = 0

    def feed(self, events: list[LogEvent]) -> None:
        """Take in events, oldest first. What they close is in `closed`, the last word on each invocation."""
        self.assembler.take_all(events)
        self.read += len(events)
        self._drain(ended=False)

    def end(self, now: int) -> None:
        """No more events for now: what has its REPORT is closed, what can no longer get one is lost."""
        self._drain(ended=True)
        for invocation in self.assembler.open():
            if invocation.started_at is not None and invocation.started_at < now - LONGEST_MS:
                self._lose(invocation)

    def take(self) -> dict[str, list[Invocation]]:
        """Drain closed invocations by function, those that were cut by the window's beginning left out: an earlier
        window had them whole."""
        by_function: dict[str, list[Invocation]] = {}
        for invocation in self.closed.values():
            if _began(invocation) >= self.start:
                by_function.setdefault(function_of(self.group, invocation.log_stream), []).append(invocation)
        self.closed = {}
        return by_function

    def take_failed_inits(self) -> list[Init]:
        """Drain the inits that failed."""
        drained, self.failed_inits = self.failed_inits, []
        return drained

    def held_back(self, now: int) -> int | None:
        """The start of the oldest invocation that may still get its REPORT."""
        starts = [invocation.started_at for invocation in self.assembler.open() if invocation.started_at is not None]
        return min((start for start in starts if start >= now - LONGEST_MS), default=None)

    def _drain(self, ended: bool) -> None:
        for invocation in self.assembler.closed(batch_ended=ended):
            if invocation.status is Status.OPEN:
                self._lose(invocation)
            else:
                self.closed[invocation.log_stream, invocation.event_id, invocation.occurrence] = invocation
        for said in self.assembler.metrics():
            self.sums.add(said)
        for said in failed_inits.counts(inits := failed_inits.failed(self.assembler.inits())):
            self.sums.add(said)
        self.failed_inits += inits
        self.lost += [self._unread(unread) for unread in self.assembler.unrecognised()]

    def _unread(self, unread: Unread) -> Unrecognised:
        event = unread.event
        return Unrecognised(self.place, self.group, unread.reason, unread.sample, event.timestamp, event.id)

    def _lose(self, invocation: Invocation) -> None:
        name = f"{invocation.log_stream}/{invocation.request_id}/{invocation.occurrence}"
        self.lost.append(Unrecognised(self.place, self.group, "an invocation without a REPORT", name,
                                      invocation.started_at or self.start, event_hash(name)))


def _began(invocation: Invocation) -> int:
    if invocation.started_at is not None:
        return invocation.started_at
    if invocation.ended_at is None:
        return 0
    return invocation.ended_at - round(invocation.duration_ms or 0) - EDGE_MS
