"""The one wrapper around every change: an intent with a name on it before the act, the outcome after.

An act that is done at once runs inside `audited`. A redrive is announced when it is asked for and completed by
the worker when the job ends; its entry carries the job's id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from operations.permissions import Action
from store import audit_log
from store.clock import Clock
from store.errors import LamplightError
from store.recovery import AuditEntry, Job
from store.table import Table

FAILED = "failed"


@dataclass(slots=True)
class Act:
    """What the act itself adds: how it ended, in one word, and what is worth keeping."""

    outcome: str = "done"
    details: dict[str, str] = field(default_factory=dict)


def announce(table: Table, entry: AuditEntry) -> None:
    """Write the intent. Raises StoreError, and then the act must not happen."""
    audit_log.put_intent(table, entry)


def of_job(job: Job, details: Mapping[str, str] | None = None) -> AuditEntry:
    """The entry of a redrive; its id and time are the job's, so asker and worker mean the same one."""
    return AuditEntry(job.place, job.id, job.asked_at, job.actor, job.role, Action.REDRIVE, job.queue, job.reason,
                      details or {})


def complete(table: Table, job: Job, at: int, outcome: str) -> None:
    """Write how a redrive ended, with its counted numbers. Repeating it changes nothing."""
    details = {str(name): str(count) for name, count in sorted(job.counts.items())}
    if job.problem:
        details["problem"] = job.problem
    audit_log.put_outcome(table, of_job(job), outcome, at, details)


@contextmanager
def audited(table: Table, clock: Clock, entry: AuditEntry) -> Iterator[Act]:
    """Run an act that ends at once. Whatever it raises is written down as its outcome and raised again."""
    announce(table, entry)
    act = Act()
    try:
        yield act
    except LamplightError as error:
        audit_log.put_outcome(table, entry, FAILED, clock(), {**act.details, "error": str(error)})
        raise
    audit_log.put_outcome(table, entry, act.outcome, clock(), act.details)
