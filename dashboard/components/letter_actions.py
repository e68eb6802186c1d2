"""The bulk bar over the letters: what can be done to those that are ticked, and why it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import acts, people, phrasing
from dashboard.components import act_dialog, edit_dialog, export_dialog, import_dialog
from dashboard.components.errand_dialog import errand_dialog
from dashboard.components.redrive_dialog import open_with, redrive_dialog
from dashboard.queues import Errand
from operations.letter_acts import STANDING
from operations.permissions import Action
from store.clients import Connection
from store.recovery import Custody, DeadLetter, LetterState

ALWAYS = (act_dialog.DISCARD, edit_dialog.EDIT, export_dialog.EXPORT)
"""Acts whose buttons are there whatever is ticked."""
KEEP: str = Errand.ARCHIVE
DIALOGS = {edit_dialog.EDIT: edit_dialog.edit_dialog, export_dialog.EXPORT: export_dialog.export_dialog,
           import_dialog.IMPORT: import_dialog.import_dialog}


@dataclass(frozen=True, slots=True)
class Button:
    """One act: its label, whom it takes, and which letters it is for."""

    label: str
    icon: str
    action: Action


BUTTONS = {
    edit_dialog.EDIT: Button("Edit…", "edit", Action.EDIT),
    act_dialog.DISCARD: Button("Discard…", "delete", Action.DISCARD),
    export_dialog.EXPORT: Button("Export…", "download", Action.EXPORT),
    act_dialog.RELEASE: Button("Release…", "lock_open", Action.UNQUARANTINE),
    act_dialog.UNDO: Button("Undo discard…", "undo", Action.DISCARD),
    act_dialog.RESTORE: Button("Send the original…", "restore_page", Action.EDIT),
    KEEP: Button("Keep here…", "archive", Action.RESCUE),
}


def fitting(kind: str, letters: Sequence[DeadLetter]) -> list[str]:
    """Message ids of the letters that this can be done to."""
    if kind in act_dialog.ACTS:
        return act_dialog.fitting(kind, letters)
    if kind == edit_dialog.EDIT:
        return [letter.message_id for letter in letters if letter.state in STANDING]
    if kind == KEEP:
        return [letter.message_id for letter in letters if letter.custody is Custody.WATCHED
                and letter.archived_at is None and letter.state in (*STANDING, LetterState.GONE)]
    return [letter.message_id for letter in letters]


def letter_actions(connection: Connection, queue: str, selected: Sequence[DeadLetter]) -> None:
    """The buttons, how many are ticked, and one line below that says what is missing."""
    offered = {kind: ids for kind in BUTTONS if (ids := fitting(kind, selected)) or kind in ALWAYS}
    _redrive(connection, queue, selected)
    for kind, ids in offered.items():
        _button(connection, queue, kind, ids, selected)
    st.caption(f"{len(selected):,} selected" if selected else
               "Tick messages to act on them, click one to look into it.")


def locks(connection: Connection, selected: Sequence[DeadLetter]) -> None:
    """What is missing to press the buttons, once for all of them."""
    kinds = [kind for kind in BUTTONS if kind in ALWAYS or fitting(kind, selected)]
    why = people.missing(connection, [Action.REDRIVE, *(BUTTONS[kind].action for kind in kinds)])
    if why:
        st.caption(f":material/lock: {why}")


def _redrive(connection: Connection, queue: str, selected: Sequence[DeadLetter]) -> None:
    why = people.why_not(connection, Action.REDRIVE)
    if selected and not why and not any(letter.state.redrivable for letter in selected):
        why = "None of the selected can be redriven as it is."
    label = f"Redrive {phrasing.plural(len(selected), 'message')}…" if selected else "Redrive…"
    if st.button(label, type="primary", icon=":material/replay:", key="open_redrive",
                 disabled=not selected or bool(why), help=why or None):
        acts.dismissed()
        open_with(queue, [letter.message_id for letter in selected])
        redrive_dialog(connection)


def _button(connection: Connection, queue: str, kind: str, ids: Sequence[str], selected: Sequence[DeadLetter]) -> None:
    button = BUTTONS[kind]
    why = people.why_not(connection, button.action)
    if kind == export_dialog.EXPORT and not why:
        why = export_dialog.too_large(selected)
    if selected and not ids and not why:
        why = "Not for those selected: nobody may have them in hand, and nothing may have settled them."
    st.button(button.label, icon=f":material/{button.icon}:", key=f"open_{kind}", disabled=not ids or bool(why),
              help=why or None, on_click=acts.open_with, args=(kind, queue, ids, len(selected)))


def dialog(connection: Connection) -> None:
    """The dialog of what was asked for last, until it is done or dismissed."""
    request = acts.standing()
    if request is None:
        return
    if request.kind in act_dialog.ACTS:
        act_dialog.act_dialog(connection, request)
    elif request.kind in DIALOGS:
        DIALOGS[request.kind](connection)
    else:
        errand_dialog(connection, request)


def letter_buttons(connection: Connection, letter: DeadLetter) -> None:
    """For one letter that is looked into: the ways back from what was done to it."""
    for kind in (act_dialog.UNDO, act_dialog.RELEASE, act_dialog.RESTORE):
        if not fitting(kind, [letter]):
            continue
        button = BUTTONS[kind]
        why = people.why_not(connection, button.action)
        st.button(button.label, icon=f":material/{button.icon}:", key=f"one_{kind}", disabled=bool(why),
                  help=why or None, on_click=acts.open_with, args=(kind, letter.queue, [letter.message_id]))
