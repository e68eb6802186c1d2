"""A redrive's progress in words and rows. Pure; every number is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import pandas as pd

from dashboard import phrasing
from store.recovery import Job, JobResult, JobState, Outcome

PHASES = {
    JobState.QUEUED: "waiting for the worker",
    JobState.RUNNING: "sending",
    JobState.FOLLOWING: "sent; following each message to its outcome",
    JobState.DONE: "done",
    JobState.CANCELLED: "cancelled",
    JobState.REFUSED: "refused",
}
OUTCOMES = {
    Outcome.SENT: "on the way",
    Outcome.SUCCEEDED: "succeeded",
    Outcome.PRESUMED: "presumed processed",
    Outcome.RETURNED: "returned",
    Outcome.SKIPPED: "skipped",
    Outcome.NEEDS_OPERATOR: "needs operator",
}
MEANINGS = {
    Outcome.SENT: "The destination has accepted it; its outcome is not known yet.",
    Outcome.SUCCEEDED: "The function's own logs speak of it in an invocation that went well.",
    Outcome.PRESUMED: "It did not come back within the window. Nothing more is known.",
    Outcome.RETURNED: "It failed again and is back as a new dead letter.",
    Outcome.SKIPPED: "Not sent: it had been dealt with, or has no way back.",
    Outcome.NEEDS_OPERATOR: "Not sent: the destination refused it, or three tries stayed without an answer.",
}


def share_sent(job: Job) -> float:
    """How much of the selection the worker is done with, 0 to 1."""
    return min(1.0, job.handled / job.total) if job.total else 1.0


def share_settled(job: Job) -> float:
    """How much of the selection has a known outcome, 0 to 1."""
    return min(1.0, job.settled / job.total) if job.total else 1.0


def sentence(job: Job) -> str:
    """`2 of 2 messages: 1 succeeded, 1 returned`."""
    parts = [f"{job.count(outcome):,} {word}" for outcome, word in OUTCOMES.items() if job.count(outcome)]
    left = job.total - job.handled
    if left > 0:
        parts.append(f"{left:,} not sent" if not job.state.open else f"{left:,} to send")
    return f"{phrasing.plural(job.total, 'message')}: {', '.join(parts) or 'none sent yet'}"


def jobs_frame(jobs: Sequence[Job], zone: tzinfo) -> pd.DataFrame:
    return pd.DataFrame({
        "asked": pd.to_datetime([job.asked_at for job in jobs], unit="ms", utc=True).tz_convert(zone),
        "state": [PHASES[job.state] for job in jobs],
        "queue": [job.queue for job in jobs],
        "messages": [job.total for job in jobs],
        "settled": [share_settled(job) * 100 for job in jobs],
        "succeeded": [job.count(Outcome.SUCCEEDED) for job in jobs],
        "presumed": [job.count(Outcome.PRESUMED) for job in jobs],
        "returned": [job.count(Outcome.RETURNED) for job in jobs],
        "not sent": [job.count(Outcome.SKIPPED) + job.count(Outcome.NEEDS_OPERATOR) for job in jobs],
        "by": [job.actor for job in jobs],
        "reason": [phrasing.line(job.reason) for job in jobs],
    })


def results_frame(results: Sequence[JobResult], zone: tzinfo) -> pd.DataFrame:
    return pd.DataFrame({
        "outcome": [OUTCOMES[result.outcome] for result in results],
        "message": [result.letter.rpartition("/")[2] for result in results],
        "at": pd.to_datetime([result.at for result in results], unit="ms", utc=True).tz_convert(zone),
        "detail": [phrasing.line(result.detail) for result in results],
        "sent as": [result.sent_message_id or phrasing.NONE for result in results],
        "ambiguous sends": [result.ambiguous for result in results],
    })
