"""Kept invocations: the failed, cold and slow ones, with the log lines of failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from store import keys
from store.clock import DAY_MS, floor_to
from store.items import Item, from_item, to_item
from store.keys import Key
from store.records import KeptInvocation, Place
from store.table import Table

KEEP_S = 15 * 86_400


def put_many(table: Table, kept: Iterable[KeptInvocation]) -> None:
    """Write each under its function and, when it failed, as a sample of its error group. Writing again changes
    nothing: the key is the closing event."""
    table.put_many(pair for one in kept for pair in _items(one))


def _items(kept: KeptInvocation) -> Iterator[tuple[Key, Item]]:
    name = keys.event_hash(kept.invocation.event_id or "")
    item = {**to_item(kept), "ttl": kept.at // 1000 + KEEP_S}
    yield keys.kept_invocation(kept.place, kept.function, kept.at, name), item
    if kept.fingerprint:
        yield keys.group_sample(kept.place, kept.fingerprint, kept.at, name), item


def of_function(table: Table, place: Place, function: str, start: int, end: int,
                limit: int = 200) -> list[KeptInvocation]:
    """Kept invocations with start ≤ end time < end, newest first, at most `limit`."""
    found: list[KeptInvocation] = []
    for day in range(floor_to(end - 1, DAY_MS), floor_to(start, DAY_MS) - 1, -DAY_MS):
        pk = keys.kept_invocation(place, function, day, "").pk
        between = (f"{start:013d}", f"{end - 1:013d}~")
        items = table.query(pk, between=between, newest_first=True, limit=limit - len(found))
        found += [from_item(KeptInvocation, item) for item in items]
        if len(found) >= limit:
            break
    return found


def of_group(table: Table, place: Place, fingerprint: str, limit: int = 20) -> list[KeptInvocation]:
    """The newest samples of one error group."""
    items = table.query(keys.group_sample(place, fingerprint, 0, "").pk, newest_first=True, limit=limit)
    return [from_item(KeptInvocation, item) for item in items]
