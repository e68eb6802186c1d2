"""Dead-letter queues as operators see them: who keeps their messages, how many wait, until when, and the way back.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from dashboard import phrasing
from operations import move_task
from operations.rescue import MAX_RETENTION_DAYS
from operations.verdicts import name_of
from store.clock import DAY_MS, SECOND_MS
from store.commands import Command, Kind
from store.deadlines import Expiring
from store.looks import Look
from store.queues import oldest_expires_at
from store.recovery import Custody, Queue


@dataclass(frozen=True, slots=True)
class Standing:
    """One dead-letter queue and all that is known of it. `waiting` is counted when captured, SQS's own approximate
    number when watched; `oldest_at` is when the oldest letter known was first sent (epoch ms)."""

    queue: Queue
    waiting: int | None
    oldest_at: int | None = None
    look: Look | None = None
    expiring: Expiring | None = None
    sources: tuple[Queue, ...] = ()
    """Queues whose redrive policy sends here."""

    @property
    def captured(self) -> bool:
        return self.queue.custody is Custody.CAPTURED

    @property
    def refused(self) -> str:
        """Why nobody may look into it, or nothing."""
        if self.captured:
            return ""
        if self.queue.dead_letter_arn:
            return (f"It has a redrive policy of its own, to {name_of(self.queue.dead_letter_arn)}: every receive "
                    "counts, and SQS could move a message on because somebody looked.")
        return self.look.refused or "" if self.look else ""

    @property
    def expires_at(self) -> int | None:
        """When the first message is forgotten that nothing keeps otherwise (epoch ms)."""
        if self.captured:
            return None
        return self.expiring.first_at if self.expiring else oldest_expires_at(self.queue)


def custody(one: Standing) -> str:
    """In a word or two, for a column."""
    if one.captured:
        return "captured"
    return "refused" if one.refused else "watched" if one.look else "watched, unseen"


def explained(one: Standing) -> str:
    """What the custody means for the messages."""
    if one.captured:
        return ("Captured: each message is taken into the table within seconds, whole. It does not expire, can be "
                "searched, and is redriven from here.")
    if one.refused:
        return f"Watched, and not looked into. {one.refused}"
    if one.look:
        return ("Watched: messages stay in the queue until they expire. Each look writes down what it sees; a redrive "
                "receives them again.")
    return "Watched: messages stay in the queue until they expire. Nobody has looked into it; its numbers are SQS's."


def waiting(one: Standing) -> str:
    return f"~{phrasing.count(one.waiting)}" if one.waiting and not one.captured else phrasing.count(one.waiting)


def oldest_age(one: Standing, now: int) -> int | None:
    """How old its oldest message is, ms; of a watched queue by SQS's word, else by the letters known."""
    if not one.captured and one.queue.oldest_age_s is not None and one.queue.visible:
        return one.queue.oldest_age_s * SECOND_MS + max(0, now - one.queue.seen_at)
    return None if one.oldest_at is None else now - one.oldest_at


def expiry(one: Standing, now: int) -> str:
    """`in 5 h`, that messages are kept, or that nothing is known to expire."""
    if one.captured:
        return "kept here"
    if one.expires_at is None:
        return phrasing.NONE
    return phrasing.ago(one.expires_at, now) if one.expires_at > now else "now"


def last_look(one: Standing, now: int) -> str:
    if one.captured:
        return "not needed"
    if one.look is None or (one.look.refused and not one.look.seen):
        return "never" if one.look is None else "refused"
    return phrasing.ago(one.look.at, now) + ("" if one.look.complete else ", not all seen")


def ways_back(one: Standing) -> str:
    """The allow-list: where messages of this queue may go back to."""
    return ", ".join(name_of(arn) for arn in one.queue.sources) or phrasing.NONE


def policies(one: Standing) -> list[str]:
    """How messages get here, and how they would leave."""
    told = [f"{source.name} sends a message here after {phrasing.plural(source.max_receive_count, 'receive')}"
            for source in one.sources if source.max_receive_count]
    if one.queue.dead_letter_arn:
        count = phrasing.plural(one.queue.max_receive_count or 0, "receive") if one.queue.max_receive_count else "some"
        told.append(f"it sends messages on to {name_of(one.queue.dead_letter_arn)} after {count}")
    if one.queue.retention_s:
        told.append(f"it keeps a message for {phrasing.duration(one.queue.retention_s * SECOND_MS)}")
    return told


def worst_first(found: Sequence[Standing]) -> list[Standing]:
    """What expires soonest, then what has most waiting."""
    return sorted(found, key=lambda one: (one.expires_at is None, one.expires_at or 0, -(one.waiting or 0),
                                          one.queue.name))


def frame(found: Sequence[Standing], now: int) -> pd.DataFrame:
    """One row a queue, in the order given."""
    return pd.DataFrame({
        "queue": [one.queue.name for one in found],
        "custody": [custody(one) for one in found],
        "waiting": [waiting(one) for one in found],
        "oldest": [phrasing.age(age) if (age := oldest_age(one, now)) is not None else phrasing.NONE
                   for one in found],
        "expires": [expiry(one, now) for one in found],
        "look": [last_look(one, now) for one in found],
        "fifo": ["FIFO" if one.queue.fifo else "standard" for one in found],
        "back": [phrasing.line(ways_back(one)) for one in found],
    })


class Errand(StrEnum):
    """What can be asked of the worker about a queue, as its button is named."""

    LOOK = "Look now"
    CAPTURE = "Capture"
    WATCH = "Watch"
    ARCHIVE = "Keep all here"
    EXTEND = "Extend retention"
    MOVE = "AWS's own redrive"
    STOP_MOVE = "Stop AWS's redrive"


KINDS = {Errand.LOOK: Kind.LOOK, Errand.CAPTURE: Kind.SWITCH, Errand.WATCH: Kind.SWITCH, Errand.ARCHIVE: Kind.ARCHIVE,
         Errand.EXTEND: Kind.EXTEND, Errand.MOVE: Kind.MOVE, Errand.STOP_MOVE: Kind.STOP_MOVE}


def offered(one: Standing, commands: Sequence[Command]) -> dict[Errand, str]:
    """What makes sense to ask for this queue, each with why it cannot be asked for now, or nothing. The worker decides
    again, and knows more."""
    mine = [command for command in commands if command.subject == one.queue.name and command.state.open]
    if one.captured:
        return {Errand.WATCH: _under_way(Errand.WATCH, mine)}
    days = (one.queue.retention_s or 0) * SECOND_MS / DAY_MS
    reasons = {
        Errand.LOOK: one.refused if one.queue.dead_letter_arn else "",
        Errand.CAPTURE: "",
        Errand.ARCHIVE: "" if one.oldest_at is not None else "No message of it is known yet: look into it first.",
        Errand.EXTEND: "" if days < MAX_RETENTION_DAYS else
                       f"It keeps messages for {MAX_RETENTION_DAYS} days already, the most SQS offers.",
    }
    moving = any(command.kind is Kind.MOVE for command in mine)
    move = Errand.STOP_MOVE if moving else Errand.MOVE
    reasons[move] = "" if moving else move_task.why_not(one.queue) or ""
    return {errand: why or _under_way(errand, mine) for errand, why in reasons.items()}


def _under_way(errand: Errand, mine: Sequence[Command]) -> str:
    """That the same was asked for and is not over yet."""
    return "It was asked for and is not over yet." if any(one.kind is KINDS[errand] for one in mine) else ""
