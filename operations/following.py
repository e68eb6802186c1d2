"""After the last send: what became of the messages? Returns and successes are told by whoever saw them
(`store.outcomes`). What did not come back within the window is asked for in its idempotency table, where one is
known; else it is presumed processed, and said to be only that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from operations.plan import READ_AT_ONCE
from store import dead_letters, jobs, outcomes
from store.clock import MINUTE_MS
from store.recovery import DeadLetter, Job, JobState, LetterState, Outcome

if TYPE_CHECKING:
    from operations.leased import Means

_SETTLED = (LetterState.SUCCEEDED, LetterState.PRESUMED, LetterState.RETURNED)

Proof = Callable[[DeadLetter], str]
"""What shows that a message was processed, in words; nothing where that is not known."""


def unproved(_: DeadLetter) -> str:
    return ""


def follow(means: Means, job: Job, beat: Callable[[Job], Job]) -> Job:
    """The job recounted, with the messages that are overdue settled, as many as there is time for. `beat` renews the
    lease."""
    counts: Counter[str] = Counter()
    overdue: list[str] = []
    due, settled = means.clock() - means.presume_ms, False
    for result in jobs.each_result(means.table, job.id):
        counts[str(result.outcome)] += 1
        if result.outcome is Outcome.SENT and result.at <= due and not means.out_of_time:
            overdue.append(result.letter.removeprefix(f"{job.queue}/"))
        if len(overdue) == READ_AT_ONCE:
            job, settled, overdue = _settled(means, job, overdue, beat), True, []
    if overdue:
        job, settled = _settled(means, job, overdue, beat), True
    return jobs.recount(means.table, job) if settled else replace(job, counts=dict(counts))


def ended(job: Job) -> bool:
    """Whether nothing of a followed job is on its way any more."""
    return job.state is JobState.FOLLOWING and not job.count(Outcome.SENT)


def _settled(means: Means, job: Job, overdue: Sequence[str], beat: Callable[[Job], Job]) -> Job:
    job = beat(job)
    found = dead_letters.find_many(means.table, job.place, job.queue, overdue)
    for letter in (*found.whole.values(), *(lost.letter for lost in found.broken.values())):
        _settle(means, letter)
    return job


def _settle(means: Means, letter: DeadLetter) -> None:
    now = means.clock()
    if letter.state in _SETTLED:  # whoever settled it was stopped before the job heard
        outcomes.settle(means.table, letter, letter.state, "", now, letter.next)
        return
    evidence = means.proof(letter)
    if evidence:
        outcomes.settle(means.table, letter, LetterState.SUCCEEDED, evidence, now)
        return
    evidence = f"no return within {means.presume_ms // MINUTE_MS} minutes"
    outcomes.settle(means.table, letter, LetterState.PRESUMED, evidence, now)
