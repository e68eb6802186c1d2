"""Closed invocations enter the table, in an order that survives a kill between any two writes.

What a new invocation leaves beside its count (its kept copy, its error group) is written before the delta that
makes it known. Killed in between, it is new again next time, and every one of those writes is the same again.
What is known of the hours that are not over is written once, by `close`, before any checkpoint moves past it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from collectors import facts, fold, noticing
from collectors.facts import Counted
from collectors.tally import STOP_MS, Tally, TimeLeft
from store import deltas, error_groups, invocations, live
from store.clock import HOUR_MS, MINUTE_MS, floor_to
from store.deltas import BLOCK_MS, tells_more
from store.fact_pack import Fact
from store.live import Live, LiveHour, Seen
from store.records import Invocation, Place
from store.shared_rows import Change
from store.table import Table

SEEN_MS = 30 * MINUTE_MS
"""An error group not seen for this long is told when it last was, and leaves the live ones."""


@dataclass
class Ledger:
    """One place's counts, for the length of a run. Nothing that `enter` and `bring_up` say of hours that are not over
    is in the table before `close`."""

    table: Table
    place: Place
    stands: Live = field(default_factory=Live)
    hours: dict[tuple[str, int], LiveHour] = field(default_factory=dict)
    settled: dict[tuple[str, int], int] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    told: dict[str, Seen] = field(default_factory=dict)
    counted: dict[str, Counted] = field(default_factory=dict)

    @classmethod
    def open(cls, table: Table, place: Place) -> Ledger:
        """Raises StoreError."""
        return cls(table, place, live.of_place(table, place))

    def enter(self, function: str, closed: Iterable[Invocation], timeout_s: int | None = None,
              standing: Mapping[str, Fact] | None = None, again_after: int | None = None) -> int:
        """Take in closed invocations, known ones included. Returns the number of items written.

        `standing` are all facts of some minutes, those of the invocations among them, that have just been read, by
        event hash: their minutes are brought up as well. Those from `again_after` on (epoch ms) are read again soon."""
        arriving: dict[str, tuple[Fact, Invocation]] = {}
        for invocation in closed:
            if facts.countable(invocation):
                one = facts.fact(function, invocation)
                if tells_more(one, arriving[one.event_hash][0] if one.event_hash in arriving else None):
                    arriving[one.event_hash] = (one, invocation)
        minutes = {floor_to(one.at, MINUTE_MS) for one, _ in arriving.values()}
        told = standing or {}
        if standing is None:
            standing = fold.known(self.table, self.place, function, minutes)
        fresh = {name: pair for name, pair in arriving.items() if tells_more(pair[0], standing.get(name))}
        invocations_ = [invocation for _, invocation in fresh.values()]
        kept = list(facts.worth_keeping(self.place, function, invocations_, timeout_s, self._counted(function)))
        wrote = invocations.put_many(self.table, kept)
        wrote += noticing.notice(self.table, self.place, function, invocations_)
        for one in (*told.values(), *(one for one, _ in arriving.values())):
            if one.fingerprint is not None:
                self.see(one.fingerprint, Seen(one.at, one.version))
        wrote += deltas.put(self.table, self.place, function, [one for one, _ in fresh.values()])
        minutes |= {floor_to(one.at, MINUTE_MS) for one in told.values()}
        mine = {name: one for name, (one, _) in fresh.items()}
        if again_after is None or any(one.at < again_after for one in mine.values()):
            return wrote + self.bring_up(function, minutes)
        return wrote + self.bring_up(function, minutes, {**told, **mine})

    def bring_up(self, function: str, minutes: Iterable[int], at_hand: Mapping[str, Fact] | None = None) -> int:
        """Bring every rollup over these minutes (their starts, epoch ms) up to what the deltas say; `at_hand` as for
        `fold.bring_up`. Returns the number of items written."""
        folded = fold.bring_up(self.table, self.place, function, minutes, at_hand)
        for one in folded.live:
            self.hours[function, one.hour] = one
        for hour, weight in folded.settled.items():
            self.settled[function, hour] = weight
            self.hours.pop((function, hour), None)
        return folded.wrote

    def see(self, fingerprint: str, last: Seen) -> None:
        """Note a sighting of an error group."""
        standing = self.seen.get(fingerprint) or self.stands.seen.get(fingerprint)
        if standing is None or last.at > standing.at:
            self.seen[fingerprint] = last

    def due(self) -> Iterator[tuple[str, int]]:
        """Functions and minutes whose block or hour is over and not written yet: nothing new may ever touch them."""
        now = self.table.clock()
        for one in self.stands.hours.values():
            ends = one.hour + HOUR_MS if one.unpacked_from is None else one.unpacked_from + BLOCK_MS
            if ends + fold.SETTLE_MS <= now:
                yield one.function, one.unpacked_from or one.hour

    def close(self, more: Mapping[str, Change] | None = None) -> int:
        """Write what changed of the hours that are not over, and `more` with it. Returns the number of items written.
        Raises StoreError; then a run that reads the same again brings it in."""
        wrote = 0
        quiet = self.table.clock() - SEEN_MS
        for fingerprint, last in {**self.stands.seen, **self.seen}.items():
            if last.at <= quiet:
                wrote += error_groups.seen_until(self.table, self.place, fingerprint, last.at, last.version)
                self.told[fingerprint] = last
        seen = {name: last for name, last in self.seen.items() if name not in self.told}
        made = live.changes(self.hours.values(), self.settled, seen, self.told)
        wrote += live.write(self.table, self.place, {**made, **(more or {})})
        waiting = {name: last for name, last in self.stands.seen.items() if name not in self.told}
        self.stands = Live(self.stands.hours, waiting)
        self.hours, self.settled, self.seen, self.told = {}, {}, {}, {}
        return wrote

    def _counted(self, function: str) -> Counted:
        def of_hour(hour: int) -> LiveHour | None:
            return self.stands.hours.get((function, hour))
        return self.counted.setdefault(function, Counted(of_hour))


def enter(table: Table, place: Place, function: str, closed: Iterable[Invocation],
          timeout_s: int | None = None) -> int:
    """Take in closed invocations of one function, all by themselves. Returns the number of items written."""
    ledger = Ledger.open(table, place)
    return ledger.enter(function, closed, timeout_s) + ledger.close()


def settle(ledger: Ledger, tally: Tally, time_left_ms: TimeLeft) -> None:
    """Write what is over since the last run, whether or not anything comes to it any more."""
    for function, minute in list(ledger.due()):
        if time_left_ms() <= STOP_MS:
            return
        with tally.going_on(function):
            tally.wrote += ledger.bring_up(function, [minute])
