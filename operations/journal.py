"""One letter's way through a job. Each step is one conditional write on the letter, then its result on the job.

    DEAD ── claim ──► CLAIMED ── send ──► SENT                       result: sent
                         │  ▲    refused ► NEEDS_OPERATOR            result: needs operator
                         │  └─── not taken: given back as it stood   no result, tried again
                         └────── no answer, or a crash: stays CLAIMED; who finds it so counts one possible
                                 duplicate and sends again, MAX_ATTEMPTS in all, then NEEDS_OPERATOR

A send is written down before and after. Who comes later knows from the letter alone what may have happened."""

from __future__ import annotations

from dataclasses import dataclass, replace

from operations.senders import Answer, SendResult
from operations.verdicts import Verdict, judge
from store import dead_letters, jobs
from store.errors import ConditionLost
from store.recovery import DeadLetter, Job, JobResult, LetterState, Outcome, Queue
from store.table import Table

MAX_ATTEMPTS = 3
"""Sends of one letter by one job; after three without an answer a person decides."""

_OUTCOMES = {
    LetterState.SENT: Outcome.SENT,
    LetterState.NEEDS_OPERATOR: Outcome.NEEDS_OPERATOR,
    LetterState.SUCCEEDED: Outcome.SUCCEEDED,
    LetterState.PRESUMED: Outcome.PRESUMED,
    LetterState.RETURNED: Outcome.RETURNED,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter in the hands of a worker: as it stood, and as claimed."""

    before: DeadLetter
    letter: DeadLetter


@dataclass(slots=True)
class Journal:
    """Writes for one leased job. `results` are written once; what happened since is never written over."""

    table: Table
    job: Job

    def assess(self, letter: DeadLetter, queue: Queue | None, now: int) -> JobResult | None:
        """The result of a letter there is nothing to send for, or None: it is to be claimed and sent."""
        if letter.job_id == self.job.id and letter.state in _OUTCOMES:
            return self.result_of(letter, now)
        in_doubt = self._in_doubt(letter)
        if in_doubt and letter.attempts >= MAX_ATTEMPTS:
            return self.put_aside(letter, f"no answer to {letter.attempts} sends", now, in_doubt=True)
        verdict, reason = judge(replace(letter, state=LetterState.DEAD) if in_doubt else letter, queue)
        if verdict is Verdict.WILL_RUN and not self._touched_since(letter):
            return None
        if in_doubt:
            return self.put_aside(letter, reason, now, in_doubt=True)
        if verdict is Verdict.WILL_RUN:
            reason = f"redrive {letter.job_id} tried it after this one was asked for"
        return self.write(JobResult(letter.key, Outcome.SKIPPED, now, reason))

    def claim(self, letter: DeadLetter, now: int) -> Claim | None:
        """Write down that it is about to be sent. None when somebody else changed it first."""
        in_doubt = self._in_doubt(letter)
        claimed = replace(
            letter, state=LetterState.CLAIMED, job_id=self.job.id, claimed_at=now, problem=None,
            attempts=letter.attempts + 1 if in_doubt else 1, ambiguous=letter.ambiguous + int(in_doubt),
        )
        try:
            return Claim(letter, dead_letters.save(self.table, letter, claimed))
        except ConditionLost:
            return None

    def record(self, claim: Claim, answer: SendResult, now: int) -> JobResult | None:
        """Write down the answer. None when the letter is to be tried again."""
        if answer.answer is Answer.OK:
            return self._sent(claim.letter, answer, now)
        if answer.answer is Answer.REFUSED:
            return self.put_aside(claim.letter, answer.reason, now)
        if answer.answer is Answer.LATER:
            self.give_back(claim)
        return None

    def give_back(self, claim: Claim) -> None:
        """Nothing of it left: the letter stands as before, so the try does not count."""
        try:
            dead_letters.save(self.table, claim.letter, claim.before)
        except ConditionLost:
            return  # whoever changed it knows more than this worker

    def put_aside(self, letter: DeadLetter, problem: str, now: int, in_doubt: bool = False) -> JobResult | None:
        """A person has to decide. `in_doubt`: its last send may have arrived, which counts as one more."""
        after = replace(letter, state=LetterState.NEEDS_OPERATOR, problem=problem,
                        ambiguous=letter.ambiguous + int(in_doubt))
        return self._settled(letter, after, now)

    def drop(self, letter: DeadLetter, now: int) -> JobResult | None:
        """What a cancel leaves of a letter that has no result yet. None when somebody changes it right now."""
        if self._in_doubt(letter):
            return self.put_aside(letter, "cancelled before the answer to its send was known", now, in_doubt=True)
        if letter.job_id == self.job.id and letter.state in _OUTCOMES:
            return self.result_of(letter, now)
        return self.write(JobResult(letter.key, Outcome.SKIPPED, now, "cancelled before it was sent"))

    def result_of(self, letter: DeadLetter, now: int) -> JobResult | None:
        """The result that a letter of this job stands for; None while it is claimed."""
        outcome = _OUTCOMES.get(letter.state)
        if outcome is None or letter.job_id != self.job.id:
            return None
        detail = letter.problem or letter.evidence or ""
        at = letter.settled_at or letter.redriven_at or now
        return self.write(JobResult(letter.key, outcome, at, detail, letter.sent_message_id, letter.ambiguous))

    def write(self, result: JobResult) -> JobResult:
        jobs.put_first_result(self.table, self.job.id, result)
        return result

    def _sent(self, letter: DeadLetter, answer: SendResult, now: int) -> JobResult | None:
        after = replace(letter, state=LetterState.SENT, sent_message_id=answer.message_id, redriven_at=now)
        return self._settled(letter, after, now)

    def _settled(self, before: DeadLetter, after: DeadLetter, now: int) -> JobResult | None:
        try:
            saved = dead_letters.save(self.table, before, after)
        except ConditionLost as lost:
            standing = dead_letters.standing(self.table, lost)
            return self.result_of(standing, now) if standing else None
        return self.result_of(saved, now)

    def _in_doubt(self, letter: DeadLetter) -> bool:
        return letter.state is LetterState.CLAIMED and letter.job_id == self.job.id

    def _touched_since(self, letter: DeadLetter) -> bool:
        """Another job sent it, perhaps, after this selection was frozen: what was seen is not what stands."""
        other = letter.job_id is not None and letter.job_id != self.job.id
        return other and (letter.claimed_at or 0) > self.job.asked_at
