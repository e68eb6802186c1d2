"""A redrive's progress in words and rows. Pure; every number is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import pandas as pd

from dashboard import phrasing
from operations import canary
from store.clock import SECOND_MS
from store.recovery import Job, JobResult, JobState, Outcome

SHORT_ID = 18
"""Enough of a message id to compare; the whole one is a click away."""

PHASES = {
    JobState.QUEUED: "waiting for the worker",
    JobState.RUNNING: "sending",
    JobState.PAUSED: "paused",
    JobState.FOLLOWING: "following",
    JobState.DONE: "done",
    JobState.CANCELLED: "cancelled",
    JobState.REFUSED: "refused",
}
EXPLAINED = {
    JobState.QUEUED: "The worker takes it up within a minute.",
    JobState.PAUSED: "Nothing is sent until somebody resumes it. What was sent stays sent.",
    JobState.FOLLOWING: "Everything is sent; each message is followed to its outcome.",
    JobState.REFUSED: "The worker checked again and did not send anything.",
}
"""What a phase means, where its name alone does not say."""
OUTCOMES = {
    Outcome.SENT: "on the way",
    Outcome.SUCCEEDED: "succeeded",
    Outcome.PRESUMED: "presumed processed",
    Outcome.RETURNED: "returned",
    Outcome.SKIPPED: "skipped",
    Outcome.NEEDS_OPERATOR: "needs an operator",
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


def stage(job: Job) -> str:
    """Where a canary stands: `canary 1 → 10 → the rest, stage 2`; nothing for a redrive without one."""
    if not job.ramp:
        return ""
    now = f", stage {min(job.stage, len(job.ramp)) + 1}" if job.state.sending else ""
    return f"canary {canary.stages(job.ramp)}{now}"


def pace(job: Job, now: int) -> str:
    """How long each phase takes or took: `sent in 80 ms, following for 40 s`."""
    if job.started_at is None:
        if job.not_before is not None and job.not_before > now and job.state.open:
            return f"begins in {phrasing.age(job.not_before - now)}"
        return f"asked for {phrasing.ago(job.asked_at, now)}"
    if job.sent_at is None:
        end = job.finished_at or now
        return f"{'stopped after' if job.finished_at else 'sending for'} {phrasing.duration(end - job.started_at)}"
    sending = job.sent_at - job.started_at
    words = f"sent in {phrasing.duration(sending)}"
    sent = job.handled - job.count(Outcome.SKIPPED)
    if sending >= SECOND_MS and sent:
        words += f" ({sent / sending * SECOND_MS:,.3g} a second)"
    if job.finished_at is None:
        following = now - job.sent_at
        return f"{words}, following for {phrasing.age(following)}" if following >= SECOND_MS else words
    return f"{words}, every outcome known after {phrasing.duration(job.finished_at - job.started_at)}"


def jobs_frame(jobs: Sequence[Job], zone: tzinfo) -> pd.DataFrame:
    """One row a redrive, in the order given."""
    return pd.DataFrame({
        "asked": pd.to_datetime([job.asked_at for job in jobs], unit="ms", utc=True).tz_convert(zone),
        "state": [PHASES[job.state] for job in jobs],
        "messages": [job.total for job in jobs],
        "settled": [share_settled(job) * 100 for job in jobs],
        "succeeded": [job.count(Outcome.SUCCEEDED) for job in jobs],
        "presumed": [job.count(Outcome.PRESUMED) for job in jobs],
        "returned": [job.count(Outcome.RETURNED) for job in jobs],
        "not sent": [job.count(Outcome.SKIPPED) + job.count(Outcome.NEEDS_OPERATOR) for job in jobs],
        "queue": [job.queue for job in jobs],
        "reason": [phrasing.line(job.reason) for job in jobs],
        "by": [phrasing.line(job.actor, 60) for job in jobs],
    })


def results_frame(results: Sequence[JobResult], zone: tzinfo) -> pd.DataFrame:
    """One row a message, in the order given; a column of unanswered sends only when there are any."""
    frame = pd.DataFrame({
        "outcome": [OUTCOMES[result.outcome] for result in results],
        "detail": [phrasing.line(result.detail) or phrasing.NONE for result in results],
        "message": [message_id(result) for result in results],
        "at": pd.to_datetime([result.at for result in results], unit="ms", utc=True).tz_convert(zone),
        "sent as": [phrasing.middle(result.sent_message_id or phrasing.NONE, SHORT_ID) for result in results],
    })
    if any(result.ambiguous for result in results):
        frame.insert(1, "no answer", [result.ambiguous for result in results])
    return frame


def message_id(result: JobResult) -> str:
    """Without the queue it is named after."""
    return result.letter.rpartition("/")[2]
