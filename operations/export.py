"""A selection of dead letters as lines of JSON, streamed: a few letters in memory, whatever the selection."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from operations import audit, letter_lines, permissions
from operations.errors import NothingSelected, TooMany, UnknownDeadLetters
from operations.letter_acts import MAX_LETTERS
from operations.permissions import Action, Actor
from operations.plan import READ_AT_ONCE, selection_sha256
from operations.redrive import kept_reason
from store import audit_log, dead_letters
from store.clock import Clock, iso
from store.errors import LamplightError
from store.records import Place
from store.recovery import AuditEntry, DeadLetter
from store.table import Table

CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was asked for and is in the audit; `lines` writes it, once."""

    table: Table
    place: Place
    clock: Clock
    entry: AuditEntry
    queue: str
    message_ids: tuple[str, ...]
    bodies: bool

    @property
    def file_name(self) -> str:
        return f"{self.queue}-{iso(self.entry.at)[:19].replace(':', '')}.ndjson"

    def lines(self) -> Iterator[str]:
        """Every line with its end. When the reader goes away, or a letter cannot be read, the audit says how far it
        came. Raises UnknownDeadLetters when a letter is not there, or StoreError."""
        done, whole = 0, hashlib.sha256()
        outcome, problem = CUT_OFF, ""
        try:
            yield letter_lines.line(self._header()) + "\n"
            for letter in self._letters():
                facts = letter_lines.written(letter, self.bodies)
                whole.update(facts["sha256"].encode())
                yield letter_lines.line(facts) + "\n"
                done += 1
            yield letter_lines.line({"kind": letter_lines.END, "count": done, "sha256": whole.hexdigest()}) + "\n"
            outcome = "exported"
        except LamplightError as error:
            problem = str(error)
            raise
        finally:
            details = {"letters": str(done), **({"error": problem} if problem else {})}
            audit_log.put_outcome(self.table, self.entry, outcome, self.clock(), details)

    def _header(self) -> dict[str, object]:
        return {"kind": letter_lines.HEADER, "v": letter_lines.VERSION, "account": self.place.account,
                "region": self.place.region, "queue": self.queue, "count": len(self.message_ids),
                "selection_sha256": selection_sha256(self.message_ids), "bodies": self.bodies,
                "exported_at": self.entry.at, "exported_by": self.entry.actor}

    def _letters(self) -> Iterator[DeadLetter]:
        for start in range(0, len(self.message_ids), READ_AT_ONCE):
            ids = self.message_ids[start:start + READ_AT_ONCE]
            found = dead_letters.get_many(self.table, self.place, self.queue, ids)
            missing = [message_id for message_id in ids if message_id not in found]
            if missing:
                raise UnknownDeadLetters(self.queue, missing)
            yield from (found[message_id] for message_id in ids)


def export(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
           queue: str, message_ids: Sequence[str], reason: str, act_id: str, bodies: bool = True) -> Export:
    """Ask for an export; its `lines` are then read, once. With bodies it takes the permission to reveal them, too.

    Raises NotAllowed, ReasonRequired, NothingSelected, TooMany, or StoreError."""
    permissions.enforce(actor, Action.EXPORT, writes)
    if bodies:
        permissions.enforce(actor, Action.REVEAL, writes)
    ids = tuple(dict.fromkeys(message_ids))
    if not ids:
        raise NothingSelected()
    if len(ids) > MAX_LETTERS:
        raise TooMany(len(ids), MAX_LETTERS)
    entry = AuditEntry(place, act_id, clock(), actor.name, actor.role, Action.EXPORT, queue, kept_reason(reason),
                       {"count": str(len(ids)), "selection sha256": selection_sha256(ids),
                        "bodies": "yes" if bodies else "no"})
    audit.announce(table, entry)
    return Export(table, place, clock, entry, queue, ids, bodies)
