"""The list of letters as it was read: rows never move under a selection, and what was seen is what is acted on."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard import reads_recover
from store.clients import Connection
from store.recovery import DeadLetter

HELD = "letters_snapshot"
WAITING, ALL = "waiting", "all"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Letters of one queue at `read_at` (epoch ms). `counted` is how many waited then, listed or not, `in_redrive`
    how many of those were left out because a redrive holds them."""

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
    of = (connection.table.name, queue, shows)
    held = st.session_state.get(HELD)
    if anew or not isinstance(held, Snapshot) or held.of != of:
        held = _read(connection, of)
        st.session_state[HELD] = held
    return held


def forget() -> None:
    """The next look reads anew, for everybody: something was just done to these letters, or a reader asked."""
    st.session_state.pop(HELD, None)
    reads_recover.forget_letters()


def _read(connection: Connection, of: tuple[str, str, str]) -> Snapshot:
    _, queue, shows = of
    if shows == ALL:
        return Snapshot(of, tuple(reads_recover.every_life(connection, queue)), 0, 0, connection.clock())
    counted = reads_recover.waiting_count(connection, queue)
    listed = reads_recover.waiting(connection, queue)
    return Snapshot(of, listed.letters, counted, listed.in_redrive, connection.clock())
