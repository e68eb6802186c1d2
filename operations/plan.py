"""What a redrive would do, one verdict per letter, before anybody is asked to confirm it. Only reads."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from operations.preflight import Warning, bare, warnings
from operations.verdicts import Verdict, judge
from store import commands, dead_letters, jobs, queues
from store.commands import Kind
from store.records import Place
from store.recovery import Custody, DeadLetter, Destination, Job, Queue
from store.table import Table

__all__ = ["LetterPlan", "Plan", "Verdict", "plan"]

Find = Callable[[list[str]], dead_letters.Found]
BEING_MOVED = "a task moves everything out of its queue"
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
    edit: str | None = None
    """The edit that would be sent in place of the original."""

    @property
    def runs(self) -> bool:
        return self.verdict is Verdict.WILL_RUN


@dataclass(frozen=True, slots=True)
class Plan:
    """Verdicts in the order of the selection."""

    place: Place
    queue: str
    letters: tuple[LetterPlan, ...]
    warnings: tuple[Warning, ...] = ()
    """What speaks against sending those that would run; known, counted, and no refusal."""

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


def plan(table: Table, place: Place, queue_name: str, message_ids: Sequence[str],
         elsewhere: Destination | None = None) -> Plan:
    """Judge these letters as they stand now. Repeated ids count once; letters of a FIFO queue are put in its
    order. `elsewhere`, if given, is where all of them are to go instead. Raises StoreError."""
    wanted = list(dict.fromkeys(message_ids))
    queue = queues.get(table, place, queue_name)
    waiting = waiting_in_jobs(table, place, queue_name)
    going: list[DeadLetter] = []
    find = partial(dead_letters.find_many, table, place, queue_name)
    moving = any(one.kind is Kind.MOVE for one in commands.open_of(table, place, queue_name))
    letters = sorted(_judged(find, queue, wanted, waiting, going, elsewhere, moving),
                     key=lambda letter: letter.sequence)
    return Plan(place, queue_name, tuple(letters), warnings(table, place, going, table.clock()))


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
    return job.state.sending


def _judged(find: Find, queue: Queue | None, wanted: list[str], waiting: Mapping[str, str], going: list[DeadLetter],
            elsewhere: Destination | None, moving: bool) -> Iterator[LetterPlan]:
    """Each letter's plan. Those that would run are added to `going`, without their bodies."""
    for start in range(0, len(wanted), READ_AT_ONCE):
        ids = wanted[start:start + READ_AT_ONCE]
        letters, broken, _ = find(ids)
        for message_id in ids:
            if message_id in broken:
                yield LetterPlan(message_id, Verdict.NOT_SENDABLE, str(broken[message_id]))
                continue
            letter = letters.get(message_id)
            if letter and elsewhere:
                letter = replace(letter, destination=elsewhere)
            verdict, reason = judge(letter, queue, elsewhere.arn if elsewhere else "")
            holder = letter.job_id if letter else None
            if letter and verdict is Verdict.WILL_RUN:
                verdict, reason, holder = _held(letter, waiting, moving) or (verdict, reason, holder)
            if letter and verdict is Verdict.WILL_RUN:
                going.append(bare(letter))
            yield LetterPlan(message_id, verdict, reason, letter.destination if letter else None, holder,
                             _sequence(letter), letter.edit.id if letter and letter.edit else None)


def _held(letter: DeadLetter, waiting: Mapping[str, str], moving: bool) -> tuple[Verdict, str, str | None] | None:
    """Who else is going to send it, if anybody is."""
    holder = waiting.get(letter.message_id)
    if holder:
        return Verdict.HELD, f"redrive {holder} is about to send it", holder
    return (Verdict.HELD, BEING_MOVED, None) if moving and letter.custody is Custody.WATCHED else None


def _sequence(letter: DeadLetter | None) -> int:
    given = letter.system.get("SequenceNumber", "") if letter else ""
    return int(given) if given.isdecimal() else 0
