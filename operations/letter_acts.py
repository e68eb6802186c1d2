"""What people do to letters outside a redrive: one conditional write a letter, one result a letter, one audit entry
around all of it. A letter in a job's hands is left alone, and the result says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from operations import audit, permissions
from operations.errors import NothingSelected, TooMany
from operations.permissions import Action, Actor
from operations.plan import READ_AT_ONCE, selection_sha256, waiting_in_jobs
from operations.redrive import kept_reason
from operations.verdicts import name_of
from store import dead_letters
from store.clock import Clock
from store.errors import ConditionLost
from store.records import Place
from store.recovery import AuditEntry, DeadLetter, LetterState, Note
from store.table import Table

MAX_LETTERS = 10_000
"""Letters in one act, which is carried out while somebody waits."""
NOTES = 30
"""Notes kept with a letter. All of them stand in the audit."""
NOTE_REASON = 200
"""Characters of a reason in a note: thirty notes must leave an item room for its body."""
STANDING = (LetterState.DEAD, LetterState.NEEDS_OPERATOR, LetterState.QUARANTINED)
"""Letters that nobody has in hand and nothing has settled."""

Change = Callable[[DeadLetter], DeadLetter | str]
"""The letter as it is to stand, or why it stays as it is."""


@dataclass(frozen=True, slots=True)
class Acted:
    """One letter: done, or why not."""

    message_id: str
    done: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class ActReport:
    """What an act did, in the order of the selection."""

    results: tuple[Acted, ...]

    @property
    def done(self) -> tuple[str, ...]:
        return tuple(one.message_id for one in self.results if one.done)

    @property
    def refused(self) -> Counter[str]:
        """Reason in words → letters left as they were for it."""
        return Counter(one.why for one in self.results if not one.done)


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants what done to which letters, and why. `act_id` is made where the button is drawn."""

    action: Action
    actor: Actor
    queue: str
    message_ids: tuple[str, ...]
    reason: str
    act_id: str
    at: int

    @property
    def note(self) -> Note:
        return Note(self.at, self.actor.name, self.action, self.reason[:NOTE_REASON])


@dataclass(slots=True)
class Acting:
    """One act on many letters."""

    table: Table
    place: Place
    request: Request
    act: audit.Act

    def change(self, change: Change) -> ActReport:
        """Read each letter, decide, write it if it still stands as read. Raises StoreError: what was done until
        then stays done, and the audit says how many."""
        held = waiting_in_jobs(self.table, self.place, self.request.queue)
        done: list[Acted] = []
        ids = self.request.message_ids
        for start in range(0, len(ids), READ_AT_ONCE):
            chunk = ids[start:start + READ_AT_ONCE]
            found = dead_letters.get_many(self.table, self.place, self.request.queue, chunk)
            for message_id in chunk:
                done.append(self._changed(message_id, found.get(message_id), held.get(message_id), change))
            self._say(done)
        return ActReport(tuple(done))

    def _changed(self, message_id: str, letter: DeadLetter | None, holder: str | None, change: Change) -> Acted:
        if letter is None:
            return Acted(message_id, False, "no dead letter of this queue has that id")
        if holder:
            return Acted(message_id, False, f"redrive {holder} is about to send it")
        after = change(letter)
        if isinstance(after, str):
            return Acted(message_id, False, after)
        try:
            dead_letters.save(self.table, letter, after)
        except ConditionLost:
            return Acted(message_id, False, "somebody changed it at the same moment")
        return Acted(message_id, True)

    def _say(self, done: Sequence[Acted]) -> None:
        report = ActReport(tuple(done))
        self.act.outcome = "done" if report.done else "nothing changed"
        self.act.details |= {"done": str(len(report.done))}
        self.act.details |= {why: str(count) for why, count in report.refused.most_common(10)}


@contextmanager
def acting(table: Table, place: Place, clock: Clock, writes: bool, request: Request,
           **details: str) -> Iterator[Acting]:
    """Check and announce an act, and write down how it ended.

    Raises NotAllowed, ReasonRequired, NothingSelected, TooMany or StoreError before anything is changed."""
    permissions.enforce(request.actor, request.action, writes)
    ids = tuple(dict.fromkeys(request.message_ids))
    if not ids:
        raise NothingSelected()
    if len(ids) > MAX_LETTERS:
        raise TooMany(len(ids), MAX_LETTERS)
    request = replace(request, message_ids=ids, reason=kept_reason(request.reason), at=clock())
    entry = AuditEntry(place, request.act_id, request.at, request.actor.name, request.actor.role, request.action,
                       request.queue, request.reason,
                       {"count": str(len(ids)), "selection sha256": selection_sha256(ids), **details})
    with audit.audited(table, clock, entry) as act:
        yield Acting(table, place, request, act)


def noted(letter: DeadLetter, note: Note) -> DeadLetter:
    """The letter with one more note."""
    return replace(letter, notes=(*letter.notes, note)[-NOTES:])


def in_hand(letter: DeadLetter) -> str:
    """Why nobody may change this letter now, or nothing."""
    if letter.state in STANDING:
        return ""
    by = f" by redrive {letter.job_id}" if letter.job_id else ""
    return {
        LetterState.CLAIMED: f"it is being sent{by}",
        LetterState.SENT: f"it was sent{by} to {name_of(letter.destination.arn)} and its outcome is not known yet",
        LetterState.DISCARDED: "it is discarded",
        LetterState.GONE: "it is no longer in its queue",
    }.get(letter.state, f"it is settled: {letter.state}")
