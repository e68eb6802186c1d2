"""The consumers of a destination rest while it is being sent, and go on afterwards, whoever is left to see to it.

    row in the table ─► mapping disabled ─► … sending, the deadline renewed … ─► mapping enabled ─► row deleted

The row comes first and goes last, so that a mapping is never disabled without one. Any worker's run resumes what is
past its deadline. A mapping that was disabled by somebody else is not ours to resume; one that two redrives paused
is resumed by the second."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from operations import audit
from operations.permissions import Action
from store import jobs, keys
from store.clock import MINUTE_MS, Clock
from store.errors import LamplightError, StoreError
from store.items import Item
from store.recovery import AuditEntry, Job
from store.table import Table

LONGEST_MS = 15 * MINUTE_MS
"""How long a consumer rests after the last slice that got on: fifteen runs of the worker."""


class Consumers(Protocol):
    """Event source mappings by id. Raises StoreError when Lambda cannot be asked."""

    def reading(self, queue_arn: str) -> list[str]:
        """The mappings that read this queue now; disabled ones are left out."""
        ...

    def pause(self, mapping: str) -> None: ...

    def resume(self, mapping: str) -> None: ...


def paused(table: Table, clock: Clock, consumers: Consumers | None, job: Job) -> Job:
    """The job with its destinations' consumers at rest, the deadline renewed. While it waits, nothing is renewed.

    Raises StoreError when one cannot be paused; then nothing is to be sent."""
    if not job.pause_consumers_of or (job.problem or "").startswith("Waiting:"):
        return job
    if consumers is None:
        raise StoreError("Nothing here can pause a consumer.", "Give the worker the means to, or redrive without.")
    resting = set()
    for arn in job.pause_consumers_of:
        known = {row["mapping"] for row in _rows(table, job) if row["queue"] == arn}
        for mapping in sorted({*known, *consumers.reading(arn)}):
            _pause(table, clock, consumers, job, mapping, arn)
            resting.add(mapping)
    return jobs.save(table, replace(job, paused_consumer=tuple(sorted(resting))))


def resumed(table: Table, clock: Clock, consumers: Consumers | None, job: Job) -> Job:
    """The job with nobody at rest for it; to be saved by the caller."""
    if job.pause_consumers_of and consumers:
        for row in _rows(table, job):
            if row["job"] == job.id:
                _resume(table, clock, consumers, job, row)
        return replace(job, paused_consumer=())
    return job


def resume_forgotten(table: Table, clock: Clock, consumers: Consumers) -> int:
    """Resume what is past its deadline, because whoever paused it died or does not get on. How many there were; one
    that cannot be resumed now is left for the next run."""
    count = 0
    for row in list(table.query_open(keys.open_pauses())):
        job = jobs.get(table, row["job"])
        if job is None or row["open_at"] > clock():
            continue
        try:
            _resume(table, clock, consumers, job, row)
        except LamplightError:
            continue
        count += 1
    return count


def _pause(table: Table, clock: Clock, consumers: Consumers, job: Job, mapping: str, arn: str) -> None:
    key = keys.paused_consumer(job.place, mapping, job.id)
    standing, now = table.get(key), clock()
    table.put(key, {"v": 1, "mapping": mapping, "queue": arn, "job": job.id,
                    "open": keys.open_pauses(), "open_at": now + LONGEST_MS})
    if standing is None or not standing.get("paused"):
        with audit.audited(table, clock, _entry(job, now, Action.PAUSE_CONSUMER, mapping, arn)) as act:
            consumers.pause(mapping)
            act.outcome = "paused"
    table.update(key, {"paused": True})


def _resume(table: Table, clock: Clock, consumers: Consumers, job: Job, row: Item) -> None:
    mapping, now = row["mapping"], clock()
    if not any(other["mapping"] == mapping and other["job"] != row["job"] for other in _rows(table, job)):
        with audit.audited(table, clock, _entry(job, now, Action.RESUME_CONSUMER, mapping, row["queue"])) as act:
            consumers.resume(mapping)
            act.outcome = "resumed"
    table.delete(keys.paused_consumer(job.place, mapping, row["job"]))


def _rows(table: Table, job: Job) -> Iterator[Item]:
    return table.query(keys.paused_consumers(job.place))


def _entry(job: Job, now: int, action: Action, mapping: str, arn: str) -> AuditEntry:
    """Each time is an entry of its own: one that failed is tried again."""
    return AuditEntry(job.place, f"{job.id}-{mapping}-{uuid.uuid4().hex[:8]}", now, job.actor, job.role, action,
                      mapping, job.reason, {"redrive": job.id, "queue": arn})
