"""Minutes that were written to long after they had passed, and wait to be folded again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from store import keys
from store.clock import DAY_MS
from store.errors import ConditionLost
from store.items import SCHEMA_VERSION
from store.records import Place
from store.table import Condition, Table

KEEP_S = 8 * DAY_MS // 1000
"""As long as the counts they point at."""


@dataclass(frozen=True, slots=True)
class LateMinute:
    """A function's minute (its start, epoch ms) that was written to late, last at `told_at`."""

    function: str
    minute: int
    told_at: int


def put(table: Table, place: Place, function: str, minute: int) -> None:
    """Note a minute. Told again while it waits, it waits on."""
    now = table.clock()
    table.put(keys.late_minute(place, function, minute), {
        "v": SCHEMA_VERSION, "function": function, "minute": minute, "told_at": now, "ttl": now // 1000 + KEEP_S})


def of_place(table: Table, place: Place, limit: int) -> Iterator[LateMinute]:
    for item in table.query(keys.late_minute(place, "", 0).pk, limit=limit):
        yield LateMinute(item["function"], item["minute"], item["told_at"])


def done(table: Table, place: Place, late: LateMinute) -> None:
    """Take a minute off the list, unless it was told of again meanwhile."""
    with suppress(ConditionLost):
        table.delete(keys.late_minute(place, late.function, late.minute),
                     Condition("#told_at = :seen", {"seen": late.told_at}, ("told_at",)))
