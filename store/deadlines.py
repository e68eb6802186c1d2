"""What is about to expire: watched letters by their deadline, and queues nobody has looked into by their oldest."""

from __future__ import annotations

from dataclasses import dataclass

from store import looks, queues
from store.clock import SECOND_MS
from store.looks import Look
from store.records import Place
from store.recovery import Custody, Queue
from store.table import Table
from store.waiting import waiting

LISTED = 1_000
"""Letters of one queue that are looked through, oldest first; more are said to be at least so many."""


@dataclass(frozen=True, slots=True)
class Expiring:
    """Letters of one queue that it forgets within the time asked for, and that nothing keeps otherwise.

    `message_ids` are the letters known, soonest first; without any, `first_at` comes from the age of the queue's oldest
    message: CloudWatch counts it from the arrival, so a standard queue may forget it earlier than that."""

    queue: str
    first_at: int
    message_ids: tuple[str, ...] = ()
    more: bool = False
    """There may be others: not every letter was looked through, or not every message was seen."""

    @property
    def count(self) -> int:
        return len(self.message_ids)


def expiring(table: Table, place: Place, now: int, within_ms: int) -> list[Expiring]:
    """Every watched queue that is about to forget something nobody archived, soonest first."""
    last = {one.queue: one for one in looks.of_place(table, place)}
    found = []
    for queue in queues.of_place(table, place):
        if not queue.is_dead_letter_queue or queue.custody is not Custody.WATCHED:
            continue
        look = last.get(queue.name)
        until = now + within_ms
        one = _known(table, queue, until, look is None or not look.complete) or _unseen(queue, until, look)
        found += [one] if one else []
    return sorted(found, key=lambda one: one.first_at)


def _known(table: Table, queue: Queue, until: int, partly: bool) -> Expiring | None:
    # The first sent are the first to go.
    letters = list(waiting(table, queue.place, queue.name, LISTED))
    due = sorted((letter.expires_at, letter.message_id) for letter in letters
                 if letter.custody is Custody.WATCHED and letter.archived_at is None
                 and letter.expires_at is not None and letter.expires_at <= until)
    if not due:
        return None
    return Expiring(queue.name, due[0][0], tuple(message_id for _, message_id in due), partly or len(letters) == LISTED)


def _unseen(queue: Queue, until: int, look: Look | None) -> Expiring | None:
    """A queue with messages none of which is known to expire soon, as long as not all of them are known."""
    if (look is not None and look.complete) or not queue.visible:
        return None
    if queue.oldest_age_s is None or queue.retention_s is None:
        return None
    first_at = queue.seen_at + (queue.retention_s - queue.oldest_age_s) * SECOND_MS
    return Expiring(queue.name, first_at, more=True) if first_at <= until else None
