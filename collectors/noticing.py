"""Sightings of error groups, and what is worth telling about them: a new group, a resolved one that failed again."""

from __future__ import annotations

from collections.abc import Iterable

from collectors import facts
from collectors.particulars import normalised
from store import alerts, error_groups, functions, triage
from store.alerts import Alert, AlertKind
from store.clock import HOUR_MS
from store.records import ErrorGroup, Invocation, Place
from store.table import Table

TOLD_AGAIN_MS = HOUR_MS
"""How old the message and the stack of a group's last sighting may be, while it goes on failing."""
MAX_MESSAGE_CHARS = 500
"""What a notification shows, without what varies or identifies; the group holds the whole of it."""


def notice(table: Table, place: Place, function: str, fresh: Iterable[Invocation]) -> int:
    """Tell each group of its first and its last sighting among these: the ones between change nothing. Returns the
    number of sightings told that say more than when."""
    ends: dict[str, tuple[ErrorGroup, ErrorGroup]] = {}
    for invocation in fresh:
        whole = facts.sighting(place, function, invocation)
        for seen in (*([whole] if whole else []), *facts.message_sightings(place, function, invocation)):
            first, last = ends.get(seen.fingerprint, (seen, seen))
            ends[seen.fingerprint] = (min(first, seen, key=_when), max(last, seen, key=_when))
    return sum(see(table, one) for pair in ends.values() for one in dict.fromkeys(pair))


def see(table: Table, seen: ErrorGroup) -> bool:
    """Take in one sighting. The alert goes first: killed in between, it is the same alert again. False when all that
    the sighting says is when."""
    standing = error_groups.told(table, seen.place, seen.fingerprint)
    if standing is None:
        alerts.put(table, _alert(seen, AlertKind.NEW, f"new#{seen.fingerprint}"))
    else:
        _regression(table, seen)
        if _tells_little(seen, standing):
            return False
    error_groups.observe(table, seen)
    return True


def _tells_little(seen: ErrorGroup, standing: ErrorGroup) -> bool:
    """Whether all it says is when the group was last seen, which the live ones say (`ledger`)."""
    between = standing.first_seen <= seen.first_seen and seen.last_seen < standing.last_seen + TOLD_AGAIN_MS
    return between and seen.last_version in (standing.last_version, None)


def _regression(table: Table, seen: ErrorGroup) -> None:
    decided = triage.get(table, seen.place, seen.fingerprint)
    if decided is None:
        return
    deployed = _deployed(table, decided, seen)
    if not triage.regresses(decided, seen.last_seen, seen.last_version, deployed):
        return
    alerts.put(table, _alert(seen, AlertKind.REGRESSED, f"regressed#{seen.fingerprint}#{decided.revision}"))
    triage.regress(table, decided, seen.last_seen, seen.last_version)


def _deployed(table: Table, decided: triage.Triage, seen: ErrorGroup) -> int | None:
    """The first deploy after the decision; asked only when the decision waits for one."""
    if not decided.next_deploy:
        return None
    deploys = functions.deploys(table, seen.place, seen.function, decided.at, seen.last_seen + 1)
    return next((deploy.at for deploy in deploys), None)


def _alert(seen: ErrorGroup, kind: AlertKind, name: str) -> Alert:
    return Alert(seen.place, name, kind, seen.last_seen, seen.function, seen.fingerprint, seen.error_type,
                 normalised(seen.message)[:MAX_MESSAGE_CHARS], seen.last_version)


def _when(group: ErrorGroup) -> tuple[int, str]:
    return group.last_seen, group.request_id or ""
