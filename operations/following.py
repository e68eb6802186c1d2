"""After the last send: what became of the messages? Returns and successes are told by whoever saw them
(`store.outcomes`). What did not come back within the window is asked for in its idempotency table, where one is
known; else it is presumed processed, and said to be only that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from operations.plan import READ_AT_ONCE
from store import dead_letters, jobs, outcomes
from store.clock import MINUTE_MS
from store.recovery import DeadLetter, Job, JobState, LetterState, Outcome
from store.table import Table

_SETTLED = (LetterState.SUCCEEDED, LetterState.PRESUMED, LetterState.RETURNED)

Proof = Callable[[DeadLetter], str]
"""What shows that a message was processed, in words; nothing where that is not known."""


def unproved(_: DeadLetter) -> str:
    return ""


def follow(table: Table, job: Job, now: int, presume_ms: int, beat: Callable[[Job], Job],  # noqa: PLR0913
           proof: Proof = unproved) -> Job:
    """The job recounted, with every message that is overdue at `now` settled. `beat` renews the lease."""
    counts: Counter[str] = Counter()
    overdue = []
    for result in jobs.each_result(table, job.id):
        counts[str(result.outcome)] += 1
        if result.outcome is Outcome.SENT and result.at <= now - presume_ms:
            overdue.append(result.letter.removeprefix(f"{job.queue}/"))
    for start in range(0, len(overdue), READ_AT_ONCE):
        job = beat(job)
        found = dead_letters.find_many(table, job.place, job.queue, overdue[start:start + READ_AT_ONCE])
        for letter in (*found.whole.values(), *(lost.letter for lost in found.broken.values())):
            _settle(table, letter, now, presume_ms, proof)
    return jobs.recount(table, job) if overdue else replace(job, counts=dict(counts))


def ended(job: Job) -> bool:
    """Whether nothing of a followed job is on its way any more."""
    return job.state is JobState.FOLLOWING and not job.count(Outcome.SENT)


def _settle(table: Table, letter: DeadLetter, now: int, presume_ms: int, proof: Proof) -> None:
    if letter.state in _SETTLED:  # whoever settled it was stopped before the job heard
        outcomes.settle(table, letter, letter.state, "", now, letter.next)
        return
    evidence = proof(letter)
    if evidence:
        outcomes.settle(table, letter, LetterState.SUCCEEDED, evidence, now)
        return
    evidence = f"no return within {presume_ms // MINUTE_MS} minutes"
    outcomes.settle(table, letter, LetterState.PRESUMED, evidence, now)
