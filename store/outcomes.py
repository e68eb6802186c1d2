"""How a redriven letter ended: one write to the letter, one to its job's results. Told by whoever saw it:
the capture of a return, the collector that saw it processed, the worker whose window passed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from store import dead_letters, jobs, keys
from store.errors import ConditionLost
from store.recovery import DeadLetter, Job, JobResult, LetterState, Outcome
from store.table import Condition, Table

_OUTCOMES = {
    LetterState.SUCCEEDED: Outcome.SUCCEEDED,
    LetterState.PRESUMED: Outcome.PRESUMED,
    LetterState.RETURNED: Outcome.RETURNED,
}
_OVERRULES = {
    LetterState.SUCCEEDED: (LetterState.SENT, LetterState.PRESUMED),
    LetterState.PRESUMED: (LetterState.SENT,),
    # A return is a fact about the queue and overrules what was believed before. CLAIMED and NEEDS_OPERATOR:
    # the send was ambiguous, and the return proves that it arrived; DISCARDED: the same, and a person gave up on it.
    LetterState.RETURNED: (LetterState.CLAIMED, LetterState.SENT, LetterState.SUCCEEDED, LetterState.PRESUMED,
                           LetterState.NEEDS_OPERATOR, LetterState.DISCARDED),
}


def settle(table: Table, letter: DeadLetter, state: LetterState, evidence: str, at: int,
           next_life: str | None = None) -> DeadLetter | None:
    """Record an outcome with what it rests on. None when the letter has moved on and the outcome no longer
    applies; a concurrent writer is read again, never overwritten. Told again, whoever was stopped between the
    letter and its job's result is finished."""
    while letter.state in _OVERRULES[state]:
        after = replace(letter, state=state, evidence=evidence, settled_at=at, next=next_life or letter.next,
                        discarded_as=None)
        try:
            saved = dead_letters.save(table, letter, after)
        except ConditionLost as lost:
            standing = dead_letters.standing(table, lost)
            if standing is None:
                return None
            letter = standing
            continue
        _tell(table, saved)
        return saved
    if letter.state is state and letter.next == next_life:
        _tell(table, letter)
    return None


def correct(table: Table, job_ids: Iterable[str | None]) -> None:
    """Count finished jobs again after an outcome that came late. An open job is counted by its worker."""
    for job_id in sorted(set(filter(None, job_ids))):
        while not _corrected(table, job_id):
            continue  # another late outcome was counted in between


def _tell(table: Table, letter: DeadLetter) -> None:
    if letter.job_id:
        result = JobResult(letter.key, _OUTCOMES[letter.state], letter.settled_at or 0, letter.evidence or "",
                           letter.sent_message_id, letter.ambiguous, letter.edit.id if letter.edit else None)
        jobs.put_results(table, letter.job_id, [result])


def _corrected(table: Table, job_id: str) -> bool:
    job = jobs.get(table, job_id)
    if job is None or job.state.open:
        return True
    counts = jobs.recount(table, job).counts
    if counts == job.counts:
        return True
    try:
        table.update(keys.job(job_id), {"counts": dict(counts)}, _as_counted(job))
    except ConditionLost:
        return False
    return True


def _as_counted(job: Job) -> Condition:
    if not job.counts:
        return Condition("attribute_not_exists(#counts)", names=("counts",))
    return Condition("#counts = :seen", {"seen": dict(job.counts)}, ("counts",))
