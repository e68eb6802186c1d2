"""Saving what is about to expire in its queue: keep it here, or make the queue keep it longer.

Seen once, a watched letter's body is in the table. Archived, it is the table's when its queue forgets it, and can be
redriven from here; a letter that is gone already is taken back the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from operations.commands import Ending, TimeLeft
from operations.errors import CommandNotPossible
from operations.plan import READ_AT_ONCE
from store import dead_letters, queues
from store.clock import DAY_MS, MINUTE_MS, SECOND_MS, Clock
from store.commands import Command
from store.errors import ConditionLost
from store.faults import translated
from store.records import Place
from store.recovery import Custody, DeadLetter, LetterState, Queue
from store.table import Table
from store.waiting import waiting

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_RETENTION_DAYS = 14
"""SQS keeps nothing longer."""
SETTLES_MS = 15 * MINUTE_MS
"""What SQS may take to apply another retention to messages it has."""
RESERVE_MS = 10_000


@dataclass(frozen=True, slots=True)
class Archive:
    """Carries out `archive letters`: the named ones, or every letter known to wait in the queue. Asked twice, or
    cut off and begun again, it comes to the same end."""

    table: Table
    clock: Clock

    def __call__(self, command: Command, left_ms: TimeLeft) -> Ending:
        wanted = command.message_ids or self._waiting(command)
        if not wanted and command.details:  # an earlier slice had them all
            return Ending("All of them are kept here from now on.", command.details)
        if not wanted:
            raise CommandNotPossible(f"No letter is known to wait in {command.subject} that is not archived.",
                                     "Look into the queue first, then archive what was seen.")
        counts: Counter[str] = Counter()
        for start in range(0, len(wanted), READ_AT_ONCE):
            if left_ms() < RESERVE_MS:
                return Ending(f"{start:,} of {len(wanted):,} letters done.", _said(counts), over=False)
            counts.update(self._archived(command.place, command.subject, wanted[start:start + READ_AT_ONCE]))
        kept = counts["archived"] + counts["taken back"]
        return Ending(f"{kept:,} of {len(wanted):,} letters are kept here from now on.", _said(counts))

    def _waiting(self, command: Command) -> list[str]:
        found = waiting(self.table, command.place, command.subject)
        return [letter.message_id for letter in found if letter.custody is Custody.WATCHED and not letter.archived_at]

    def _archived(self, place: Place, queue: str, ids: Sequence[str]) -> list[str]:
        found = dead_letters.get_many(self.table, place, queue, ids)
        return [self._kept(found[one]) if one in found else "not known" for one in ids]

    def _kept(self, letter: DeadLetter | None) -> str:
        while letter is not None:
            word, after = archived(letter, self.clock())
            if after == letter:
                return word
            try:
                dead_letters.save(self.table, letter, after)
                return word
            except ConditionLost as lost:
                letter = dead_letters.standing(self.table, lost)
        return "not known"


def archived(letter: DeadLetter, now: int) -> tuple[str, DeadLetter]:
    """What archiving does to a letter, in a word or two, and the letter after it. Pure."""
    if letter.state is LetterState.GONE:
        note = f"taken back from its copy: {letter.evidence}" if letter.evidence else "taken back from its copy"
        return "taken back", replace(letter, state=LetterState.DEAD, custody=Custody.CAPTURED, expires_at=None,
                                     archived_at=now, settled_at=None, problem=note)
    if letter.custody is Custody.CAPTURED or letter.archived_at is not None:
        return "kept already", letter
    return "archived", replace(letter, archived_at=now)


@dataclass(frozen=True, slots=True)
class Extend:
    """Carries out `extend retention`: `days`, up to 14, of a listed queue. Never shortens: that would delete."""

    table: Table
    clock: Clock
    client: SQSClient
    allowed: Sequence[str]

    def __call__(self, command: Command, left_ms: TimeLeft) -> Ending:
        queue = listed(self.table, command.place, command.subject, self.allowed)
        days = command.arguments.get("days", "")
        if not days.isdecimal() or not 1 <= int(days) <= MAX_RETENTION_DAYS:
            raise CommandNotPossible(f"A retention of {days or 'no'} days is not possible.",
                                     f"Choose 1 to {MAX_RETENTION_DAYS} days.")
        wanted_s = int(days) * DAY_MS // SECOND_MS
        before_s = self._retention(queue)
        if wanted_s < before_s:
            raise CommandNotPossible(f"{queue.name} keeps messages for {_days(before_s)} already.",
                                     "A shorter retention would delete messages; nothing was changed.")
        if wanted_s > before_s:
            with translated(queue.name):
                self.client.set_queue_attributes(QueueUrl=queue.url,
                                                 Attributes={"MessageRetentionPeriod": str(wanted_s)})
        moved = self._new_deadlines(replace(queue, retention_s=wanted_s), left_ms)
        return Ending(
            f"{queue.name} keeps messages for {_days(wanted_s)}; it may take SQS {SETTLES_MS // MINUTE_MS} minutes. A "
            "template that says otherwise sets it back at its next deployment.",
            {"before": _days(before_s), "after": _days(wanted_s), "letters with another deadline": str(moved)})

    def _retention(self, queue: Queue) -> int:
        with translated(queue.name):
            answer = self.client.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["MessageRetentionPeriod"])
        return int(answer["Attributes"]["MessageRetentionPeriod"])

    def _new_deadlines(self, queue: Queue, left_ms: TimeLeft) -> int:
        """Letters get theirs at once; whichever are missed get it at the next look."""
        queues.put(self.table, queue)
        moved = 0
        for one in waiting(self.table, queue.place, queue.name):
            expires_at = one.sent_at and one.sent_at + (queue.retention_s or 0) * SECOND_MS
            if one.custody is not Custody.WATCHED or one.expires_at == expires_at or left_ms() < RESERVE_MS:
                continue
            letter = dead_letters.get(self.table, queue.place, queue.name, one.message_id)
            try:
                if letter:
                    dead_letters.save(self.table, letter, replace(letter, expires_at=expires_at))
            except ConditionLost:
                continue
            moved += 1
        return moved


def listed(table: Table, place: Place, name: str, allowed: Sequence[str]) -> Queue:
    """The queue, if this stack may act on it. Raises CommandNotPossible."""
    queue = queues.get(table, place, name)
    if queue is None:
        raise CommandNotPossible(f"{name} is not known here.", "The queue collector finds queues every minute.")
    if queue.arn not in allowed:
        raise CommandNotPossible(f"This stack may not touch {name}.",
                                 "Add its ARN to the stack's parameter WatchedQueueArns.")
    return queue


def _said(counts: Counter[str]) -> dict[str, str]:
    return {word: str(count) for word, count in sorted(counts.items())}


def _days(seconds: int) -> str:
    return f"{seconds * SECOND_MS / DAY_MS:g} days"
