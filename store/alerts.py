"""What somebody should hear of: an error nobody had seen, one that came back after it was resolved, messages that died
or are about to expire, a redrive that stopped itself.

An alert is put once under a name that says what it is about, so collectors that find the same thing twice, or two at
once, tell it once. Alerts stand in the index by time: first among those that wait to be delivered, then among those
that were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from store import keys
from store.errors import ConditionLost
from store.items import from_item, to_item
from store.records import Place
from store.table import Condition, Table

KEEP_S = 90 * 86_400


class AlertKind(StrEnum):
    """The gravest first: in this order a digest tells them."""

    EXPIRING = "messages expire"
    STOPPED = "redrive stopped"
    REGRESSED = "regression"
    DEAD_LETTERS = "dead letters"
    NEW = "new error"


@dataclass(frozen=True, slots=True)
class Alert:
    """`at` is when it happened, epoch ms; `name` makes it one of its kind (`regression` counts decisions).

    Of an error: `function`, `fingerprint`, `error_type`, `version`, and a `message` without what varies or identifies.
    Of a queue: `queue`, and in `count` how many messages. Of a redrive: `job_id` and `queue`, and why in `message`.

    `attempts` counts the tries to deliver it and is the fence between deliverers: who counted it last may go on. Not
    tried again before `retry_at`; `problem` is why the last try failed; `told_as` the message that told it."""

    place: Place
    name: str
    kind: AlertKind
    at: int
    function: str = ""
    fingerprint: str = ""
    error_type: str = ""
    message: str = ""
    version: str | None = None
    delivered_at: int | None = None
    queue: str = ""
    count: int | None = None
    job_id: str = ""
    attempts: int = 0
    retry_at: int = 0
    problem: str | None = None
    told_as: str | None = None

    @property
    def id(self) -> str:
        """Stays the same however often it is delivered: whoever hears it twice can tell."""
        return keys.event_hash(f"{self.place}#{self.name}")


def put(table: Table, alert: Alert) -> bool:
    """True when it is new."""
    item = to_item(alert) | {"ttl": alert.at // 1000 + KEEP_S, "open": keys.undelivered(alert.place),
                             "open_at": alert.at}
    return table.put_if_absent(keys.alert(alert.place, alert.name), item)


def stands(table: Table, place: Place, name: str) -> bool:
    """Whether it was put already: asking costs half of a put that is refused."""
    return table.get(keys.alert(place, name)) is not None


def undelivered(table: Table, place: Place, limit: int) -> Iterator[Alert]:
    """Oldest first. What was delivered a moment ago may still be among them; `claim` knows."""
    for item in table.query_open(keys.undelivered(place), limit=limit):
        yield from_item(Alert, item)


def claim(table: Table, alert: Alert, retry_at: int) -> Alert | None:
    """Count one more try, before it is made. None when another deliverer was first, or delivered it. Nobody else tries
    before `retry_at` (epoch ms); a deliverer that is killed leaves it to be tried then: at least once."""
    unchanged = Condition("attribute_not_exists(#attempts) OR #attempts = :seen", {"seen": alert.attempts},
                          ("attempts",))
    tried = replace(alert, attempts=alert.attempts + 1, retry_at=retry_at)
    return tried if _changed(table, alert, {"attempts": tried.attempts, "retry_at": retry_at}, unchanged) else None


def delivered(table: Table, alert: Alert, at: int, told_as: str) -> bool:
    """Take a claimed one out of what waits. False when another deliverer has taken it over meanwhile."""
    return _changed(table, alert, {"delivered_at": at, "told_as": told_as, "problem": None, "retry_at": None,
                                   "open": keys.delivered(alert.place), "open_at": at}, _mine(alert))


def put_off(table: Table, alert: Alert, retry_at: int, problem: str) -> bool:
    """A claimed one could not be delivered: why, and not again before `retry_at` (epoch ms)."""
    return _changed(table, alert, {"retry_at": retry_at, "problem": problem}, _mine(alert))


def newest(table: Table, place: Place, limit: int) -> list[Alert]:
    """Those that wait and those that were delivered in the last 90 days, the newest first."""
    items = [item for work in (keys.undelivered(place), keys.delivered(place))
             for item in table.query_open(work, newest_first=True, limit=limit)]
    return sorted((from_item(Alert, item) for item in items), key=lambda alert: alert.at, reverse=True)[:limit]


def _mine(alert: Alert) -> Condition:
    return Condition("#attempts = :mine", {"mine": alert.attempts}, ("attempts",))


def _changed(table: Table, alert: Alert, changes: dict[str, object], condition: Condition) -> bool:
    try:
        table.update(keys.alert(alert.place, alert.name), changes, condition)
    except ConditionLost:
        return False
    return True
