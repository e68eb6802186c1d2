"""What changes every minute, all of a place in one item: hours that are not over, when each error group was last
seen, and how far each source is read (`readings`). When an hour has settled it is written for good (`rollups`) and
leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from store import keys, shared_rows
from store.items import Item
from store.records import Place
from store.rollup_rows import item_of, row
from store.shared_rows import Change, Row
from store.table import Table


@dataclass(frozen=True, slots=True)
class LiveHour:
    """One function's hour so far (`hour` is its start, epoch ms). `unpacked_from` is the first of its ten-minute
    blocks that is known from deltas alone."""

    function: str
    hour: int
    weight: int
    rollup: Item
    unpacked_from: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """When an error group was last seen (epoch ms), and in which version."""

    at: int
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """What stands of a place."""

    hours: Mapping[tuple[str, int], LiveHour] = field(default_factory=dict)
    seen: Mapping[str, Seen] = field(default_factory=dict)


def of_place(table: Table, place: Place) -> Live:
    hours: dict[tuple[str, int], LiveHour] = {}
    seen: dict[str, Seen] = {}
    for name, found in read(table, place).items():
        kind, _, rest = name.partition("#")
        if kind == "G":
            seen[rest] = Seen(*found)
        elif kind == "H":
            one = _hour(rest, found)
            hours[one.function, one.hour] = one
    return Live(hours, seen)


def read(table: Table, place: Place) -> dict[str, Row]:
    """Every row of a place, by name: `H#` an hour, `G#` an error group, `R#` a source."""
    return shared_rows.read(table, lambda number: keys.live(place, number))


def write(table: Table, place: Place, changes: Mapping[str, Change]) -> int:
    """Apply changes to rows, together. Returns the number of items written."""
    return shared_rows.change(table, lambda number: keys.live(place, number), changes) if changes else 0


def changes(hours: Iterable[LiveHour], settled: Mapping[tuple[str, int], int], seen: Mapping[str, Seen],
            told: Mapping[str, Seen]) -> dict[str, Change]:
    """Bring in hours and sightings that say more than what stands; take out hours that `settled` with at least their
    weight, and sightings that were `told` elsewhere."""
    made: dict[str, Change] = {}
    for one in hours:
        made[_name(one.function, one.hour)] = _heavier(one)
    for (function, hour), weight in settled.items():
        made[_name(function, hour)] = _unless_heavier(weight)
    for group, last in seen.items():
        made[f"G#{group}"] = _later(last)
    for group, last in told.items():
        made[f"G#{group}"] = _unless_later(last)
    return made


def _name(function: str, hour: int) -> str:
    return f"H#{hour}#{function}"


def _hour(name: str, found: Row) -> LiveHour:
    hour, _, function = name.partition("#")
    weight, unpacked_from, packed = found
    return LiveHour(function, int(hour), weight, item_of(packed), unpacked_from)


def _heavier(one: LiveHour) -> Change:
    mine: list[Any] = [one.weight, one.unpacked_from, row(one.rollup)]
    return lambda standing: standing if standing is not None and standing[0] > one.weight else mine


def _unless_heavier(weight: int) -> Change:
    return lambda standing: standing if standing is not None and standing[0] > weight else None


def _later(last: Seen) -> Change:
    return lambda standing: standing if standing is not None and standing[0] >= last.at else [last.at, last.version]


def _unless_later(last: Seen) -> Change:
    return lambda standing: standing if standing is not None and standing[0] > last.at else None
