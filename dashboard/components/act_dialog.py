"""Discard, undo a discard, release from quarantine, send the original again: what it does, to how many, and why.
And the line on the page that says what was done, with the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from dashboard import acts, people, phrasing
from dashboard.acts import DONE, PROBLEM, REQUEST, Done, Request
from operations import discard, edit, quarantine
from operations.letter_acts import STANDING, ActReport
from operations.permissions import Action
from operations.redrive import MAX_REASON
from store.clients import Connection
from store.recovery import DeadLetter, LetterState

REASON = "act_reason"
STAYED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act: its words, whom it takes, what carries it out and which letters it fits."""

    verb: str
    did: str
    effect: str
    example: str
    icon: str
    action: Action
    carry_out: Callable[..., ActReport]
    fits: Callable[[DeadLetter], bool]


DISCARD, UNDO, RELEASE, RESTORE = "discard", "undo", "release", "restore"
ACTS = {
    DISCARD: Act("Discard", "Discarded",
                 "They are put aside, and no redrive takes them. The table keeps each with its body, and you can undo "
                 "this. Of a watched queue, the worker then deletes the copies in the queue.",
                 "For example: test orders, nobody waits for them.", "delete", Action.DISCARD, discard.discard,
                 lambda letter: letter.state in STANDING),
    UNDO: Act("Undo the discard of", "Took back the discard of",
              "Each gets the state it had before it was discarded.", "For example: they were real orders after all.",
              "undo", Action.DISCARD, discard.undo, lambda letter: letter.state is LetterState.DISCARDED),
    RELEASE: Act("Release", "Released",
                 "Each came back from three redrives. Released, it can be redriven again; if it comes back once more, "
                 "it is put under quarantine again.", "What is different this time?", "lock_open",
                 Action.UNQUARANTINE, quarantine.release, lambda letter: letter.state is LetterState.QUARANTINED),
    RESTORE: Act("Send the original of", "Restored the original of",
                 "A redrive sends the original again. The edits stay in the table.",
                 "For example: the edit named the wrong SKU.", "restore_page", Action.EDIT, edit.restore,
                 lambda letter: letter.edit is not None and letter.state in STANDING),
}


def fitting(kind: str, letters: Sequence[DeadLetter]) -> list[str]:
    """Message ids of the letters that this can be done to."""
    return [letter.message_id for letter in letters if ACTS[kind].fits(letter)]


def act_dialog(connection: Connection, request: Request) -> None:
    """Named by what it does: `Discard 3 messages`."""
    title = f"{ACTS[request.kind].verb} {phrasing.plural(len(request.message_ids), 'message')}"
    st.dialog(title, width="medium", on_dismiss=acts.dismissed)(draw)(connection)


def draw(connection: Connection) -> None:
    """What is in the dialog."""
    request = acts.asked()
    act, count = ACTS[request.kind], phrasing.plural(len(request.message_ids), "message")
    st.markdown(f"From **{phrasing.plain_markdown(request.queue)}**")
    if request.selected > len(request.message_ids):
        st.caption(f"{len(request.message_ids):,} of the {request.selected:,} selected; the others stay as they are.")
    st.caption(act.effect)
    with st.form("act", border=False):
        st.text_area("Reason", key=f"{REASON}-{request.act_id}", max_chars=MAX_REASON, placeholder=act.example,
                     help="Kept in the audit and with each message, under your name.")
        st.form_submit_button(f"{act.verb} {count}", type="primary", icon=f":material/{act.icon}:",
                              on_click=_confirm, args=(connection, request))
    acts.problem()


def told(connection: Connection) -> None:
    """What was just done, and the way back while it is in sight."""
    problem = st.session_state.get(PROBLEM)
    if problem and REQUEST not in st.session_state:
        acts.problem()
    done = st.session_state.get(DONE)
    if not isinstance(done, Done):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":green[:material/check_circle:] **{phrasing.plain_markdown(done.words, 300)}**", width="content")
        if done.request.kind == DISCARD and done.message_ids:
            st.button("Undo", icon=":material/undo:", key="undo_discard", on_click=_undo, args=(connection, done))
        st.button("Close", icon=":material/close:", key="close_done", type="tertiary", on_click=_close)
    for why, count in done.stayed[:STAYED_SHOWN]:
        st.caption(f":material/block: {phrasing.plural(count, 'message stays', 'messages stay')} as before: "
                   f"{phrasing.plain_markdown(why, 300)}")


def _confirm(connection: Connection, request: Request) -> None:
    acts.carry_out(request, partial(_act, connection, request, st.session_state[f"{REASON}-{request.act_id}"]))


def _act(connection: Connection, request: Request, reason: str) -> Done:
    act, settings = ACTS[request.kind], connection.settings
    report = act.carry_out(connection.table, connection.place, connection.clock, people.actor(settings),
                           settings.writes, queue=request.queue, message_ids=request.message_ids, reason=reason,
                           act_id=request.act_id)
    words = f"{act.did} {phrasing.plural(len(report.done), 'message')}." if report.done else "Nothing was changed."
    return acts.done_of(request, report, words, reason)


def _undo(connection: Connection, done: Done) -> None:
    """At once, without another dialog: what it takes back was said a moment ago. The second click finds it done."""
    if st.session_state.get(DONE) != done:
        return
    request = Request(f"{done.request.act_id}-undo", UNDO, done.request.queue, done.message_ids, len(done.message_ids))
    st.session_state[REQUEST] = request
    acts.carry_out(request, partial(_act, connection, request, f"taken back at once: {done.reason}"))
    st.session_state.pop(REQUEST, None)


def _close() -> None:
    st.session_state.pop(DONE, None)

