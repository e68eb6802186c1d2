"""One thing an operator is about to do, held from the click that opens its dialog to the one that confirms it.

Its id is made when the dialog opens and its selection is frozen with it: a double click does it once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import reads_recover, snapshots
from dashboard.components.problem import show
from operations.letter_acts import ActReport
from store.errors import LamplightError

REQUEST, PROBLEM, DONE = "act_request", "act_problem", "act_done"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be done to which letters of a queue, or to the queue itself. `selected` is how many were ticked."""

    act_id: str
    kind: str
    queue: str
    message_ids: tuple[str, ...] = ()
    selected: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in a sentence; `stayed` says for how many letters it was not, and why."""

    request: Request
    words: str
    reason: str
    message_ids: tuple[str, ...] = ()
    stayed: tuple[tuple[str, int], ...] = ()


def open_with(kind: str, queue: str, message_ids: Sequence[str] = (), selected: int = 0) -> None:
    """Freeze what was chosen, as a button's click does. The page draws the dialog as long as this stands: a timed part
    of the page that is drawn in the same moment does not close it."""
    request = Request(str(uuid.uuid4()), kind, queue, tuple(message_ids), selected or len(message_ids))
    st.session_state[REQUEST] = request
    for name in (PROBLEM, DONE):
        st.session_state.pop(name, None)


def standing() -> Request | None:
    """What a dialog is to be drawn for."""
    request = st.session_state.get(REQUEST)
    return request if isinstance(request, Request) else None


def asked() -> Request:
    """What the dialog is about. Once it is done the page is drawn anew, without the dialog."""
    request = standing()
    if request is None:
        st.rerun()
    return request


def dismissed() -> None:
    """The dialog was closed, or the page left, and nothing is to be done."""
    st.session_state.pop(REQUEST, None)


def carry_out(request: Request, act: Callable[[], Done]) -> None:
    """Runs once a click; the second half of a double click finds it done. What is refused is said in the dialog."""
    if st.session_state.get(REQUEST) != request:
        return
    try:
        done = act()
    except LamplightError as error:
        st.session_state[PROBLEM] = (str(error), error.advice)
        return
    st.session_state.pop(REQUEST)
    st.session_state[DONE] = done
    snapshots.forget()
    reads_recover.recent_commands.clear()


def done_of(request: Request, report: ActReport, words: str, reason: str) -> Done:
    return Done(request, words, reason, report.done, tuple(report.refused.most_common()))


def problem() -> None:
    """Why the last try of this dialog came to nothing."""
    told = st.session_state.pop(PROBLEM, None)
    if told:
        show(LamplightError(*told))
