"""What it costs to look: read units of each question the dashboard asks, with two days of history and with fourteen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from benchmarks.cost import BEGAN, PLACE, Clock
from benchmarks.meter import Meter
from benchmarks.target import Report, Target
from store import audit_log, dead_letters, error_groups, invocations, jobs, live, minutes, rollups
from store.clock import DAY_MS, HOUR_MS
from tests.dashboard import seed

NAME, QUEUE = "checkout-fulfil", "checkout-fulfil-dlq"
FINGERPRINT = seed.GROUPS[NAME, "error"][0]
Question = Callable[[Meter], Iterable[object]]
NOW = BEGAN + 30 * 60_000
QUESTIONS: dict[str, Question] = {
    "overview, 24 hours": lambda table: rollups.fleet(table, PLACE, NOW - DAY_MS, NOW),
    "one function, an hour of minutes": lambda table: minutes.between(table, PLACE, NAME, NOW - HOUR_MS, NOW),
    "one function, 24 hours": lambda table: rollups.hours(table, PLACE, NAME, NOW - DAY_MS, NOW),
    "one function, 30 days": lambda table: rollups.days(table, PLACE, NAME, NOW - 30 * DAY_MS, NOW),
    "kept invocations, an hour": lambda table: invocations.of_function(table, PLACE, NAME, NOW - HOUR_MS, NOW),
    "error groups": lambda table: error_groups.of_place(table, PLACE),
    "samples of an error group": lambda table: invocations.of_group(table, PLACE, FINGERPRINT),
    "how far log groups are read": lambda table: live.read(table, PLACE),
    "dead letters of a queue": lambda table: dead_letters.of_queue(table, PLACE, QUEUE),
    "newest redrives": lambda table: jobs.recent(table, PLACE),
    "audit, this month": lambda table: audit_log.entries(table, PLACE, NOW),
}
MOST_GROWTH = 1.5
"""Seven times the history: a day more or less in a partition may round to another unit."""


def asked(days: int) -> dict[str, int]:
    """Read units of each question, of a table with so many days of the same bad day."""
    clock = Clock()
    clock.now = NOW
    table = Meter(clock)
    seed.seed(table, PLACE, NOW, hours=24 * days)
    kept = invocations.of_function(table, PLACE, NAME, 0, NOW, limit=50)
    for day in range(1, days):
        invocations.put_many(table, (replace(one, at=one.at - day * DAY_MS) for one in kept))
    units = {}
    for name, question in QUESTIONS.items():
        table.reset()
        for _ in question(table):
            pass
        units[name] = sum(table.read.values())
    return units


def run() -> Report:
    few, many = asked(2), asked(14)
    rows = [[name, f"{few[name]:,}", f"{many[name]:,}"] for name in QUESTIONS]
    growth = max(many[name] / few[name] for name in QUESTIONS)
    return Report("Read units of a question, eleven functions", ["", "2 days kept", "14 days kept"], rows,
                  [Target("growth with seven times the history", growth, MOST_GROWTH)])
