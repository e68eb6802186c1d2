"""Alerts, told: each row waits until a message that tells it was accepted.

    waiting ─ claim (attempts + 1) ─► one message ─ accepted ─► told
       ▲           │ killed here: told again after `LEASE_MS`, with the same id in the message
       └ refused: put off, longer each time, never given up

Few alerts are told one by one, many as a digest. Whatever happens in a fleet, at most `BURST` messages go out at once
and then one every `PACE_MS`: what comes meanwhile waits and is told together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from operations.alert_words import Letter, in_order, letter
from store import alerts, health
from store.alerts import Alert
from store.clock import MINUTE_MS, Clock
from store.errors import LamplightError
from store.records import CollectorRun, Place
from store.table import Table

SOURCE = "alerts"
"""On Health, and of the checkpoint that holds the pace."""
AT_ONCE = 200
"""Alerts taken up in one run, of each place."""
SINGLY = 3
BURST = 4
PACE_MS = 5 * MINUTE_MS
LEASE_MS = 2 * MINUTE_MS
"""Longer than the function may run."""
LONGEST_WAIT_MS = 30 * MINUTE_MS
STOP_MS = 10_000
"""Left on the clock when a message is begun."""


class Channel(Protocol):
    """Takes one message and returns its id there. Raises LamplightError when it did not, or may not have, taken it."""

    def publish(self, letter: Letter) -> str: ...


@dataclass
class Telling:
    """One run. `home` is the place the deliverer runs in, `base_url` where the dashboard is, if anybody said."""

    table: Table
    home: Place
    clock: Clock
    channel: Channel
    base_url: str = ""
    _told: int = 0
    _read: int = 0
    _problems: dict[str, int] = field(default_factory=dict)

    def run(self, places: Sequence[Place], left_ms: Callable[[], int]) -> CollectorRun:
        """Tell what waits in these places; the run, as Health shows it. Raises StoreError when the table cannot be
        used: then whatever was claimed is told by a later run."""
        began = self.clock()
        found = [alert for place in places for alert in alerts.undelivered(self.table, place, AT_ONCE)]
        self._read = len(found)
        due = [alert for alert in found if alert.retry_at <= began]
        for alert in found:
            if alert.retry_at > began and alert.problem:
                self._failed(alert.problem, 1)
        for bundle in bundles(due, self._room()):
            if left_ms() <= STOP_MS or not self._paced() or not self._tell(bundle):
                break
        run = CollectorRun(self.home, SOURCE, self.clock(), self.clock() - began, self._read, self._told,
                           problems=tuple(self._said()))
        health.put_run(self.table, run)
        return run

    def _tell(self, bundle: Sequence[Alert]) -> bool:
        """Whether to go on with the next one."""
        now = self.clock()
        mine = [claimed for alert in bundle if (claimed := alerts.claim(self.table, alert, now + LEASE_MS))]
        if not mine:
            return True
        try:
            told_as = self.channel.publish(letter(mine, self.base_url))
        except LamplightError as error:
            for alert in mine:
                alerts.put_off(self.table, alert, now + _wait(alert.attempts), error.sentence)
            self._failed(error.sentence, len(mine))
            return False
        for alert in mine:
            alerts.delivered(self.table, alert, self.clock(), told_as)
        self._told += len(mine)
        return True

    def _room(self) -> int:
        """Messages that may go out now."""
        now = self.clock()
        return max(0, (now + BURST * PACE_MS - max(now, self._paid_until() or 0)) // PACE_MS)

    def _paced(self) -> bool:
        """Take one message's worth of the pace. False when it is used up, or another deliverer is at it."""
        seen, now = self._paid_until(), self.clock()
        after = max(now, seen or 0) + PACE_MS
        return after <= now + BURST * PACE_MS and health.advance(self.table, self.home, SOURCE, seen, after)

    def _paid_until(self) -> int | None:
        """The moment at which the pace would be even again: each message moves it on by `PACE_MS`."""
        return health.checkpoint(self.table, self.home, SOURCE)

    def _failed(self, sentence: str, count: int) -> None:
        self._problems[sentence] = self._problems.get(sentence, 0) + count

    def _said(self) -> list[str]:
        return [f"{count:,} {'alert is' if count == 1 else 'alerts are'} not told yet: {sentence}"
                for sentence, count in self._problems.items()]


def bundles(due: Sequence[Alert], room: int) -> list[list[Alert]]:
    """What goes into which message, the gravest first: a few alone, more in one digest, none when there is no room."""
    ordered = in_order(due)
    if not ordered or room <= 0:
        return []
    return [[alert] for alert in ordered] if len(ordered) <= min(SINGLY, room) else [ordered]


def _wait(attempts: int) -> int:
    """1, 2, 4 … minutes, half an hour at most."""
    return int(min(MINUTE_MS * 2 ** min(attempts - 1, 10), LONGEST_WAIT_MS))
