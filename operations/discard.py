"""Putting letters aside for good, with a reason; and taking that back, as long as the table keeps them.

Nothing is deleted here: the body and the journal stay. The copy of a watched letter in its queue is deleted by the
worker afterwards (`operations.forget`), when the table has it and a person has said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from operations import commands
from operations.forget import AT_ONCE
from operations.letter_acts import ActReport, Request, acting, in_hand, noted
from operations.permissions import Action, Actor
from store.clock import Clock
from store.commands import Kind
from store.records import Place
from store.recovery import Custody, DeadLetter, LetterState, Note
from store.table import Table

UNDO = "undo a discard"


def discard(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
            queue: str, message_ids: Sequence[str], reason: str, act_id: str) -> ActReport:
    """Put letters aside. What a job has in hand, or is about to take, is left alone. `act_id` names the act.

    Raises NotAllowed, ReasonRequired, NothingSelected, TooMany, or StoreError."""
    request = Request(Action.DISCARD, actor, queue, tuple(message_ids), reason, act_id, 0)
    watched: set[str] = set()

    def put_aside(letter: DeadLetter) -> DeadLetter | str:
        if letter.custody is Custody.WATCHED:
            watched.add(letter.message_id)
        return discarded(letter, act.request.note)

    with acting(table, place, clock, writes, request) as act:
        report = act.change(put_aside)
    copies = [one for one in report.done if one in watched]
    for start in range(0, len(copies), AT_ONCE):
        command = commands.new(place, f"{act_id}-forget-{start // AT_ONCE}", Kind.FORGET, queue, reason,
                               message_ids=tuple(copies[start:start + AT_ONCE]))
        commands.ask(table, clock, actor, writes, command)
    return report


def undo(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
         queue: str, message_ids: Sequence[str], reason: str, act_id: str) -> ActReport:
    """Give discarded letters the very state they had. Needs the same permission. Raises as `discard`."""
    request = Request(Action.DISCARD, actor, queue, tuple(message_ids), reason, act_id, 0)
    with acting(table, place, clock, writes, request, act=UNDO) as act:
        return act.change(lambda letter: restored(letter, replace(act.request.note, did=UNDO)))


def discarded(letter: DeadLetter, note: Note) -> DeadLetter | str:
    """The letter put aside, or why it is not."""
    refusal = in_hand(letter)
    if refusal:
        return refusal
    # Archived: its row is its only copy from the moment the queue forgets it.
    kept = letter.archived_at or note.at if letter.custody is Custody.WATCHED else letter.archived_at
    return noted(replace(letter, state=LetterState.DISCARDED, discarded_as=letter.state, archived_at=kept), note)


def restored(letter: DeadLetter, note: Note) -> DeadLetter | str:
    """The letter as it stood before it was discarded; ours to send from now on when its queue has forgotten it."""
    if letter.state is not LetterState.DISCARDED:
        return "it is not discarded"
    back = replace(letter, state=letter.discarded_as or LetterState.DEAD, discarded_as=None)
    if letter.custody is Custody.WATCHED and letter.deleted_at is not None:
        back = replace(back, custody=Custody.CAPTURED, expires_at=None)
    return noted(back, note)
