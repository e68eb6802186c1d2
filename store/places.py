"""Which accounts and regions there is anything of: what collectors go to, and what is pushed from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from store import keys, pushing
from store.clock import DAY_MS, HOUR_MS
from store.items import from_item, to_item
from store.records import Place
from store.table import Table

FORGOTTEN_MS = DAY_MS
"""A place collectors have not gone to for a day is no longer collected; what is known of it stays."""


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place collectors go to. `seen_at` (epoch ms) is when they last did, to the hour; `role_arn` the role they
    take on there; None where they need none."""

    place: Place
    home: bool = False
    role_arn: str | None = None
    seen_at: int = 0


def enter(table: Table, places: list[KnownPlace]) -> None:
    """Note where collectors go, at most once an hour each: they go there every minute."""
    standing = {one.place: one for one in known(table)}
    for one in places:
        before = standing.get(one.place)
        if before is None or (before.home, before.role_arn) != (one.home, one.role_arn) \
                or one.seen_at - before.seen_at >= HOUR_MS:
            table.put(keys.known_place(one.place), to_item(one))


def known(table: Table) -> list[KnownPlace]:
    """Where collectors go or went, home first."""
    found = [from_item(KnownPlace, item) for item in table.query(keys.known_place(None).pk)]
    return sorted(found, key=lambda one: (not one.home, one.place))


def everywhere(table: Table, home: Place) -> list[Place]:
    """Every place there is anything of: `home` first, then by account and region."""
    others = {one.place for one in known(table)} | set(pushing.places(table))
    return [home, *sorted(others - {home})]
