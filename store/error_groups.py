"""Error groups: what they are and since when. How often lives in the rollups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from store import keys, live
from store.errors import ConditionLost
from store.items import from_item, to_item
from store.live import Live
from store.records import ErrorGroup, Place
from store.table import Condition, Table


def observe(table: Table, group: ErrorGroup) -> bool:
    """Take one sighting in: the earliest `first_seen` and the latest `last_seen` win, whatever the order and
    however often it is told. True when the group is new."""
    standing = told(table, group.place, group.fingerprint)
    if standing is None:
        if table.put_if_absent(keys.error_group(group.place, group.fingerprint), to_item(group)):
            return True
        standing = told(table, group.place, group.fingerprint) or group
    # Asked before it is tried: a write that is refused costs as much as one that is not.
    if standing.last_seen < group.last_seen:
        _extend(table, group, "last", "#last_seen < :at", group.last_seen)
    if standing.first_seen > group.first_seen:
        _extend(table, group, "first", "#first_seen > :at", group.first_seen)
    return False


def _extend(table: Table, group: ErrorGroup, end: str, expression: str, at: int) -> None:
    version = group.last_version if end == "last" else group.first_version
    changes: dict[str, object] = {f"{end}_seen": at, f"{end}_version": version}
    if end == "last":
        changes |= {"message": group.message, "stack": group.stack, "request_id": group.request_id}
    changes = {name: value for name, value in changes.items() if value is not None}
    condition = Condition(expression, {"at": at}, (f"{end}_seen",))
    try:
        table.update(keys.error_group(group.place, group.fingerprint), changes, condition)
    except ConditionLost:
        return  # what stands there reaches as far or further


def seen_until(table: Table, place: Place, fingerprint: str, at: int, version: str | None) -> bool:
    """Bring a known group's last sighting up to `at` (epoch ms). True when it was earlier."""
    standing = told(table, place, fingerprint)
    if standing is None or standing.last_seen >= at:
        return False
    changes: dict[str, object] = {"last_seen": at} if version is None else {"last_seen": at, "last_version": version}
    try:
        table.update(keys.error_group(place, fingerprint), changes,
                     Condition("#last_seen < :at", {"at": at}, ("last_seen",)))
    except ConditionLost:
        return False
    return True


def told(table: Table, place: Place, fingerprint: str) -> ErrorGroup | None:
    """A group as it was last written; while it goes on failing, that is up to an hour ago."""
    item = table.get(keys.error_group(place, fingerprint))
    return from_item(ErrorGroup, item) if item else None


def get(table: Table, place: Place, fingerprint: str) -> ErrorGroup | None:
    found = told(table, place, fingerprint)
    return _brought_up(found, live.of_place(table, place)) if found else None


def of_place(table: Table, place: Place) -> Iterator[ErrorGroup]:
    """Every group ever seen in a place, by fingerprint."""
    now = live.of_place(table, place)
    for item in table.query(keys.error_group(place, "").pk):
        yield _brought_up(from_item(ErrorGroup, item), now)


def _brought_up(group: ErrorGroup, now: Live) -> ErrorGroup:
    last = now.seen.get(group.fingerprint)
    if last is None or last.at <= group.last_seen:
        return group
    return replace(group, last_seen=last.at, last_version=last.version or group.last_version)
