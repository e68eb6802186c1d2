"""Letting a letter out of quarantine. Its lineage came back from three redrives; a person with the permission says
why the next one is different. If it comes back once more, it is put under quarantine again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from operations.letter_acts import ActReport, Request, acting, in_hand, noted
from operations.permissions import Action, Actor
from store.clock import Clock
from store.records import Place
from store.recovery import DeadLetter, LetterState, Note
from store.table import Table


def release(table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
            queue: str, message_ids: Sequence[str], reason: str, act_id: str) -> ActReport:
    """Make letters under quarantine redrivable again.

    Raises NotAllowed, ReasonRequired, NothingSelected, TooMany, or StoreError."""
    request = Request(Action.UNQUARANTINE, actor, queue, tuple(message_ids), reason, act_id, 0)
    with acting(table, place, clock, writes, request) as act:
        return act.change(lambda letter: released(letter, act.request.note))


def released(letter: DeadLetter, note: Note) -> DeadLetter | str:
    """The letter as a dead one, or why it is none."""
    if letter.state is not LetterState.QUARANTINED:
        return in_hand(letter) or "it is not under quarantine"
    return noted(replace(letter, state=LetterState.DEAD, problem=None), note)
