"""One letter's way through a job. Each step is one conditional write on the letter; a batch's steps go together.

    DEAD ── claim ──► CLAIMED ── send ──► SENT ── its queue is told ──► deleted      result: sent
                         │  ▲    refused ► NEEDS_OPERATOR      (watched only)        result: needs operator
                         │  └─── not taken: given back as it stood                   no result, tried again
                         └────── no answer, or a crash: stays CLAIMED; who finds it so counts one possible
                                 duplicate and sends again, MAX_ATTEMPTS in all, then NEEDS_OPERATOR

A send is written down before and after: what came of one batch and the claims of the next are one transaction, which
also renews the lease, so a worker that lost it claims nothing. When one condition in it fails, nothing of it was
written, and each step is then written alone. Who comes later knows from the letter alone what may have happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from operations.senders import Answer, SendResult
from operations.verdicts import Verdict, judge
from store import dead_letters, jobs
from store.errors import ConditionLost
from store.letter_items import Stored
from store.recovery import DeadLetter, Job, JobResult, LetterState, Outcome, Queue
from store.table import Table, Write

MAX_ATTEMPTS = 3
"""Sends of one letter by one job; after three without an answer a person decides."""

OUTCOMES = {
    LetterState.SENT: Outcome.SENT,
    LetterState.NEEDS_OPERATOR: Outcome.NEEDS_OPERATOR,
    LetterState.SUCCEEDED: Outcome.SUCCEEDED,
    LetterState.PRESUMED: Outcome.PRESUMED,
    LetterState.RETURNED: Outcome.RETURNED,
}
LEFT_US = (LetterState.SENT, LetterState.SUCCEEDED, LetterState.PRESUMED, LetterState.RETURNED)


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter in the hands of a worker: as it stood, and as claimed."""

    before: DeadLetter
    letter: DeadLetter
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One step of one letter, with the result it leads to, if it leads to one; `stored` is how its row stands."""

    before: DeadLetter
    after: DeadLetter
    result: JobResult | None = None
    stored: Stored | None = None


@dataclass(slots=True)
class Journal:
    """Writes for one leased job. A message's first result stands; what happened since is never written over."""

    table: Table
    job: Job
    batches: int = field(default=0)
    """Batches written down under this lease."""

    def assess(self, letter: DeadLetter, queue: Queue | None, now: int, granted: str = "") -> JobResult | None:
        """The result of a letter there is nothing to send for, or None: it is to be claimed and sent."""
        if letter.job_id == self.job.id and letter.state in OUTCOMES:
            return self.result_of(letter, now)
        in_doubt = self._in_doubt(letter)
        if in_doubt and letter.attempts >= MAX_ATTEMPTS:
            return self.put_aside(letter, f"no answer to {letter.attempts} sends", now, in_doubt=True)
        verdict, reason = judge(replace(letter, state=LetterState.DEAD) if in_doubt else letter, queue, granted)
        if verdict is Verdict.WILL_RUN and not self._touched_since(letter):
            return None
        if in_doubt:
            return self.put_aside(letter, reason, now, in_doubt=True)
        if verdict is Verdict.WILL_RUN:
            reason = f"redrive {letter.job_id} tried it after this one was asked for"
        return self.write(JobResult(letter.key, Outcome.SKIPPED, now, reason))

    def claiming(self, letter: DeadLetter, now: int, stored: Stored | None = None) -> Move:
        """It is about to be sent."""
        in_doubt = self._in_doubt(letter)
        return Move(letter, replace(
            letter, state=LetterState.CLAIMED, job_id=self.job.id, claimed_at=now, problem=None,
            attempts=letter.attempts + 1 if in_doubt else 1, ambiguous=letter.ambiguous + int(in_doubt),
        ), stored=stored)

    def answering(self, claim: Claim, answer: SendResult, now: int) -> Move | None:
        """What the answer makes of it; None when nothing is known, and it stays claimed."""
        letter = claim.letter
        if answer.answer is Answer.OK:
            after = replace(letter, state=LetterState.SENT, sent_message_id=answer.message_id, redriven_at=now)
            return Move(letter, after, _result(after, now), claim.stored)
        if answer.answer is Answer.REFUSED:
            after = replace(letter, state=LetterState.NEEDS_OPERATOR, problem=answer.reason)
            return Move(letter, after, _result(after, now), claim.stored)
        return Move(letter, claim.before, None, claim.stored) if answer.answer is Answer.LATER else None

    def together(self, job: Job, moves: Iterable[Move]) -> list[DeadLetter]:
        """Write the job's beat and all of these in one transaction; the letters as they then stand, in order.

        Raises ConditionLost when any of it no longer fits, any other StoreError when it is not known to be
        written; then write each `alone`."""
        written: list[DeadLetter] = []
        sent: list[JobResult] = []
        writes: list[Write] = [jobs.beat(job)]
        for move in moves:
            letter, its = dead_letters.writes(move.before, move.after, move.after.redriven_at or job.asked_at,
                                               move.stored)
            written.append(letter)
            writes += its
            if move.result and move.result.outcome is Outcome.SENT:
                sent.append(move.result)
            elif move.result:
                writes.append(jobs.first_result(job.id, move.result))
        if sent:
            self.batches += 1
            writes.append(jobs.sent_together(job, self.batches, sent))
        self.table.write_together(writes)
        return written

    def alone(self, move: Move, now: int) -> JobResult | None:
        """Write one step. The result the letter stands for then, be it by somebody else's hand; else None."""
        try:
            saved = dead_letters.save(self.table, move.before, move.after)
        except ConditionLost as lost:
            standing = dead_letters.standing(self.table, lost)
            return self.result_of(standing, now) if standing else None
        return self.result_of(saved, now)

    def claim(self, move: Move) -> Claim | None:
        """Write down alone that it is about to be sent. None when somebody else changed it first."""
        try:
            return Claim(move.before, dead_letters.save(self.table, move.before, move.after), move.stored)
        except ConditionLost as lost:
            standing = dead_letters.standing(self.table, lost)
        # The very claim, by a write whose answer was lost: this worker's own, as only it holds the lease.
        claimed = replace(move.after, version=move.before.version + 1)
        return Claim(move.before, claimed, move.stored) if standing == claimed else None

    def give_back(self, claim: Claim) -> None:
        """Nothing of it left: the letter stands as before, so the try does not count."""
        try:
            dead_letters.save(self.table, claim.letter, claim.before)
        except ConditionLost:
            return  # whoever changed it knows more than this worker

    def forgotten(self, letter: DeadLetter, now: int) -> None:
        """Its queue has it no more, or was told to forget it; whatever else becomes of the letter meanwhile stands."""
        while letter.deleted_at is None and letter.state in LEFT_US:
            try:
                dead_letters.save(self.table, letter, replace(letter, deleted_at=now))
                return
            except ConditionLost as lost:
                standing = dead_letters.standing(self.table, lost)
                if standing is None:
                    return
                letter = standing

    def put_aside(self, letter: DeadLetter, problem: str, now: int, in_doubt: bool = False) -> JobResult | None:
        """A person has to decide. `in_doubt`: its last send may have arrived, which counts as one more."""
        after = replace(letter, state=LetterState.NEEDS_OPERATOR, problem=problem, job_id=self.job.id,
                        ambiguous=letter.ambiguous + int(in_doubt))
        return self.alone(Move(letter, after), now)

    def lose(self, letter: DeadLetter, problem: str, now: int) -> JobResult | None:
        """What there is to say of a letter that cannot be read whole: never sent, and never in the way of others."""
        if letter.job_id == self.job.id and letter.state in OUTCOMES:
            return self.result_of(letter, now)
        if letter.state.redrivable or self._in_doubt(letter):
            return self.put_aside(letter, problem, now, in_doubt=self._in_doubt(letter))
        return self.write(JobResult(letter.key, Outcome.SKIPPED, now, problem))

    def drop(self, letter: DeadLetter, now: int) -> JobResult | None:
        """What a cancel leaves of a letter that has no result yet. None when somebody changes it right now."""
        if self._in_doubt(letter):
            return self.put_aside(letter, "cancelled before the answer to its send was known", now, in_doubt=True)
        if letter.job_id == self.job.id and letter.state in OUTCOMES:
            return self.result_of(letter, now)
        return self.write(JobResult(letter.key, Outcome.SKIPPED, now, "cancelled before it was sent"))

    def result_of(self, letter: DeadLetter, now: int) -> JobResult | None:
        """The result that a letter of this job stands for; None while it is claimed."""
        if letter.state not in OUTCOMES or letter.job_id != self.job.id:
            return None
        return self.write(_result(letter, now))

    def write(self, result: JobResult) -> JobResult:
        jobs.put_first_result(self.table, self.job.id, result)
        return result

    def _in_doubt(self, letter: DeadLetter) -> bool:
        return letter.state is LetterState.CLAIMED and letter.job_id == self.job.id

    def _touched_since(self, letter: DeadLetter) -> bool:
        """Another job sent it, perhaps, after this selection was frozen: what was seen is not what stands."""
        other = letter.job_id is not None and letter.job_id != self.job.id
        return other and (letter.claimed_at or 0) > self.job.asked_at


def _result(letter: DeadLetter, now: int) -> JobResult:
    detail = letter.problem or letter.evidence or ""
    at = letter.settled_at or letter.redriven_at or now
    return JobResult(letter.key, OUTCOMES[letter.state], at, detail, letter.sent_message_id, letter.ambiguous,
                     letter.edit.id if letter.edit else None)
