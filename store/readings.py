"""How far each source of a collector has been read, where to go on, and what stood in the way: hundreds of log groups
in one item, because one each would be written every minute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store import keys, shared_rows
from store.records import Place
from store.shared_rows import Change, Naming, Row
from store.table import Table

PER_ITEM = 2_000
"""Sources of about 100 bytes, compressed: far under an item's 400 KB."""


@dataclass(frozen=True, slots=True)
class SourceReading:
    """One source as a collector's last run left it. `reached_at` is the time (epoch ms) up to which its events are
    read; None when it never was. `tried_at` is when that was last tried."""

    source: str
    reached_at: int | None
    tried_at: int
    events: int = 0
    problem: str | None = None
    position: int | None = None
    """From where the next run goes on (epoch ms of event time): what is before has been read for good."""

    @property
    def lag_ms(self) -> int | None:
        """How far what is read was behind the present when it was tried."""
        return None if self.reached_at is None else max(0, self.tried_at - self.reached_at)


def put(table: Table, place: Place, collector: str, told: Iterable[SourceReading],
        seen: Mapping[str, int | None], every: bool = True) -> list[str]:
    """Write what a run tells of its sources; with `every`, forget those it says nothing of.

    `seen` holds the positions the run began with. Returns the sources whose position another run has moved since: its
    work stands, and ours is harmless, because reading again changes no count."""
    lost: list[str] = []
    changes: dict[str, Change] = {one.source: _moved(one, seen.get(one.source), lost) for one in told}
    if every:
        changes |= {one.source: _gone for one in of_collector(table, place, collector) if one.source not in changes}
    shared_rows.change(table, _naming(place, collector), changes, PER_ITEM)
    return sorted(set(lost))


def of_collector(table: Table, place: Place, collector: str) -> list[SourceReading]:
    """Every source of a collector's last runs, by name."""
    found = shared_rows.read(table, _naming(place, collector))
    return [SourceReading(name, *row) for name, row in sorted(found.items())]


def _naming(place: Place, collector: str) -> Naming:
    return lambda number: keys.source_readings(place, collector, number)


def _gone(_: Row | None) -> None:
    return None


def _moved(one: SourceReading, seen: int | None, lost: list[str]) -> Change:
    def apply(standing: Row | None) -> Row:
        position = one.position
        if standing is not None and standing[4] not in (seen, one.position):
            lost.append(one.source)
            position = standing[4]
        return [one.reached_at, one.tried_at, one.events, one.problem, position]
    return apply
