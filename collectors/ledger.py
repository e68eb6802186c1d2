"""Closed invocations of one function enter the table, in an order that survives a kill between any two writes.

What a new invocation leaves beside its count (its kept copy, its error group) is written before the delta that
makes it known. Killed in between, it is new again next time, and every one of those writes is the same again."""

from __future__ import annotations

from collections.abc import Iterable

from collectors import facts, fold, noticing
from store import invocations
from store.clock import MINUTE_MS, floor_to
from store.deltas import Fact, tells_more
from store.records import Invocation, Place
from store.table import Table


def enter(table: Table, place: Place, function: str, closed: Iterable[Invocation],
          timeout_s: int | None = None) -> int:
    """Take in closed invocations, known ones included. Returns the number of items written."""
    arriving: dict[str, tuple[Fact, Invocation]] = {}
    for invocation in closed:
        if facts.countable(invocation):
            one = facts.fact(function, invocation)
            if tells_more(one, arriving[one.event_hash][0] if one.event_hash in arriving else None):
                arriving[one.event_hash] = (one, invocation)
    minutes = {floor_to(one.at, MINUTE_MS) for one, _ in arriving.values()}
    standing = fold.known(table, place, function, minutes)
    fresh = [invocation for name, (one, invocation) in arriving.items() if tells_more(one, standing.get(name))]
    kept = list(facts.worth_keeping(place, function, fresh, timeout_s))
    invocations.put_many(table, kept)
    observed = noticing.notice(table, place, function, fresh)
    return len(kept) + observed + fold.write(table, place, function, [one for one, _ in arriving.values()], standing)
