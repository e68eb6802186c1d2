"""One collector in every place: here first, then the other accounts and regions, each within its own share of the time.

A place that is denied or fails is a problem of its own run, shown on Health under its name; the others go on. Quotas
of AWS are counted per account and region, so places do not take them from each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from collectors.tally import STOP_MS, Tally, TimeLeft
from store import health, places
from store.clients import Connection
from store.clock import MINUTE_MS
from store.errors import LamplightError
from store.members import Member
from store.places import KnownPlace
from store.records import CollectorRun

Collect = Callable[[Connection, TimeLeft], CollectorRun]


def everywhere(name: str, collect: Collect, connection: Connection, time_left_ms: TimeLeft) -> list[CollectorRun]:
    """Run the collector called `name` here and in every member. Raises StoreError when the table cannot be used, and
    what the run here raises."""
    members = _in_turn(connection.settings.members, connection.clock())
    if members:
        places.enter(connection.table, _known(connection, members))
    runs = [collect(connection, _share(time_left_ms, len(members)))]
    for number, member in enumerate(members):
        if time_left_ms() <= STOP_MS:
            break  # it stands on Health as late, and comes earlier in the next minute
        share = _share(time_left_ms, len(members) - number - 1)
        runs.append(_in_member(name, collect, connection.of(member), share))
    return runs


def summed(runs: Sequence[CollectorRun]) -> Mapping[str, object]:
    """What an entry point answers: counts of all places, and problems with the place they are of."""
    here = runs[0].place
    said = [problem if run.place == here else f"{run.place.account}/{run.place.region}: {problem}"
            for run in runs for problem in run.problems]
    return {"read": sum(run.read for run in runs), "wrote": sum(run.wrote for run in runs), "problems": said}


def _in_member(name: str, collect: Collect, connection: Connection, time_left_ms: TimeLeft) -> CollectorRun:
    tally = Tally.begin(connection.place, name, connection.clock)
    try:
        connection.clients.enter()
        return collect(connection, time_left_ms)
    except LamplightError as error:
        tally.problem(error.sentence)
    run = tally.run()
    health.put_run(connection.table, run)
    return run


def _share(time_left_ms: TimeLeft, others: int) -> TimeLeft:
    """What is left, less what is kept for `others` that wait: what one does not use, the next may."""
    kept_back = max(0, time_left_ms() - STOP_MS) * others // (others + 1)
    return lambda: time_left_ms() - kept_back


def _in_turn(members: Sequence[Member], now: int) -> list[Member]:
    """Another one first each minute, so that when time runs out it is not always the same that wait."""
    first = now // MINUTE_MS % len(members) if members else 0
    return [*members[first:], *members[:first]]


def _known(connection: Connection, members: Sequence[Member]) -> list[KnownPlace]:
    now = connection.clock()
    others = [KnownPlace(connection.of(member).place, role_arn=member.role_arn, seen_at=now) for member in members]
    return [KnownPlace(connection.place, home=True, seen_at=now), *others]
