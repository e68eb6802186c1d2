"""What somebody should hear of: an error group nobody had seen, one that came back after it was resolved.

An alert is put once under a name that says what it is about, so collectors that find the same thing twice, or two at
once, tell it once. While it waits to be delivered it stands in the open index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from store import keys
from store.items import from_item, to_item
from store.records import Place
from store.table import Table

KEEP_S = 90 * 86_400


class AlertKind(StrEnum):
    NEW = "new error"
    REGRESSED = "regression"


@dataclass(frozen=True, slots=True)
class Alert:
    """`at` is when the failure happened, epoch ms; `name` makes it one of its kind (`regression` counts decisions)."""

    place: Place
    name: str
    kind: AlertKind
    at: int
    function: str
    fingerprint: str
    error_type: str
    message: str
    version: str | None = None
    delivered_at: int | None = None


def put(table: Table, alert: Alert) -> bool:
    """True when it is new."""
    item = to_item(alert) | {"ttl": alert.at // 1000 + KEEP_S, "open": keys.undelivered(alert.place),
                             "open_at": alert.at}
    return table.put_if_absent(keys.alert(alert.place, alert.name), item)


def undelivered(table: Table, place: Place, limit: int) -> Iterator[Alert]:
    """Oldest first."""
    for item in table.query_open(keys.undelivered(place), limit=limit):
        yield from_item(Alert, item)


def delivered(table: Table, alert: Alert, at: int) -> None:
    """Take it out of what waits. Killed before, it is delivered again: at least once."""
    table.update(keys.alert(alert.place, alert.name), {"delivered_at": at, "open": None, "open_at": None})


def of_place(table: Table, place: Place) -> list[Alert]:
    """Alerts of the last 90 days, newest first."""
    found = [from_item(Alert, item) for item in table.query(keys.alert(place, "").pk)]
    return sorted(found, key=lambda alert: alert.at, reverse=True)
