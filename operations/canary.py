"""A canary: a few messages first, and on only when they came out well. The stages are `Job.ramp`, then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from store.recovery import Job, Outcome

USUAL = (1, 10)
MOST_STAGES = 5


class Step(StrEnum):
    GO = "go"
    WAIT = "wait"
    STOP = "stop"


def room(job: Job, attempted: int) -> int | None:
    """How many messages more this stage may try; None when it is the rest."""
    if job.stage >= len(job.ramp):
        return None
    return max(0, sum(job.ramp[:job.stage + 1]) - attempted)


def judge(job: Job) -> tuple[Step, str]:
    """What the outcomes of the stages so far say of the next, in words too. `job` is counted anew."""
    failed, tried = job.failed - job.tolerated, job.attempted
    if failed > 0:
        return Step.STOP, f"canary: {failed:,} of {tried:,} {_failure(job)}"
    waiting = job.count(Outcome.SENT)
    if waiting:
        return Step.WAIT, f"Waiting: the outcome of {waiting:,} of the first {tried:,} messages"
    return Step.GO, ""


def stages(ramp: Sequence[int]) -> str:
    """`1 → 10 → the rest`."""
    return " → ".join([*(f"{size:,}" for size in ramp), "the rest"])


def _failure(job: Job) -> str:
    returned, aside = job.count(Outcome.RETURNED), job.count(Outcome.NEEDS_OPERATOR)
    if returned and aside:
        return "came back or could not be sent"
    return "came back" if returned else "could not be sent"
