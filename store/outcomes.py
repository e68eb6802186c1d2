"""How a redriven letter ended: one write to the letter, one to its job's results. Told by whoever saw it:
the capture of a return, the collector that saw it processed, the worker whose window passed."""

from __future__ import annotations

from dataclasses import replace

from store import dead_letters, jobs
from store.errors import ConditionLost
from store.recovery import DeadLetter, JobResult, LetterState, Outcome
from store.table import Table

_OUTCOMES = {
    LetterState.SUCCEEDED: Outcome.SUCCEEDED,
    LetterState.PRESUMED: Outcome.PRESUMED,
    LetterState.RETURNED: Outcome.RETURNED,
}
_OVERRULES = {
    LetterState.SUCCEEDED: (LetterState.SENT, LetterState.PRESUMED),
    LetterState.PRESUMED: (LetterState.SENT,),
    # A return is a fact about the queue and overrules what was believed before. CLAIMED and NEEDS_OPERATOR:
    # the send was ambiguous, and the return proves that it arrived.
    LetterState.RETURNED: (LetterState.CLAIMED, LetterState.SENT, LetterState.SUCCEEDED, LetterState.PRESUMED,
                           LetterState.NEEDS_OPERATOR),
}


def settle(table: Table, letter: DeadLetter, state: LetterState, evidence: str, at: int,
           next_life: str | None = None) -> DeadLetter | None:
    """Record an outcome with what it rests on. None when the letter has moved on and the outcome no longer
    applies; a concurrent writer is read again, never overwritten."""
    while letter.state in _OVERRULES[state]:
        after = replace(letter, state=state, evidence=evidence, settled_at=at, next=next_life or letter.next)
        try:
            saved = dead_letters.save(table, letter, after)
        except ConditionLost as lost:
            standing = dead_letters.standing(table, lost)
            if standing is None:
                return None
            letter = standing
            continue
        if saved.job_id:
            result = JobResult(saved.key, _OUTCOMES[state], at, evidence, saved.sent_message_id, saved.ambiguous)
            jobs.put_results(table, saved.job_id, [result])
        return saved
    return None
