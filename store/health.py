"""Where collectors stand, how their last runs went, and what they could not read."""

from __future__ import annotations

from collections.abc import Iterator

from store import keys
from store.errors import ConditionLost
from store.items import from_item, to_item
from store.records import CollectorRun, Place, Unrecognised
from store.table import ABSENT, Condition, Table

KEEP_UNRECOGNISED_S = 8 * 86_400


def put_run(table: Table, run: CollectorRun) -> None:
    table.put(keys.collector_run(run.place, run.collector), to_item(run))


def runs(table: Table, place: Place) -> Iterator[CollectorRun]:
    for item in table.query(keys.collector_run(place, "").pk):
        yield from_item(CollectorRun, item)


def put_unrecognised(table: Table, found: Unrecognised) -> None:
    """Keep a sample; the same line read again is the same item."""
    key = keys.unrecognised(found.place, found.source, found.at, keys.event_hash(found.event_id))
    table.put(key, {**to_item(found), "ttl": found.at // 1000 + KEEP_UNRECOGNISED_S})


def unrecognised(table: Table, place: Place, day: int, limit: int = 50) -> list[Unrecognised]:
    """Samples of the UTC day that holds `day` (epoch ms)."""
    items = table.query(keys.unrecognised(place, "", day, "").pk, limit=limit)
    return [from_item(Unrecognised, item) for item in items]


def checkpoint(table: Table, place: Place, source: str) -> int | None:
    """Up to where (epoch ms of event time) a source has been read for good."""
    item = table.get(keys.checkpoint(place, source))
    return item["position"] if item else None


def checkpoints(table: Table, place: Place) -> dict[str, int]:
    """Every checkpoint of a place, by source."""
    return {item["sk"]: item["position"] for item in table.query(keys.checkpoint(place, "").pk)}


def advance(table: Table, place: Place, source: str, seen: int | None, position: int) -> bool:
    """Move a checkpoint from what was read at the start of the run. False when another run moved it first:
    its work stands, and ours is harmless because reading again changes no count."""
    condition = ABSENT if seen is None else Condition("#position = :seen", {"seen": seen}, ("position",))
    try:
        table.put(keys.checkpoint(place, source), {"v": 1, "position": position}, condition)
    except ConditionLost:
        return False
    return True
