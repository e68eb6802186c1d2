"""What a redrive would do, one verdict per letter, before anybody is asked to confirm it. Only reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from operations.verdicts import Verdict, judge
from store import dead_letters, jobs, queues
from store.records import Place
from store.recovery import DeadLetter, Destination, Job, JobState, Queue
from store.table import Table

__all__ = ["LetterPlan", "Plan", "Verdict", "plan"]

READ_AT_ONCE = 20
"""Letters held in memory together: 20 bodies of 1 MiB."""


@dataclass(frozen=True, slots=True)
class LetterPlan:
    """One letter: whether it would run, why or why not in words, and where it would go."""

    message_id: str
    verdict: Verdict
    reason: str
    destination: Destination | None = None
    job_id: str | None = None
    """The job that holds it, when another one does."""
    sequence: int = 0
    """Place in a FIFO queue; 0 in a standard one."""

    @property
    def runs(self) -> bool:
        return self.verdict is Verdict.WILL_RUN


@dataclass(frozen=True, slots=True)
class Plan:
    """Verdicts in the order of the selection."""

    place: Place
    queue: str
    letters: tuple[LetterPlan, ...]

    @property
    def runnable(self) -> tuple[str, ...]:
        """Message ids that would be sent."""
        return tuple(letter.message_id for letter in self.letters if letter.runs)

    @property
    def counts(self) -> Mapping[Verdict, int]:
        return Counter(letter.verdict for letter in self.letters)

    @property
    def destinations(self) -> Mapping[str, int]:
        """How many letters would go to each ARN."""
        return Counter(letter.destination.arn for letter in self.letters if letter.runs and letter.destination)

    @property
    def sha256(self) -> str:
        return selection_sha256([letter.message_id for letter in self.letters])

    def of(self, verdict: Verdict) -> list[LetterPlan]:
        return [letter for letter in self.letters if letter.verdict is verdict]


def plan(table: Table, place: Place, queue_name: str, message_ids: Sequence[str]) -> Plan:
    """Judge these letters as they stand now. Repeated ids count once; letters of a FIFO queue are put in its
    order. Raises StoreError."""
    wanted = list(dict.fromkeys(message_ids))
    queue = queues.get(table, place, queue_name)
    waiting = waiting_in_jobs(table, place, queue_name)
    letters = sorted(_judged(table, place, queue_name, queue, wanted, waiting), key=lambda letter: letter.sequence)
    return Plan(place, queue_name, tuple(letters))


def selection_sha256(message_ids: Sequence[str]) -> str:
    """Names a set of message ids, whatever their order; written into the audit."""
    return hashlib.sha256("\n".join(sorted(message_ids)).encode()).hexdigest()


def waiting_in_jobs(table: Table, place: Place, queue_name: str) -> dict[str, str]:
    """Message id → the open job of this queue that is going to send it."""
    waiting: dict[str, str] = {}
    for job in jobs.open_jobs(table):
        if job.place == place and job.queue == queue_name and sends(job):
            waiting |= dict.fromkeys(jobs.selection(table, job.id), job.id)
    return waiting


def sends(job: Job) -> bool:
    """Whether the job still has messages to send, as opposed to following those it sent."""
    return job.state in (JobState.QUEUED, JobState.RUNNING)


def _judged(table: Table, place: Place, queue_name: str, queue: Queue | None, wanted: list[str],
            waiting: Mapping[str, str]) -> Iterator[LetterPlan]:
    for start in range(0, len(wanted), READ_AT_ONCE):
        ids = wanted[start:start + READ_AT_ONCE]
        letters = dead_letters.get_many(table, place, queue_name, ids)
        for message_id in ids:
            letter = letters.get(message_id)
            verdict, reason = judge(letter, queue)
            holder = letter.job_id if letter else None
            if verdict is Verdict.WILL_RUN and message_id in waiting:
                holder = waiting[message_id]
                verdict, reason = Verdict.HELD, f"redrive {holder} is about to send it"
            yield LetterPlan(message_id, verdict, reason, letter.destination if letter else None, holder,
                             _sequence(letter))


def _sequence(letter: DeadLetter | None) -> int:
    given = letter.system.get("SequenceNumber", "") if letter else ""
    return int(given) if given.isdecimal() else 0
