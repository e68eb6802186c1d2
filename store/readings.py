"""How far each source of a collector has been read, where to go on, and what stood in the way: hundreds of log groups
in one item, because one each would be written every minute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store import live
from store.records import Place
from store.shared_rows import Change, Row
from store.table import Table


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
    ahead_ms: int = 0
    """How far behind `position` it begins: what lies between was read, and may still get late events."""

    @property
    def lag_ms(self) -> int | None:
        """How far what is read was behind the present when it was tried."""
        return None if self.reached_at is None else max(0, self.tried_at - self.reached_at)


def put(table: Table, place: Place, collector: str, told: Iterable[SourceReading], seen: Mapping[str, int | None],
        every: bool = True) -> list[str]:
    """Write what a run tells of its sources, by itself. Returns what `changes` leaves in `lost`."""
    lost: list[str] = []
    live.write(table, place, changes(table, place, collector, told, seen, lost, every))
    return sorted(set(lost))


def changes(table: Table, place: Place, collector: str, told: Iterable[SourceReading],  # noqa: PLR0913
            seen: Mapping[str, int | None], lost: list[str], every: bool) -> dict[str, Change]:
    """What a run tells of its sources; with `every`, those it says nothing of are forgotten.

    `seen` holds the positions the run began with. Sources whose position another run has moved since are put into
    `lost`: its work stands, and ours is harmless, because reading again changes no count."""
    made: dict[str, Change] = {f"R#{collector}#{one.source}": _moved(one, seen.get(one.source), lost) for one in told}
    if every:
        standing = (name for name in live.read(table, place) if name.startswith(f"R#{collector}#"))
        made |= {name: _gone for name in standing if name not in made}
    return made


def of_collector(table: Table, place: Place, collector: str) -> list[SourceReading]:
    """Every source of a collector's last runs, by name."""
    prefix = f"R#{collector}#"
    return [SourceReading(name.removeprefix(prefix), *row) for name, row in sorted(live.read(table, place).items())
            if name.startswith(prefix)]


def _gone(_: Row | None) -> None:
    return None


def _moved(one: SourceReading, seen: int | None, lost: list[str]) -> Change:
    def apply(standing: Row | None) -> Row:
        where = [one.position, one.ahead_ms]
        if standing is not None and standing[4] not in (seen, one.position):
            lost.append(one.source)
            where = standing[4:]
        return [one.reached_at, one.tried_at, one.events, one.problem, *where]
    return apply
