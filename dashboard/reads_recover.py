"""Every question the Recover pages ask. Answers stand for two seconds: operators act on what they see.

Nothing here depends on a role, and nothing here receives a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from dashboard import reads
from dashboard.queues import Standing
from dashboard.reads import KEYED
from operations import edit_preview, idempotency
from operations.edit_preview import EditChange, EditPreview
from operations.idempotency import Found
from operations.idempotency_record import IdempotencyRecord
from operations.letter_acts import STANDING
from operations.plan import waiting_in_jobs
from store import commands, dead_letters, deadlines, edits, jobs, looks
from store.clients import Connection
from store.clock import DAY_MS
from store.commands import Command
from store.deadlines import Expiring
from store.recovery import DeadLetter, Edit, Job, JobResult
from store.waiting import waiting as waiting_letters

FRESH_S = 2
"""Several people on one page share a read; a redrive's progress still moves while it is looked at."""
MOST_LETTERS = 500
"""Letters listed at once. The rest is counted, said, and reached when these are dealt with."""
MOST_LIVES = 10
"""Lives of one message told either way; three returns put it under quarantine."""
DEADLINES_MS = 14 * DAY_MS
"""As long as SQS keeps anything: every deadline there is."""
LETTER_KEYED = {**KEYED, DeadLetter: lambda letter: (letter.key, letter.version)}


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
def standings(connection: Connection) -> list[Standing]:
    """Every dead-letter queue of the place with what is known of it."""
    table, place = connection.table, connection.place
    last = {look.queue: look for look in looks.of_place(table, place)}
    due = {one.queue: one for one in expiring(connection)}
    every = reads.every_queue(connection)
    found = []
    for queue, count in reads.dead_letter_queues(connection):
        oldest = next(waiting_letters(table, place, queue.name, 1), None)
        sources = tuple(one for one in every if one.dead_letter_arn == queue.arn)
        oldest_at = (oldest.sent_at or oldest.captured_at) if oldest else None
        found.append(Standing(queue, count, oldest_at, last.get(queue.name), due.get(queue.name), sources))
    return found


@st.cache_data(ttl=reads.INVENTORY_S, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def expiring(connection: Connection) -> list[Expiring]:
    """Queues that forget something in time. A minute old: it goes through the letters of every watched queue."""
    return deadlines.expiring(connection.table, connection.place, connection.clock(), DEADLINES_MS)


@st.cache_data(ttl=1, max_entries=20, hash_funcs=KEYED, show_spinner=False)
def recent_commands(connection: Connection) -> list[Command]:
    """What was asked of the worker other than redrives, the newest first."""
    return commands.recent(connection.table, connection.place)


@st.cache_data(ttl=FRESH_S, max_entries=100, hash_funcs=LETTER_KEYED, show_spinner=False)
def lives(connection: Connection, letter: DeadLetter) -> list[DeadLetter]:
    """Every life of this message that is known, oldest first, this one among them; without the bodies of others."""
    found = [letter]
    while found[0].previous and len(found) < MOST_LIVES and (earlier := _life(connection, found[0].previous)):
        found.insert(0, earlier)
    known = len(found)
    while found[-1].next and len(found) < known + MOST_LIVES and (later := _life(connection, found[-1].next)):
        found.append(later)
    return found


def _life(connection: Connection, key: str) -> DeadLetter | None:
    queue, _, message_id = key.rpartition("/")
    letter = dead_letters.find_many(connection.table, connection.place, queue, [message_id]).whole.get(message_id)
    return replace(letter, body="") if letter else None


@st.cache_data(ttl=FRESH_S, max_entries=100, hash_funcs=LETTER_KEYED, show_spinner=False)
def edits_of(connection: Connection, letter: DeadLetter) -> list[Edit]:
    """Every edit kept of a letter, the newest first."""
    return sorted(edits.of_letter(connection.table, letter), key=lambda edit: edit.at, reverse=True)


@st.cache_data(ttl=30, max_entries=10, hash_funcs=KEYED, show_spinner=False)
def previewed(connection: Connection, queue: str, message_ids: Sequence[str], patch: str | None,
              text: str | None) -> EditPreview:
    """What an edit would do. It may be seconds old: the edit itself is refused when it would do anything else."""
    return edit_preview.preview(connection.table, connection.place, queue, message_ids, EditChange(patch, text))


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
    for read in (waiting, every_life, waiting_count, recent_jobs, standings, expiring, lives):
        read.clear()


def forget_records() -> None:
    for read in (records, held_records, record):
        read.clear()
