"""Kept invocations: the failed, cold and slow ones, with the log lines of failures. Those of one run and function
stand in one item: together they take half of what each would."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator

from store import error_groups, keys
from store.clock import DAY_MS, HOUR_MS, floor_to
from store.items import SCHEMA_VERSION, Item, from_item, to_item
from store.keys import Key
from store.records import KeptInvocation, Place
from store.table import Table

KEEP_S = 15 * 86_400
TOGETHER_MS = HOUR_MS
"""One item holds no more than what ended within an hour."""
MAX_BYTES = 300_000
MAX_PLAIN = 64 * 1_048_576
READ_FOR_GROUP = 300
"""Items of its function read back from a group's last sighting to find samples of it: at most about 300 KB."""


def put_many(table: Table, kept: Iterable[KeptInvocation]) -> int:
    """Write what is to be kept. Returns the number of items written. Written again in other company it stands twice,
    and is read once."""
    items = list(_items(kept))
    table.put_many(items)
    return len(items)


def of_function(table: Table, place: Place, function: str, start: int, end: int,
                limit: int = 200) -> list[KeptInvocation]:
    """Kept invocations with start ≤ end time < end, newest first, at most `limit`."""
    found: dict[str, KeptInvocation] = {}
    for first, kept in _newest(table, place, function, start, end):
        # What is older than the oldest found can only be in items that began earlier than it.
        if len(found) >= limit and sorted(one.at for one in found.values())[-limit] > first + TOGETHER_MS:
            break
        found |= {_name(one): one for one in kept if start <= one.at < end}
    return sorted(found.values(), key=_order, reverse=True)[:limit]


def of_group(table: Table, place: Place, fingerprint: str, limit: int = 20) -> list[KeptInvocation]:
    """The newest samples of one error group, among what its function kept before it was last seen."""
    found: dict[str, KeptInvocation] = {}
    group = error_groups.get(table, place, fingerprint)
    if group is None:
        return []
    oldest = max(group.first_seen, group.last_seen - KEEP_S * 1000)
    for number, (_, kept) in enumerate(_newest(table, group.place, group.function, oldest, group.last_seen + 1)):
        found |= {_name(one): one for one in kept if one.fingerprint == group.fingerprint}
        if len(found) >= limit or number >= READ_FOR_GROUP:
            break
    return sorted(found.values(), key=_order, reverse=True)[:limit]


def _newest(table: Table, place: Place, function: str, start: int,
            end: int) -> Iterator[tuple[int, list[KeptInvocation]]]:
    """Items that can hold what ended from `start` to before `end`, with the time of the first in each, newest first."""
    oldest = start - TOGETHER_MS
    for day in range(floor_to(end - 1, DAY_MS), floor_to(oldest, DAY_MS) - 1, -DAY_MS):
        pk = keys.kept_invocations(place, function, day, "").pk
        for item in table.query(pk, between=(f"{oldest:013d}", f"{end - 1:013d}~"), newest_first=True):
            yield int(item["sk"][:13]), list(_kept(item))


def _items(kept: Iterable[KeptInvocation]) -> Iterator[tuple[Key, Item]]:
    together: dict[tuple[Place, str, int], list[KeptInvocation]] = {}
    for one in kept:
        together.setdefault((one.place, one.function, floor_to(one.at, TOGETHER_MS)), []).append(one)
    for (place, function, _), members in together.items():
        yield from _packed(place, function, sorted(members, key=_order))


def _packed(place: Place, function: str, members: list[KeptInvocation]) -> Iterator[tuple[Key, Item]]:
    rows = [{name: value for name, value in to_item(one).items() if name not in ("v", "place", "function")}
            for one in members]
    packed = zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 9)
    if len(packed) > MAX_BYTES and len(members) > 1:
        middle = len(members) // 2
        yield from _packed(place, function, members[:middle])
        yield from _packed(place, function, members[middle:])
        return
    content = hashlib.blake2b(packed, digest_size=6).hexdigest()
    yield keys.kept_invocations(place, function, members[0].at, content), {
        "v": SCHEMA_VERSION, "account": place.account, "region": place.region, "function": function, "kept": packed,
        "ttl": members[-1].at // 1000 + KEEP_S}


def _kept(item: Item) -> Iterator[KeptInvocation]:
    if "kept" not in item:  # before they were kept together
        yield from_item(KeptInvocation, item)
        return
    said = {"v": item["v"], "place": {"account": item["account"], "region": item["region"]},
            "function": item["function"]}
    for row in json.loads(zlib.decompressobj().decompress(item["kept"], MAX_PLAIN)):
        yield from_item(KeptInvocation, {**said, **row})


def _name(kept: KeptInvocation) -> str:
    return keys.event_hash(kept.invocation.event_id or "")


def _order(kept: KeptInvocation) -> tuple[int, str]:
    return kept.at, _name(kept)
