"""A job in the hands of one worker: its lease, its counts as they grow, and what its journal is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from operations.following import Proof, unproved
from operations.inbox import Inbox
from operations.journal import Claim, Journal, Move
from operations.senders import Senders
from store import jobs, queues
from store.clock import MINUTE_MS, Clock
from store.errors import ConditionLost, StoreError
from store.records import Place
from store.recovery import Job, JobResult, Outcome, Queue
from store.seen import Seen
from store.table import Table

LEASE_MS = 60_000
"""Longer than any batch may take: two refused connections and one lost answer are 3 + 3 + 23 s, and backoff."""
RESERVE_MS = 35_000
"""Left on the clock when a batch starts: the worst batch, and the journal after it."""
PRESUME_MS = 30 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker works with. `deadline_ms` says the ms left; `pause` waits seconds; `presume_ms` is the window
    after which no return counts as processed, `proof` what else can show that a message was. Without an inbox
    watched letters wait. `here` is where the clients act; jobs of another place are refused."""

    table: Table
    clock: Clock
    senders: Senders
    deadline_ms: Callable[[], int]
    pause: Callable[[float], None]
    inbox: Inbox | None = None
    presume_ms: int = PRESUME_MS
    proof: Proof = unproved
    here: Place | None = None

    @property
    def out_of_time(self) -> bool:
        return self.deadline_ms() < RESERVE_MS


@dataclass(slots=True)
class Leased:
    """One slice of one leased job. Every method that writes raises ConditionLost once another worker has it."""

    means: Means
    job: Job
    journal: Journal = field(init=False)
    queue: Queue | None = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    moved: bool = False
    """Whether any letter got further since this was last set to False."""

    def __post_init__(self) -> None:
        self.journal = Journal(self.means.table, self.job)
        self.queue = queues.get(self.means.table, self.job.place, self.job.queue)

    @property
    def must_stop(self) -> bool:
        return self.job.cancel_asked or self.job.pause_asked or self.means.out_of_time

    def unanswered(self) -> Iterator[str]:
        """Message ids without a result, in the order of the selection. Counts what has one."""
        answered, self.counts = Seen(), Counter()
        for result in jobs.each_result(self.means.table, self.job.id):
            self.counts[str(result.outcome)] += 1
            answered.add(result.letter)
        return (one for one in jobs.each_selected(self.means.table, self.job.id)
                if f"{self.job.queue}/{one}" not in answered)

    def count(self, result: JobResult | None) -> JobResult | None:
        if result:
            self.moved = True
            self.counts[str(result.outcome)] += 1
            self.sent += result.outcome is Outcome.SENT
        return result

    def turn(self, settling: Sequence[Move], claiming: Iterable[Move] = (),
             deleting: tuple[str, ...] = ()) -> tuple[set[str], list[Claim]]:
        """Write down what came of one batch, and that the next is about to be sent; renew the lease with it.
        `deleting` are the letters whose queue is now to be told. The ids that got a result, and the claims."""
        claiming = list(claiming)
        results = [move.result for move in settling if move.result]
        now = self.means.clock()
        grown = self.counts + Counter(str(result.outcome) for result in results)
        beat = replace(self.job, counts=dict(grown), lease_until=now + LEASE_MS, deleting=deleting)
        try:
            written = self.journal.together(beat, [*settling, *claiming])
        except StoreError:  # a condition, or an answer that was lost: each step alone says what became of it
            return self._one_by_one(settling, claiming, deleting)
        self.job = beat
        for result in results:
            self.count(result)
        claims = [Claim(move.before, letter, move.stored)
                  for move, letter in zip(claiming, written[len(settling):], strict=True)]
        return {_message_id(result) for result in results}, claims

    def _one_by_one(self, settling: Sequence[Move], claiming: Sequence[Move],
                    deleting: tuple[str, ...]) -> tuple[set[str], list[Claim]]:
        now = self.means.clock()
        if deleting:
            self.beat(deleting=deleting)  # before the letters: who finds them sent must know what is to be deleted
        done: set[str] = set()
        for move in settling:
            if move.after.deleted_at:
                self.journal.forgotten(move.before, move.after.deleted_at)
            elif self.count(self.journal.alone(move, now)):
                done.add(move.before.message_id)
        self.beat(deleting=deleting)
        if self.must_stop:
            return done, []
        return done, [claim for move in claiming if (claim := self.journal.claim(move))]

    def give_back(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self.journal.give_back(claim)

    def refuse_to_send_without_lease(self, claims: Sequence[Claim]) -> None:
        """A worker that stalled past its lease sends nothing: another may be sending the same letters."""
        if self.means.clock() < self.job.lease_until:
            return
        self.give_back(claims)
        raise ConditionLost(f"The lease on redrive {self.job.id} ran out before a batch was sent.")

    def beat(self, **changes: Any) -> Job:
        """Renew the lease, save the counts, hear of a cancel or a pause."""
        known = {"counts": dict(self.counts), "lease_until": self.means.clock() + LEASE_MS}
        self.job = jobs.save(self.means.table, replace(self.job, **{**known, **changes}))
        return self.job


def _message_id(result: JobResult) -> str:
    return result.letter.rpartition("/")[2]
