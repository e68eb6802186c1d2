"""Bringing an export back: all of it is verified before anything is written, and nothing that stands is changed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from operations import audit, letter_lines, permissions
from operations.errors import BadImport
from operations.letter_acts import noted
from operations.permissions import Action, Actor
from operations.plan import READ_AT_ONCE, selection_sha256
from operations.redrive import kept_reason
from store import dead_letters
from store.clock import Clock, iso
from store.records import Place
from store.recovery import AuditEntry, Custody, DeadLetter, LetterState, Note
from store.table import Table

Lines = Callable[[], Iterable[str]]
"""Opens the file from its beginning; asked twice, so that it is verified whole before the first letter is written."""
MAX_LINE = 20 * 1_048_576
"""Characters: a body and an edit of 1 MiB each whose every character is escaped with six, attributes, the journal."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `standing` letters were there already, and stay as they are."""

    queue: str
    new: int
    standing: int


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of an export."""

    queue: str
    count: int
    selection_sha256: str
    exported_at: int
    exported_by: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: restore letters, by the state they would have, beside `standing` that are there."""

    header: Header
    new: Mapping[LetterState, int]
    standing: int


def preview(table: Table, place: Place, lines: Lines) -> Preview:
    """Verify an export and look which of its letters are here. Only reads. Raises BadImport, or StoreError."""
    header = verified(lines(), place)
    nobody = Note(0, "", Action.IMPORT)
    new: Counter[LetterState] = Counter()
    letters = [(letter.message_id, restored(letter, nobody).state) for letter in _letters(_documents(lines()))]
    for start in range(0, len(letters), READ_AT_ONCE):
        some = letters[start:start + READ_AT_ONCE]
        found = dead_letters.find_many(table, place, header.queue, [message_id for message_id, _ in some])
        new.update(state for message_id, state in some if message_id not in {*found.whole, *found.broken})
    return Preview(header, dict(new), header.count - new.total())


def import_letters(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
                   lines: Lines, reason: str, act_id: str) -> Imported:
    """Restore the letters of an export that this table does not hold. Importing it again adds nothing.

    Raises NotAllowed, ReasonRequired, BadImport naming the line, or StoreError; after BadImport nothing was
    written, after StoreError the import can be repeated."""
    permissions.enforce(actor, Action.IMPORT, writes)
    kept = kept_reason(reason)
    header = verified(lines(), place)
    now = clock()
    entry = AuditEntry(place, act_id, now, actor.name, actor.role, Action.IMPORT, header.queue, kept,
                       {"count": str(header.count), "selection sha256": header.selection_sha256,
                        "exported by": header.exported_by, "exported at": iso(header.exported_at)})
    note = Note(now, actor.name, Action.IMPORT, kept[:200], f"exported at {iso(header.exported_at)}")
    counts: Counter[bool] = Counter()
    with audit.audited(table, clock, entry) as act:
        for letter in _letters(_documents(lines())):
            counts[_new(table, restored(letter, note))] += 1
            act.details |= {"new": str(counts[True]), "standing": str(counts[False])}
        act.outcome = "imported"
    return Imported(header.queue, counts[True], counts[False])


def verified(lines: Iterable[str], place: Place) -> Header:
    """Read an export to its end and check all of it. Raises BadImport."""
    documents = _documents(lines)
    header = _header(next(documents, (1, {}))[1], place)
    ids: list[str] = []
    whole = hashlib.sha256()
    end: Mapping[str, Any] | None = None
    for number, facts in documents:
        if end is not None:
            raise BadImport("something stands after the end", number)
        if facts.get("kind") == letter_lines.END:
            end = facts
            continue
        letter = _read(number, facts)
        if (letter.place, letter.queue) != (place, header.queue):
            raise BadImport(f"it is of {letter.queue} in {letter.place}", number)
        ids.append(letter.message_id)
        whole.update(str(facts["sha256"]).encode())
    if end is None:
        raise BadImport("its end is missing, so it was cut off")
    if len(ids) != header.count or selection_sha256(ids) != header.selection_sha256:
        raise BadImport(f"it holds {len(ids):,} letters, and not the {header.count:,} its first line names")
    if (end.get("count"), end.get("sha256")) != (len(ids), whole.hexdigest()):
        raise BadImport("its letters are not those its last line names")
    return header


def restored(letter: DeadLetter, note: Note) -> DeadLetter:
    """The letter as a new row: ours, with its journal. What was under way when it was exported is in doubt."""
    evidence = ", ".join(filter(None, (letter.evidence, f"imported by {note.by}, {note.detail}")))
    letter = replace(letter, evidence=evidence, custody=Custody.CAPTURED, expires_at=None, version=0)
    if letter.state in (LetterState.CLAIMED, LetterState.SENT):
        sent = "was sent" if letter.state is LetterState.SENT else "was being sent"
        letter = replace(letter, state=LetterState.NEEDS_OPERATOR, ambiguous=letter.ambiguous + 1,
                         problem=f"it {sent} by redrive {letter.job_id} when it was exported; what became of it is "
                                 "not known here")
    return noted(letter, note)


def _new(table: Table, letter: DeadLetter) -> bool:
    """Put a letter into the table. One that stands is not even written beside: its body may lie in parts."""
    standing = dead_letters.get(table, letter.place, letter.queue, letter.message_id)
    return standing is None and dead_letters.capture(table, letter)


def _documents(lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, text in enumerate(lines, 1):
        if len(text) > MAX_LINE:
            raise BadImport(f"it has more than {MAX_LINE:,} characters", number)
        if not text.strip():
            continue
        try:
            facts = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadImport("it is not JSON", number) from error
        if not isinstance(facts, dict):
            raise BadImport("it is no object", number)
        yield number, facts


def _letters(documents: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[DeadLetter]:
    for number, facts in documents:
        if facts.get("kind") == letter_lines.LETTER:
            yield _read(number, facts)


def _read(number: int, facts: Mapping[str, Any]) -> DeadLetter:
    try:
        return letter_lines.read(facts)
    except ValueError as error:
        raise BadImport(str(error), number) from error


def _header(facts: Mapping[str, Any], place: Place) -> Header:
    if facts.get("kind") != letter_lines.HEADER or facts.get("v") != letter_lines.VERSION:
        raise BadImport(f"its first line does not say that it is an export of version {letter_lines.VERSION}", 1)
    if (facts.get("account"), facts.get("region")) != (place.account, place.region):
        raise BadImport(f"it is of account {facts.get('account')} in {facts.get('region')}", 1)
    kinds = {"queue": str, "count": int, "selection_sha256": str, "exported_at": int, "exported_by": str}
    wrong = [name for name, kind in kinds.items() if not isinstance(facts.get(name), kind)]
    if wrong:
        raise BadImport(f"its first line has no {', '.join(wrong)}", 1)
    return Header(**{name: facts[name] for name in kinds})
