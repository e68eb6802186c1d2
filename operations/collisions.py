"""What must not be asked for while something else has a queue's messages in hand. A move task takes everything in the
queue, whoever selected it; asked for here, refused again by whoever carries it out."""

from __future__ import annotations

from operations.errors import AlreadyRedriving, CommandNotPossible
from operations.plan import sends
from store import commands, jobs
from store.commands import Command, Kind
from store.table import Table

TAKING = (Kind.MOVE, Kind.SWITCH, Kind.FORGET)
"""Kinds that take messages out of a queue, or give it to somebody who does."""


def refuse(table: Table, wanted: Command) -> None:
    """Raises CommandNotPossible or AlreadyRedriving when `wanted` collides with what is open for its queue."""
    if wanted.kind not in TAKING:
        return
    for other in commands.open_of(table, wanted.place, wanted.subject):
        if other.kind in TAKING and Kind.MOVE in (other.kind, wanted.kind):
            raise CommandNotPossible(f"Somebody has asked to {other.kind} for {other.subject}; it is {other.state}.",
                                     "Wait until it is over, or stop it.")
    if wanted.kind is Kind.MOVE:
        for job in jobs.open_jobs(table):
            if (job.place, job.queue) == (wanted.place, wanted.subject) and sends(job):
                raise AlreadyRedriving(job.id, [f"messages of {job.queue}"])

