"""What the overview shows of one account and region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import advice, attention, reads
from dashboard.attention import Finding
from dashboard.summaries import Fleet
from dashboard.windows import Window
from store.clients import Connection
from store.records import Deploy, FunctionInfo, Status
from store.recovery import Queue
from store.rollups import Rollup
from store.triage import TriageState

MARKED = 5
"""Deploys are drawn for this many of the worst functions."""


@dataclass(frozen=True, slots=True)
class Overview:
    window: Window
    fleet: Fleet
    before: Rollup
    inventory: Sequence[FunctionInfo]
    queues: Sequence[tuple[Queue, int | None]]
    findings: Sequence[Finding]
    deploys: Sequence[Deploy]


def fetch(connection: Connection, window: Window) -> Overview:
    """Read it all, for the place the connection looks at. Raises StoreError."""
    fleet = reads.overview(connection, window)
    inventory, queues = reads.inventory(connection), reads.dead_letter_queues(connection)
    advised = advice.of_fleet(inventory, reads.configurations(connection), reads.every_queue(connection), window.now)
    groups = reads.groups(connection)
    standing = reads.standings(connection)
    ignored = {one.fingerprint for one in groups if one.status in (Status.ERROR, Status.CRASH)
               and one.fingerprint in standing and standing[one.fingerprint].state is TriageState.IGNORED}
    found = attention.findings(fleet, window, inventory, groups, queues, advised, ignored)
    failing = [summary.function for summary in fleet.functions if summary.total.failures][:MARKED]
    deploys = [deploy for name in failing for deploy in reads.deploys(connection, name, window.start, window.end)]
    return Overview(window, fleet, reads.before(connection, window.previous), inventory, queues, found, deploys)
