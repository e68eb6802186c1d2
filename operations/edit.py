"""Editing what is sent for letters, as it was previewed; and going back to the original, which is never touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from operations import payloads
from operations.edit_preview import EditChange, attempt, preview, sha256
from operations.errors import EditMoved, NothingSelected
from operations.letter_acts import ActReport, Request, acting, in_hand, noted
from operations.permissions import Action, Actor, enforce
from store.clock import Clock
from store.records import Place
from store.recovery import DeadLetter, Edit, Note
from store.table import Table

RESTORE = "restore the original"


def edit(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
         queue: str, message_ids: Sequence[str], change: EditChange, digest: str, reason: str,
         act_id: str) -> ActReport:
    """Edit letters so that exactly what was previewed is done; `digest` is the preview's. Letters that the change
    does not fit stay as they are, and the report says why. `act_id` names the act.

    Raises NotAllowed, ReasonRequired, EditMoved, BadPatch, NothingSelected, TooMany, or StoreError."""
    enforce(actor, Action.EDIT, writes)
    shown = preview(table, place, queue, message_ids, change)
    if shown.digest != digest:
        raise EditMoved()
    if not shown.runnable:
        raise NothingSelected("; ".join(sorted({one.problem for one in shown.letters})[:3]))
    texts = {one.message_id: one.before_sha256 for one in shown.letters}
    request = Request(Action.EDIT, actor, queue, tuple(message_ids), reason, act_id, 0)
    described = f"patch {change.patch}" if change.patch is not None else f"text sha256 {sha256(change.text or '')}"
    with acting(table, place, clock, writes, request, change=described[:2_000], **{"diff sha256": digest}) as act:
        return act.change(lambda letter: edited(letter, change, texts.get(letter.message_id, ""), act.request.note))


def restore(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
            queue: str, message_ids: Sequence[str], reason: str, act_id: str) -> ActReport:
    """Send the original again. The edits stay in the table. Raises NotAllowed, ReasonRequired, NothingSelected,
    TooMany, or StoreError."""
    request = Request(Action.EDIT, actor, queue, tuple(message_ids), reason, act_id, 0)
    with acting(table, place, clock, writes, request, act=RESTORE) as act:
        return act.change(lambda letter: restored(letter, replace(act.request.note, did=RESTORE)))


def edited(letter: DeadLetter, change: EditChange, before_sha256: str, note: Note) -> DeadLetter | str:
    """The letter with the edit, or why it has none. `before_sha256` is of the text that was shown."""
    tried = attempt(letter, change)
    if tried.problem:
        return tried.problem
    if tried.before_sha256 != before_sha256:
        return "somebody changed it after it was shown"
    name = sha256(f"{note.at} {note.by} {tried.after_sha256}")[:16]
    made = Edit(name, tried.after, tried.after_sha256, sha256(payloads.original(letter)), note.at, note.by,
                note.reason, change.patch)
    return noted(replace(letter, edit=made), replace(note, detail=f"edit {name}"))


def restored(letter: DeadLetter, note: Note) -> DeadLetter | str:
    """The letter without its edit, or why it stays."""
    if letter.edit is None:
        return "it is not edited"
    return in_hand(letter) or noted(replace(letter, edit=None), replace(note, detail=f"edit {letter.edit.id}"))
