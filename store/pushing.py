"""Log groups whose events are pushed, and when each was last heard of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from store import keys
from store.clock import MINUTE_MS
from store.errors import ConditionLost
from store.items import Item, from_item, to_item
from store.records import Place
from store.table import Condition, Table

SILENT_MS = 5 * MINUTE_MS
"""Longer without an event, and something may have been lost: CloudWatch disables a filter whose destination fails for
up to 10 minutes, and what is logged meanwhile never comes."""
KEEP_S = 30 * 86_400
"""How long a group stands that nobody entered: one pushed by somebody else's filter is entered again when heard."""


@dataclass(frozen=True, slots=True)
class PushedGroup:
    """A log group whose events come by themselves. Times in epoch ms.

    `filter_name` is the subscription filter Lamplight made; None when somebody else made one. `heard_at` is the time
    of the last event that came, `since` that from which they came without a silence, `failing_at` that of the last
    failure among them; 0 when there was none."""

    place: Place
    group: str
    filter_name: str | None = None
    destination: str | None = None
    since: int = 0
    heard_at: int = 0
    failing_at: int = 0


def enter(table: Table, pushed: PushedGroup) -> None:
    """Note a filter that was made; what was heard stands."""
    key = keys.pushed_group(pushed.place, pushed.group)
    standing = table.get(key)
    heard = {name: standing[name] for name in ("heard_at", "failing_at")} if standing else {}
    table.put(key, {**to_item(pushed), **heard})


def hear(table: Table, place: Place, group: str, at: int) -> None:
    """Note that events up to `at` (epoch ms) came. A group nobody entered is entered."""
    standing = table.get(keys.pushed_group(place, group))
    resumed = standing is not None and at - standing["heard_at"] > SILENT_MS
    _later(table, place, group, "heard_at", at, {"since": at} if resumed else {})


def hear_failing(table: Table, place: Place, group: str, at: int) -> None:
    """Note that an invocation that ended at `at` (epoch ms) failed, or failed some of its messages."""
    _later(table, place, group, "failing_at", at, {})


def _later(table: Table, place: Place, group: str, name: str, at: int, changes: Item) -> None:
    key = keys.pushed_group(place, group)
    try:
        table.update(key, {name: at, **changes}, Condition(f"#{name} < :at", {"at": at}, (name,)))
    except ConditionLost:
        item = {**to_item(PushedGroup(place, group, since=at)), name: at}
        table.put_if_absent(key, {**item, "ttl": table.clock() // 1000 + KEEP_S})


def forget(table: Table, place: Place, group: str) -> None:
    table.delete(keys.pushed_group(place, group))


def of_place(table: Table, place: Place) -> Iterator[PushedGroup]:
    key = keys.pushed_group(place, "")
    for item in table.query(key.pk, key.sk):
        yield from_item(PushedGroup, item)


def places(table: Table) -> list[Place]:
    """Every place that something is pushed from, by name."""
    found = {from_item(PushedGroup, item).place for item in table.query(keys.pushed_group(None, "").pk)}
    return sorted(found, key=str)
