"""Every question the Recover pages ask. Answers stand for two seconds: operators act on what they see.

Nothing here depends on a role, and nothing here receives a message."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import streamlit as st

from dashboard.reads import KEYED
from operations import idempotency
from operations.idempotency import Found
from operations.idempotency_record import IdempotencyRecord
from operations.letter_acts import STANDING
from operations.plan import waiting_in_jobs
from store import dead_letters, jobs
from store.clients import Connection
from store.recovery import DeadLetter, Job, JobResult

FRESH_S = 2
"""Several people on one page share a read; a redrive's progress still moves while it is looked at."""
MOST_LETTERS = 500
"""Letters listed at once. The rest is counted, said, and reached when these are dealt with."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Letters an operator can act on, and how many more a redrive holds already."""

    letters: tuple[DeadLetter, ...]
    in_redrive: int


@st.cache_data(ttl=FRESH_S, max_entries=100, hash_funcs=KEYED, show_spinner=False)
def waiting(connection: Connection, queue: str) -> Listed:
    """Letters of a queue that wait for an operator, newest first, without those that a redrive is about to send."""
    found = dead_letters.dead_in_queue(connection.table, connection.place, queue, MOST_LETTERS)
    held = waiting_in_jobs(connection.table, connection.place, queue)
    free = tuple(letter for letter in found if letter.state in STANDING and letter.message_id not in held)
    return Listed(free, len(found) - len(free))


@st.cache_data(ttl=FRESH_S, max_entries=100, hash_funcs=KEYED, show_spinner=False)
def every_life(connection: Connection, queue: str) -> list[DeadLetter]:
    """Letters of a queue in any state, newest first."""
    return dead_letters.of_queue(connection.table, connection.place, queue, MOST_LETTERS)[:MOST_LETTERS]


@st.cache_data(ttl=FRESH_S, max_entries=100, hash_funcs=KEYED, show_spinner=False)
def waiting_count(connection: Connection, queue: str) -> int:
    return dead_letters.count_dead(connection.table, connection.place, queue)


@st.cache_data(ttl=FRESH_S, max_entries=100, hash_funcs=KEYED, show_spinner=False)
def recent_jobs(connection: Connection) -> list[Job]:
    return jobs.recent(connection.table, connection.place)


@st.cache_data(ttl=1, max_entries=200, hash_funcs=KEYED, show_spinner=False)
def job(connection: Connection, job_id: str) -> tuple[Job, list[JobResult]] | None:
    """One redrive with its counts taken from its results, and the results, the newest first."""
    found = jobs.get(connection.table, job_id)
    if found is None or found.place != connection.place:
        return None
    results = jobs.results(connection.table, job_id)
    found = replace(found, counts=dict(Counter(str(result.outcome) for result in results)))
    return found, sorted(results, key=lambda result: result.at, reverse=True)


@st.cache_data(ttl=FRESH_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def records(connection: Connection, table: str) -> Found:
    """The records of an idempotency table that expire last."""
    return idempotency.recent(connection.clients.dynamodb, table)


@st.cache_data(ttl=FRESH_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def held_records(connection: Connection, table: str) -> Found:
    """Records in progress: stuck ones first."""
    return idempotency.stuck(connection.clients.dynamodb, table, connection.clock())


@st.cache_data(ttl=FRESH_S, max_entries=100, hash_funcs=KEYED, show_spinner=False)
def record(connection: Connection, table: str, key: str) -> IdempotencyRecord | None:
    return idempotency.look(connection.clients.dynamodb, table, key)


def forget_letters() -> None:
    for read in (waiting, every_life, waiting_count, recent_jobs):
        read.clear()


def forget_records() -> None:
    for read in (records, held_records, record):
        read.clear()
