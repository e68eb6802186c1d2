"""Deleting the queue's copy of letters that were discarded while they were watched. The table has had the body since
the letter was first seen, and keeps it: an undone discard is redriven from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from operations.commands import Ending, TimeLeft
from operations.errors import CommandNotPossible
from operations.holds import QueueHold
from operations.inbox import Inbox
from operations.plan import READ_AT_ONCE
from operations.rescue import listed
from store import dead_letters
from store.clock import Clock
from store.commands import Command
from store.errors import ConditionLost
from store.recovery import Custody, DeadLetter, LetterState
from store.table import Table

RESERVE_MS = 30_000
"""Left on the clock for what is in hand: ten deletes, and the rest given back."""
AT_ONCE = 2_000
"""Letters one command names: 80 KB of its row."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Carries out `forget discarded letters`. Cut off and begun again, it comes to the same end: a copy that is not
    there is gone. A letter whose discard was undone meanwhile keeps its copy."""

    table: Table
    clock: Clock
    inbox: Inbox
    allowed: Sequence[str]

    def __call__(self, command: Command, left_ms: TimeLeft) -> Ending:
        """Raises CommandNotPossible, or StoreError when the queue or the table cannot be asked."""
        queue = listed(self.table, command.place, command.subject, self.allowed)
        if queue.dead_letter_arn:
            raise CommandNotPossible(f"{queue.name} has a redrive policy of its own: receiving could move messages on.",
                                     "The copies stay until they expire; the letters stay discarded.")
        wanted = [letter.message_id for letter in self._letters(command, command.message_ids) if _forgettable(letter)]
        counts = Counter({"kept": len(command.message_ids) - len(wanted)})
        hold = QueueHold(self.inbox, queue, self.clock, lambda: left_ms() < RESERVE_MS)
        met: set[str] = set()
        try:
            for ids in hold.chunks(wanted):
                met.update(ids)
                still = [one.message_id for one in self._letters(command, ids)
                         if _forgettable(one) and not hold.differs(one.message_id, one.body_sha256)]
                gone = hold.forget(still)
                counts.update({"deleted": len(gone), "kept": len(ids) - len(gone)})
                self._forgotten(command, gone)
        finally:
            hold.release()
        missing = [one for one in wanted if one not in met]
        if missing and not hold.absent:
            return Ending(f"Copies deleted: {counts['deleted']:,}; not met yet: {len(missing):,}.", _said(counts),
                          over=left_ms() >= RESERVE_MS)
        self._forgotten(command, missing)
        counts["not there"] = len(missing)
        return Ending(f"Copies deleted from {queue.name}: {counts['deleted']:,}. The table keeps all of it.",
                      _said(counts))

    def _letters(self, command: Command, ids: Sequence[str]) -> list[DeadLetter]:
        found: list[DeadLetter] = []
        for start in range(0, len(ids), READ_AT_ONCE):
            some = ids[start:start + READ_AT_ONCE]
            letters = dead_letters.get_many(self.table, command.place, command.subject, some)
            found += [replace(letter, body="") for letter in letters.values()]
        return found

    def _forgotten(self, command: Command, ids: Sequence[str]) -> None:
        """Write down that the queue has it no more, whatever became of the letter meanwhile."""
        for letter in self._letters(command, ids):
            standing: DeadLetter | None = letter
            while standing is not None:
                try:
                    dead_letters.save(self.table, standing, forgotten(standing, self.clock()))
                    break
                except ConditionLost as lost:
                    standing = dead_letters.standing(self.table, lost)


def forgotten(letter: DeadLetter, now: int) -> DeadLetter:
    """The letter without a copy in its queue; ours to send from here when its discard was undone meanwhile. Pure."""
    letter = replace(letter, deleted_at=letter.deleted_at or now)
    if letter.state in (LetterState.DEAD, LetterState.NEEDS_OPERATOR, LetterState.QUARANTINED):
        return replace(letter, custody=Custody.CAPTURED, expires_at=None)
    return letter


def _forgettable(letter: DeadLetter) -> bool:
    return (letter.state is LetterState.DISCARDED and letter.custody is Custody.WATCHED
            and letter.deleted_at is None)


def _said(counts: Counter[str]) -> dict[str, str]:
    return {name: str(count) for name, count in sorted(counts.items()) if count}
