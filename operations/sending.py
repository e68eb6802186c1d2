"""The sending half of a job: round after round until no letter is left, the job is cancelled or paused, its canary
says no, the destination asks to wait, or the slice ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from operations import canary, redrive_alerts
from operations.backlog import Backlog
from operations.canary import Step
from operations.following import follow
from operations.holds import QueueHold, StoreHold
from operations.journal import LEFT_US
from operations.leased import Leased, Means
from operations.plan import READ_AT_ONCE
from operations.rounds import Round
from store import dead_letters, jobs
from store.recovery import Custody, DeadLetter, Job, JobResult, JobState, LetterState, Outcome

AT_ONCE = 2_000
"""Captured letters in one pass: what a job has in memory besides the ids."""
BETWEEN_PASSES_S = 1.0
CANCELLED = "Cancelled before every message was sent."
ABSENT = "it is no longer in its queue: expired, or taken by somebody else"
NO_INBOX = "nothing here can receive from its queue"


@dataclass(slots=True)
class Sending:
    """One slice of one leased job. Every method raises ConditionLost once another worker has the lease."""

    means: Means
    job: Job
    leased: Leased = field(init=False)
    waiting_for: str = ""

    def __post_init__(self) -> None:
        self.leased = Leased(self.means, self.job)

    @property
    def sent(self) -> int:
        return self.leased.sent

    def run(self) -> Job:
        """Send what this slice can, and return the job as saved: FOLLOWING when every letter has a result."""
        if self.leased.job.deleting:
            self._finish_deleting()
        left = Backlog(self.leased.unanswered())
        # A sweep through a queue looks for all of them: what it meets and does not look for, it has to hold.
        captured = self.leased.queue is None or self.leased.queue.custody is Custody.CAPTURED
        at_once = AT_ONCE if captured else len(left)
        while left and not self.leased.must_stop:
            room = canary.room(self.leased.job, self._attempted)
            if room == 0:
                stopped = self._stage_over()
                if stopped:
                    return stopped
                continue
            tried = left.take(min(at_once, len(left) if room is None else room))
            left.put_back(self._pass(tried))
            if not self.waiting_for or self.leased.must_stop:
                continue
            if self.leased.moved:
                self.means.pause(BETWEEN_PASSES_S)
            elif room is None and at_once < len(left):
                at_once = len(left)  # those behind may go elsewhere, and get on
            else:
                return self.leased.beat(problem=f"Waiting: {self.waiting_for}")
        return self._ended(left)

    @property
    def _attempted(self) -> int:
        return self.leased.counts.total() - self.leased.counts[str(Outcome.SKIPPED)]

    def _ended(self, left: Backlog) -> Job:
        job = self.leased.job
        if left and job.cancel_asked:
            return self.leased.beat() if self._drop(left) else self._end(CANCELLED)
        if left and job.pause_asked:
            return self.leased.beat(state=JobState.PAUSED)
        if left:
            return self.leased.beat(problem=None)
        if job.deleting and not job.cancel_asked:
            return self.leased.beat(problem=f"Waiting: {len(job.deleting):,} sent messages are to be deleted "
                                            "from their queue, which does not show them")
        return self._end(None)

    def _end(self, problem: str | None) -> Job:
        return self.leased.beat(state=JobState.FOLLOWING, sent_at=self.means.clock(), problem=problem)

    def _stage_over(self) -> Job | None:
        """None when the next stage may begin; else the job as it waits or stands still."""
        self.leased.job = job = follow(self.means, self.leased.beat(), lambda held: self.leased.beat())
        self.leased.counts.clear()
        self.leased.counts.update(job.counts)
        step, said = canary.judge(job)
        if step is Step.STOP:
            redrive_alerts.stopped(self.means.table, job, said, self.means.clock())
            return jobs.pause_itself(self.means.table, replace(job, problem=said, tolerated=job.failed))
        if step is Step.WAIT:
            return self.leased.beat(problem=said)
        self.leased.beat(stage=job.stage + 1, problem=None)
        return None

    def _pass(self, ids: list[str]) -> list[str]:
        """Go once through the letters; those to be tried again, in order."""
        self.leased.moved, self.waiting_for = False, ""
        done: set[str] = set()
        queue = self.leased.queue
        first_swept = queue is not None and queue.custody is Custody.WATCHED and not queue.fifo
        left = self._swept(ids, done, {}) if first_swept else ids
        barred: dict[str, int] = {}
        one = Round(self.leased, StoreHold(min(READ_AT_ONCE, self.leased.job.rate_per_s or READ_AT_ONCE)),
                    _places(left) if queue and queue.fifo else {}, barred)
        one.run(left)
        done |= one.done
        if one.apart and not first_swept and not self.leased.must_stop:
            self._swept(one.apart, done, barred)
        left = [message_id for message_id in ids if message_id not in done]
        known = one.waiting_for or self.waiting_for or "letters that somebody else is changing"
        self.waiting_for = known if left else ""
        return left

    def _swept(self, ids: list[str], done: set[str], barred: dict[str, int]) -> list[str]:
        """Go once through the queue for letters it may hold; those not met, which may be somebody else's to send."""
        if self.leased.queue is None or self.leased.queue.dead_letter_arn:
            return ids  # looking could move its messages on: each letter's verdict says so
        if self.means.inbox is None:
            self.waiting_for = NO_INBOX
            return ids
        hold = QueueHold(self.means.inbox, self.leased.queue, self.means.clock, lambda: self.leased.must_stop)
        one = Round(self.leased, hold, _places(ids) if self.leased.queue.fifo else {}, barred)
        one.run(ids)
        done |= one.done
        left = [message_id for message_id in ids if message_id not in done]
        self.waiting_for = one.waiting_for
        if left and hold.absent:
            done |= self._absent(left)
        elif left and not one.waiting_for:
            self.waiting_for = (f"{len(left):,} messages that {self.leased.queue.name} does not show; "
                                "somebody else may have them in hand")
        self.leased.job = replace(self.leased.job, given_back=self.leased.job.given_back + hold.given_back)
        return [message_id for message_id in left if message_id not in done]

    def _absent(self, ids: Sequence[str]) -> set[str]:
        """Letters whose queue is proved to hold them no more. The next look says what is known of them."""
        done = set()
        for message_id, letter in self._read(ids):
            if letter is None or letter.custody is not Custody.WATCHED:
                continue
            now = self.means.clock()
            in_doubt = letter.state is LetterState.CLAIMED and letter.job_id == self.leased.job.id
            if in_doubt:
                result = self.leased.journal.put_aside(letter, ABSENT, now, in_doubt=True)
            else:
                result = self.leased.journal.write(JobResult(letter.key, Outcome.SKIPPED, now, ABSENT))
            if self.leased.count(result):
                done.add(message_id)
        return done

    def _finish_deleting(self) -> None:
        """What a worker sent and could not make its queue forget, be it that it died between the two."""
        if self.leased.queue is None or self.leased.queue.dead_letter_arn or self.means.inbox is None:
            return
        sent = {one: letter for one, letter in self._read(self.leased.job.deleting)
                if letter and letter.state in LEFT_US and letter.deleted_at is None}
        hold = QueueHold(self.means.inbox, self.leased.queue, self.means.clock, lambda: self.means.out_of_time)
        gone = {one for chunk in hold.chunks(list(sent)) for one in hold.forget(chunk)}
        hold.release()
        if hold.absent:
            gone = set(sent)
        for one in gone:
            self.leased.journal.forgotten(sent[one], self.means.clock())
        self.leased.beat(deleting=tuple(one for one in sent if one not in gone))

    def _drop(self, left: Backlog) -> int:
        """Give every letter left over by a cancel its result; how many still have none."""
        without = 0
        while left and not self.means.out_of_time:
            self.leased.beat()
            for _, letter in self._read(left.take(READ_AT_ONCE)):
                dropped = self.leased.journal.drop(letter, self.means.clock()) if letter else None
                without += not self.leased.count(dropped)
        return len(left) + without

    def _read(self, ids: Sequence[str]) -> Iterator[tuple[str, DeadLetter | None]]:
        """Letters as they stand; of a broken one what is left of it, as nothing here sends."""
        for start in range(0, len(ids), READ_AT_ONCE):
            chunk = ids[start:start + READ_AT_ONCE]
            whole, broken, _ = dead_letters.find_many(self.means.table, self.job.place, self.job.queue, chunk)
            for message_id in chunk:
                lost = broken.get(message_id)
                yield message_id, whole.get(message_id) or (lost.letter if lost else None)


def _places(ids: Sequence[str]) -> dict[str, int]:
    return {message_id: place for place, message_id in enumerate(ids)}
