"""Hours in which what was counted from logs and what CloudWatch counted are not the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from store import keys
from store.items import from_item, to_item
from store.records import Place
from store.table import Table

KEEP_S = 15 * 86_400


class DriftState(StrEnum):
    """MISSING: CloudWatch counted more, the logs are read again. EXPLAINED: it stays so, and why is known or likely.
    MORE: the logs hold more than CloudWatch counted. HEALED: reading again made them agree."""

    MISSING = "missing"
    EXPLAINED = "explained"
    MORE = "more in the logs"
    HEALED = "healed"


@dataclass(frozen=True, slots=True)
class Drift:
    """One function's hour (its start, epoch ms). `invocations`, `errors`, `throttles` are CloudWatch's, `counted` and
    `failures` those read from logs, attributed to when they began, as CloudWatch does. Mean durations in ms."""

    place: Place
    function: str
    hour: int
    state: DriftState
    invocations: int
    counted: int
    errors: int | None = None
    failures: int = 0
    throttles: int | None = None
    mean_ms: float | None = None
    counted_mean_ms: float | None = None
    readings: int = 0
    """How often the hour was read again."""
    why: str = ""
    looked_at: int = 0

    @property
    def missing(self) -> int:
        return self.invocations - self.counted


def put(table: Table, drift: Drift) -> None:
    table.put(keys.drift(drift.place, drift.hour, drift.function),
              {**to_item(drift), "ttl": drift.hour // 1000 + KEEP_S})


def of_place(table: Table, place: Place, start: int, end: int) -> Iterator[Drift]:
    """Drifting hours with start ≤ hour < end, newest first."""
    between = (f"{start:013d}", f"{end - 1:013d}~")
    for item in table.query(keys.drift(place, 0, "").pk, between=between, newest_first=True):
        yield from_item(Drift, item)
