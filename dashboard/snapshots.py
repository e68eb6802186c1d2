"""A list as it was read: rows never move under a selection, and what was seen is what is acted on."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard import reads_recover
from operations.idempotency import Found
from store.clients import Connection
from store.recovery import DeadLetter, LetterState

HELD = "letters_snapshot"
HELD_RECORDS = "records_snapshot"
WAITING, QUARANTINED, DISCARDED, ALL = "Waiting", "Quarantined", "Discarded", "All"
STATES = {QUARANTINED: LetterState.QUARANTINED, DISCARDED: LetterState.DISCARDED}
"""Views that show the letters of one state."""
RECENT, IN_PROGRESS = "Recent", "In progress"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Letters of one queue at `read_at` (epoch ms). `counted` is how many waited then, listed or not, `in_redrive`
    how many of those were left out because a redrive holds them. In other views than the waiting ones, `counted` is
    how many were looked through."""

    of: tuple[str, str, str]
    letters: tuple[DeadLetter, ...]
    counted: int
    in_redrive: int
    read_at: int

    @property
    def shows(self) -> str:
        return self.of[2]


def snapshot(connection: Connection, queue: str, shows: str, anew: bool) -> Snapshot:
    """The list held for this queue and view; read when there is none, or `anew`."""
    of = (f"{connection.table.name} {connection.place}", queue, shows)
    held = st.session_state.get(HELD)
    if anew or not isinstance(held, Snapshot) or held.of != of:
        held = _read(connection, of)
        st.session_state[HELD] = held
    return held


def forget() -> None:
    """The next look reads anew, for everybody: something was just done to these letters, or a reader asked."""
    st.session_state.pop(HELD, None)
    reads_recover.forget_letters()


def records(connection: Connection, table: str, shows: str, anew: bool) -> tuple[Found, int]:
    """Records of an idempotency table as held, and when they were read (epoch ms)."""
    of, held = (table, shows), st.session_state.get(HELD_RECORDS)
    if anew or held is None or held[0] != of:
        read = reads_recover.held_records if shows == IN_PROGRESS else reads_recover.records
        held = (of, read(connection, table), connection.clock())
        st.session_state[HELD_RECORDS] = held
    return held[1], held[2]


def forget_records() -> None:
    """The next look reads anew, for everybody: a record was released, or a reader asked."""
    st.session_state.pop(HELD_RECORDS, None)
    reads_recover.forget_records()


def _read(connection: Connection, of: tuple[str, str, str]) -> Snapshot:
    _, queue, shows = of
    if shows != WAITING:
        open_ones = shows == QUARANTINED
        looked = reads_recover.waiting(connection, queue).letters if open_ones else reads_recover.every_life(
            connection, queue)
        of_state = tuple(letter for letter in looked if shows == ALL or letter.state is STATES[shows])
        return Snapshot(of, of_state, len(looked), 0, connection.clock())
    counted = reads_recover.waiting_count(connection, queue)
    listed = reads_recover.waiting(connection, queue)
    return Snapshot(of, listed.letters, counted, listed.in_redrive, connection.clock())
