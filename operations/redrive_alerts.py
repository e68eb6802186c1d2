"""A redrive that stopped by itself is worth telling: whoever started it has long closed the tab."""

from __future__ import annotations

from store import alerts
from store.alerts import Alert, AlertKind
from store.recovery import Job
from store.table import Table


def stopped(table: Table, job: Job, why: str, now: int) -> None:
    """Told before the job is written as stopped: a worker killed in between finds the same again, and tells it once.
    Raises StoreError."""
    alerts.put(table, Alert(job.place, f"redrive#{job.id}#{job.attempted}", AlertKind.STOPPED, now, queue=job.queue,
                            job_id=job.id, count=job.total, message=why))
