"""Which log groups are left to push, and which of those are pulled all the same.

A pushed group is not pulled while it is heard of. One that falls silent is pulled, until it has come without a
silence since before what the last pull reached: an idle group costs one empty page, and a filter that CloudWatch
disabled is silent too. And it is pulled while dead letters need its lines, because those are looked for more than once:
a letter arrives after the lines that say why it died."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors import joined
from collectors.log_window import LONGEST_MS
from collectors.sightings import Sightings
from collectors.tally import STOP_MS, Tally, TimeLeft
from store import functions, parked, pushing
from store import places as known_places
from store.clock import MINUTE_MS
from store.pushing import SILENT_MS, PushedGroup
from store.records import Place
from store.table import Table

EXPLAIN_MS = 30 * MINUTE_MS
"""A message dies some visibility timeouts after the first failure that its letter is explained by."""
COUNTED_PARKED = 1_000


@dataclass
class PushedGroups:
    """The pushed groups of one place at the beginning of a run."""

    by_name: dict[str, PushedGroup] = field(default_factory=dict)
    functions: dict[str, set[str]] = field(default_factory=dict)
    """Log group → the functions that write to it."""

    @classmethod
    def load(cls, table: Table, place: Place) -> PushedGroups:
        """Raises StoreError."""
        by_name = {one.group: one for one in pushing.of_place(table, place)}
        writers: dict[str, set[str]] = {}
        for info in functions.of_place(table, place) if by_name else ():
            writers.setdefault(info.log_group, set()).add(info.name)
        return cls(by_name, writers)

    def left(self, positions: Mapping[str, int], sightings: Sightings, now: int) -> dict[str, int]:
        """Of these groups, with the time (epoch ms) up to which each was pulled, those that are left to push. With
        them the time from which a pull goes on should they fall silent: the start of the longest invocation that can
        have been open when the group was last heard of."""
        known = [self.by_name[group] for group, pulled in positions.items()
                 if group in self.by_name and pulled >= self.by_name[group].since]
        return {one.group: one.heard_at - LONGEST_MS for one in known
                if one.heard_at >= now - SILENT_MS and not self._needed(one, sightings, now)}

    def _needed(self, pushed: PushedGroup, sightings: Sightings, now: int) -> bool:
        if sightings.awaits:
            return True
        failing = pushed.failing_at > now - EXPLAIN_MS
        return failing and any(map(sightings.concerns, self.functions.get(pushed.group, ())))


def fold_all(table: Table, place: Place, tally: Tally, time_left_ms: TimeLeft) -> None:
    """Fold what was pushed, of this place and of others whose logs come here, in at most half of the time there is;
    and tell how many payloads could not be read. The run at home folds for all: it needs no role for that. Raises
    StoreError when the table cannot be used."""
    kept_back = max(0, time_left_ms() - STOP_MS) // 2
    away = any(one.place == place and not one.home for one in known_places.known(table))
    for one in [] if away else pushing.places(table):
        joined.fold_pushed(table, one, tally, lambda: time_left_ms() - kept_back)
    waiting = list(parked.of_place(table, place, COUNTED_PARKED))
    if waiting:
        more = " or more" if len(waiting) == COUNTED_PARKED else ""
        last = max(waiting, key=lambda one: one.at)
        tally.problem(f"{len(waiting):,}{more} pushed payload{'s' * (len(waiting) > 1)} could not be read, the last: "
                      f"{last.reason}. See `python -m collectors parked list`.")
