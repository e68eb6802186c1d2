"""The sending half of a job: batches of claimed letters through the senders, until none is left, the job is
cancelled, the destination asks to wait, or the slice ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from operations.journal import Claim, Journal
from operations.plan import READ_AT_ONCE
from operations.queue_sender import fifo_group
from operations.senders import Answer, Sender, Senders, SendResult
from store import dead_letters, jobs, queues
from store.clock import SECOND_MS, Clock
from store.errors import ConditionLost
from store.recovery import DeadLetter, Job, JobResult, JobState, Outcome, Queue
from store.table import Table

LEASE_MS = 60_000
"""Longer than any batch may take: two refused connections and one lost answer are 3 + 3 + 23 s, and backoff."""
RESERVE_MS = 35_000
"""Left on the clock when a batch starts: the worst batch, and the journal after it."""
BETWEEN_PASSES_S = 1.0
CANCELLED = "Cancelled before every message was sent."


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker works with. `deadline_ms` says the ms left; `pause` waits seconds."""

    table: Table
    clock: Clock
    senders: Senders
    deadline_ms: Callable[[], int]
    pause: Callable[[float], None]

    @property
    def out_of_time(self) -> bool:
        return self.deadline_ms() < RESERVE_MS


@dataclass(slots=True)
class Sending:
    """One slice of one leased job. Every method raises ConditionLost once another worker has the lease."""

    means: Means
    job: Job
    journal: Journal = field(init=False)
    queue: Queue | None = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    moved: bool = False
    waiting_for: str = ""

    def __post_init__(self) -> None:
        self.journal = Journal(self.means.table, self.job)
        self.queue = queues.get(self.means.table, self.job.place, self.job.queue)

    def run(self) -> Job:
        """Send what this slice can, and return the job as saved: FOLLOWING when every letter has a result."""
        left = self._unanswered()
        while left and not self._must_stop:
            left = self._pass(left)
            if left and not self._must_stop:
                if not self.moved:
                    return self._beat(problem=f"Waiting: {self.waiting_for}")
                self.means.pause(BETWEEN_PASSES_S)
        if left and self.job.cancel_asked:
            left = self._drop(left)
            return self._beat() if left else self._end(CANCELLED)
        return self._beat(problem=None) if left else self._end(None)

    @property
    def _must_stop(self) -> bool:
        return self.job.cancel_asked or self.means.out_of_time

    def _unanswered(self) -> list[str]:
        results = jobs.results(self.means.table, self.job.id)
        self.counts = Counter(str(result.outcome) for result in results)
        answered = {result.letter for result in results}
        selection = jobs.selection(self.means.table, self.job.id)
        return [message_id for message_id in selection if f"{self.job.queue}/{message_id}" not in answered]

    def _pass(self, ids: Sequence[str]) -> list[str]:
        """Go once through the letters; those to be tried again, in order."""
        self.moved, self.waiting_for = False, "letters that somebody else is changing"
        again: list[str] = []
        held: set[str] = set()
        for chunk in _cut(ids, min(READ_AT_ONCE, self.job.rate_per_s or READ_AT_ONCE)):
            unsent = chunk if self._must_stop else self._send_chunk(chunk, held)
            again += unsent
        return again

    def _send_chunk(self, ids: Sequence[str], held: set[str]) -> list[str]:
        waiting = []
        for message_id, letter in self._read(ids):
            result = self._assessed(message_id, letter)
            if letter and not result:
                waiting.append(letter)
        unsent = {letter.message_id for letter in waiting}
        for batch, sender in self._batches(waiting):
            unsent -= self._send_batch(batch, sender, held)
        return [message_id for message_id in ids if message_id in unsent]

    def _assessed(self, message_id: str, letter: DeadLetter | None) -> JobResult | None:
        now = self.means.clock()
        if letter is None:
            gone = JobResult(f"{self.job.queue}/{message_id}", Outcome.SKIPPED, now, "it is not in the table")
            return self._count(self.journal.write(gone))
        return self._count(self.journal.assess(letter, self.queue, now))

    def _batches(self, letters: list[DeadLetter]) -> Iterator[tuple[list[DeadLetter], Sender]]:
        for destination, together in groupby(letters, key=lambda letter: letter.destination):
            sender = self.means.senders[destination.way]
            for batch in sender.pack(together):
                yield batch, sender

    def _send_batch(self, batch: list[DeadLetter], sender: Sender, held: set[str]) -> set[str]:
        """Claim, send, write down. The ids that have a result now; `held` FIFO groups wait for their first letter."""
        self._beat()
        if self._must_stop:
            return set()
        started = self.means.clock()
        ready = [letter for letter in batch if fifo_group(letter) not in held]
        claims = [claim for letter in ready if (claim := self.journal.claim(letter, started))]
        self.moved = self.moved or len(claims) < len(ready)
        if not claims:
            return set()
        self._refuse_to_send_without_lease(claims)
        answers = sender.send([claim.letter for claim in claims])
        done = {claim.letter.message_id for claim, answer in zip(claims, answers, strict=True)
                if self._recorded(claim, answer, held)}
        self._keep_to_rate(len(claims), started)
        return done

    def _recorded(self, claim: Claim, answer: SendResult, held: set[str]) -> bool:
        if self._count(self.journal.record(claim, answer, self.means.clock())):
            return True
        self.moved = self.moved or answer.answer is not Answer.LATER
        self.waiting_for = answer.reason
        group = fifo_group(claim.letter)
        if group is not None:
            held.add(group)
        return False

    def _refuse_to_send_without_lease(self, claims: Sequence[Claim]) -> None:
        """A worker that stalled past its lease sends nothing: another may be sending the same letters."""
        if self.means.clock() < self.job.lease_until:
            return
        for claim in claims:
            self.journal.give_back(claim)
        raise ConditionLost(f"The lease on redrive {self.job.id} ran out before a batch was sent.")

    def _keep_to_rate(self, count: int, started: int) -> None:
        if self.job.rate_per_s:
            passed = (self.means.clock() - started) / SECOND_MS
            self.means.pause(max(0.0, count / self.job.rate_per_s - passed))

    def _drop(self, ids: Sequence[str]) -> list[str]:
        """Give every letter left over by a cancel its result; those there was no time for."""
        left: list[str] = []
        for chunk in _cut(ids, READ_AT_ONCE):
            if self.means.out_of_time:
                left += chunk
                continue
            self._beat()
            for message_id, letter in self._read(chunk):
                dropped = self.journal.drop(letter, self.means.clock()) if letter else None
                if not self._count(dropped):
                    left.append(message_id)
        return left

    def _read(self, ids: Sequence[str]) -> Iterator[tuple[str, DeadLetter | None]]:
        letters = dead_letters.get_many(self.means.table, self.job.place, self.job.queue, ids)
        for message_id in ids:
            yield message_id, letters.get(message_id)

    def _count(self, result: JobResult | None) -> JobResult | None:
        if result:
            self.moved = True
            self.counts[result.outcome] += 1
            self.sent += result.outcome is Outcome.SENT
        return result

    def _end(self, problem: str | None) -> Job:
        return self._beat(state=JobState.FOLLOWING, sent_at=self.means.clock(), problem=problem)

    def _beat(self, **changes: Any) -> Job:
        """Renew the lease, save the counts, hear of a cancel."""
        known = {"counts": dict(self.counts), "lease_until": self.means.clock() + LEASE_MS}
        self.job = jobs.save(self.means.table, replace(self.job, **{**known, **changes}))
        return self.job


def _cut(ids: Sequence[str], size: int) -> list[list[str]]:
    return [list(ids[start:start + size]) for start in range(0, len(ids), size)]
