"""What an edit would do, letter by letter, before anybody is asked to confirm it. Only reads.

An edit changes what would be sent: the body, or the event inside the record of a failed invocation. The original
stays with the letter for ever."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from operations import json_patch, json_text, payloads
from operations.errors import BadPatch, NothingSelected
from operations.letter_acts import in_hand
from operations.plan import READ_AT_ONCE
from store import dead_letters
from store.records import Place
from store.recovery import DeadLetter, Edit, Shape, Way
from store.table import Table

COMPARED_LINES = 20_000
"""Lines of both sides together that are compared; the comparison grows with their product."""
SHOWN_CHARACTERS = 20_000
"""Of one letter's diff."""


@dataclass(frozen=True, slots=True)
class EditChange:
    """A JSON Patch for many letters, or a whole new text. One of the two."""

    patch: str | None = None
    text: str | None = None

    def edited(self, text: str) -> str:
        """Raises BadPatch."""
        if self.patch is not None:
            return json_patch.apply(text, json_patch.parse(self.patch))
        return self.text or ""


@dataclass(frozen=True, slots=True)
class LetterEdit:
    """One letter: whether it can be edited so, why not, and how the text would differ. The diff of JSON is of the
    indented text; what is kept and sent has the spaces it had."""

    message_id: str
    problem: str = ""
    diff: str = ""
    of: str = ""
    """What the edit is applied to, in words."""
    caution: str = ""
    before_sha256: str = ""
    after_sha256: str = ""
    after: str = ""

    @property
    def runs(self) -> bool:
        return not self.problem


@dataclass(frozen=True, slots=True)
class EditPreview:
    """The letters in the order of the selection. `digest` names exactly these changes of exactly these texts: the
    edit is refused when it would do anything else."""

    queue: str
    letters: tuple[LetterEdit, ...]

    @property
    def runnable(self) -> tuple[str, ...]:
        return tuple(letter.message_id for letter in self.letters if letter.runs)

    @property
    def digest(self) -> str:
        said = (f"{one.message_id} {one.before_sha256} {one.after_sha256}" for one in self.letters if one.runs)
        return sha256("\n".join(sorted(said)))


def preview(table: Table, place: Place, queue: str, message_ids: Sequence[str], change: EditChange) -> EditPreview:
    """Try the change on each letter. Raises NothingSelected, BadPatch when the patch itself is none, or StoreError."""
    ids = list(dict.fromkeys(message_ids))
    if not ids:
        raise NothingSelected()
    if (change.patch is None) == (change.text is None):
        raise BadPatch("an edit is a patch or a whole text, one of them")
    if change.patch is not None:
        json_patch.parse(change.patch)
    return EditPreview(queue, tuple(_previewed(table, place, queue, ids, change)))


def attempt(letter: DeadLetter, change: EditChange) -> LetterEdit:
    """The change on one letter. Raises nothing: what does not fit is its problem."""
    refusal = in_hand(letter)
    if refusal:
        return LetterEdit(letter.message_id, refusal)
    try:
        before = payloads.text(letter)
        after = change.edited(before)
    except (ValueError, BadPatch) as error:
        return LetterEdit(letter.message_id, str(error))
    return LetterEdit(letter.message_id, _problem(letter, before, after), diff(before, after), _applies_to(letter),
                      _caution(letter), sha256(before), sha256(after), after)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def diff(before: str, after: str) -> str:
    """A unified diff for reading, cut at SHOWN_CHARACTERS."""
    old, new = (_lines(text) for text in (before, after))
    if len(old) + len(new) > COMPARED_LINES:
        return f"Too long to compare: {len(before):,} characters before, {len(after):,} after."
    text = "\n".join(difflib.unified_diff(old, new, "before", "after", lineterm=""))
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}\n… {len(text):,} characters in all"


def _previewed(table: Table, place: Place, queue: str, ids: Sequence[str], change: EditChange) -> Iterator[LetterEdit]:
    for start in range(0, len(ids), READ_AT_ONCE):
        chunk = ids[start:start + READ_AT_ONCE]
        found = dead_letters.get_many(table, place, queue, chunk)
        for message_id in chunk:
            letter = found.get(message_id)
            tried = attempt(letter, change) if letter else LetterEdit(message_id, "no dead letter has that id")
            yield replace(tried, after="")  # a selection's texts do not fit into memory together


def _lines(text: str) -> list[str]:
    try:
        return json_text.indented(text).splitlines()
    except ValueError:
        return text.splitlines()


def _problem(letter: DeadLetter, before: str, after: str) -> str:
    if after == before:
        return "nothing would change"
    if json_text.is_json(before) and not json_text.is_json(after):
        return "the new text is not JSON, as the old one is"
    return payloads.problem(replace(letter, edit=Edit("preview", after, "", "", 0, "", "")))


def _applies_to(letter: DeadLetter) -> str:
    if letter.shape is Shape.LAMBDA_DESTINATION and letter.destination.way is Way.INVOKE:
        return "the event inside the record of the failed invocation, which is what the function is invoked with"
    return "the body" if letter.edit is None else "the body as edited before"


def _caution(letter: DeadLetter) -> str:
    if not letter.ambiguous:
        return ""
    return (f"{letter.ambiguous} earlier sends had no answer: the text as it was may have arrived already"
            if letter.ambiguous > 1 else "an earlier send had no answer: the text as it was may have arrived already")
