"""Which earlier life a captured message follows, if any.

    marker attribute       queue and id of the letter it was sent back from; survives any number of queues
    the id it was sent     the message id a queue keeps when it gives up, or the request id of the invocation that
    under                  failed: for what carries no marker, which is invocations and messages with ten attributes
    the same body          only for a letter whose send had no answer, so that no id can name it; the evidence says so
A message that none of them names begins a lineage of its own: unknown stays unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from store import dead_letters, jobs
from store.clock import DAY_MS
from store.records import Place
from store.recovery import DeadLetter, Job, LetterState, Shape, Way
from store.table import Table

MARKER = "lamplight-redrive"
"""The attribute a redriven message carries: `queue/message id` of the life it was sent back from."""
MARKER_CHARS = 200
"""A queue's name has at most 80 characters and a message id at most 100: anything longer was written by nobody
of ours, and is no key of the table."""
FULL = 10
"""SQS takes ten attributes: a message that had all of them carries no marker."""
MAX_AWAITED = 500
"""Letters on their way searched for an earlier life that nothing else names."""
RETURNS = 3
"""Times a lineage may come back before it is put under quarantine."""
WITHIN_MS = DAY_MS
"""How long after a send without an answer its body is still looked for. Lambda tries an event for 6 hours."""
SENT_STATES = (LetterState.CLAIMED, LetterState.SENT, LetterState.SUCCEEDED, LetterState.PRESUMED,
               LetterState.RETURNED)
ASYNCHRONOUS = (Shape.LAMBDA_ASYNC, Shape.LAMBDA_DESTINATION)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The life before, and how it is known when that is less than certain."""

    letter: DeadLetter
    known_by: str = ""


@dataclass
class Lineages:
    """Looks for earlier lives on behalf of one batch: what it needs of the table is read once, and only if needed."""

    table: Table
    place: Place
    now: int
    _sent: dict[str, DeadLetter] | None = None
    _unanswered: dict[str, list[DeadLetter]] = field(default_factory=dict)

    def earlier(self, letter: DeadLetter) -> Earlier | None:
        """The life `letter` follows. Raises StoreError."""
        marker = letter.attributes.get(MARKER)
        if marker is not None:
            named = self._named(marker.string or "", letter)
            return Earlier(named) if named else None
        if letter.shape not in ASYNCHRONOUS and len(letter.attributes) < FULL:
            return None
        known = self._by_id(letter)
        return Earlier(known) if known else self._by_body(letter)

    def _named(self, key: str, letter: DeadLetter) -> DeadLetter | None:
        queue, _, message_id = key.partition(";")[0].rpartition("/")  # behind the semicolon: which edit was sent
        if not queue or not message_id or len(key) > MARKER_CHARS:
            return None
        named = dead_letters.get(self.table, self.place, queue, message_id)
        return named if named is not None and named.key != letter.key and _was_sent(named) else None

    def _by_id(self, letter: DeadLetter) -> DeadLetter | None:
        for name in filter(None, (letter.message_id, letter.request_id)):
            found = dead_letters.sent_as(self.table, self.place, name) or self._awaited.get(name)
            if found is not None and found.key != letter.key and found.sent_message_id == name:
                return found
        return None

    @property
    def _awaited(self) -> dict[str, DeadLetter]:
        if self._sent is None:
            awaited = dead_letters.awaiting(self.table, self.place, MAX_AWAITED)
            self._sent = {letter.sent_message_id: letter for letter in awaited if letter.sent_message_id}
        return self._sent

    def _by_body(self, letter: DeadLetter) -> Earlier | None:
        if letter.queue not in self._unanswered:
            self._unanswered[letter.queue] = list(self._without_answer(letter.queue))
        waiting = self._unanswered[letter.queue]
        for candidate in waiting:
            if candidate.key != letter.key and _same(candidate, letter):
                waiting.remove(candidate)
                return Earlier(candidate, ", known by its body, as that send had no answer")
        return None

    def _without_answer(self, queue: str) -> Iterator[DeadLetter]:
        """Letters of this queue that were sent lately without an answer or a marker, the first sent first."""
        ids = [result.letter.removeprefix(f"{queue}/") for job in self._recent(queue)
               for result in jobs.results(self.table, job.id)
               if result.ambiguous and result.at > self.now - WITHIN_MS]
        found = dead_letters.get_many(self.table, self.place, queue, ids).values()
        for letter in sorted(found, key=lambda one: one.claimed_at or 0):
            if letter.ambiguous and letter.next is None and not dead_letters.carries_marker(letter):
                yield letter

    def _recent(self, queue: str) -> list[Job]:
        return [job for job in jobs.recent(self.table, self.place) if job.queue == queue
                and (job.state.open or (job.finished_at or 0) > self.now - WITHIN_MS)]


def later_life(letter: DeadLetter, earlier: DeadLetter) -> DeadLetter:
    """The letter as the life that follows `earlier`; under quarantine when its lineage came back too often."""
    lineage = earlier.lineage or earlier.message_id
    later = replace(letter, lineage=lineage, life=earlier.life + 1, previous=earlier.key)
    if earlier.life < RETURNS:
        return later
    return replace(later, state=LetterState.QUARANTINED,
                   problem=f"It came back {earlier.life} times; sending it again is of no use until something changes.")


def _was_sent(letter: DeadLetter) -> bool:
    """Anybody may write a marker; only a letter that somebody tried to send back can come back."""
    return letter.attempts > 0 or letter.state in SENT_STATES


def _same(earlier: DeadLetter, letter: DeadLetter) -> bool:
    """Whether `letter` holds what was sent for `earlier`: the same text, or the same event in Lambda's record."""
    sent = earlier.edit.text if earlier.edit else earlier.body
    if letter.shape is not Shape.LAMBDA_DESTINATION:
        return sent == letter.body and earlier.shape is not Shape.LAMBDA_DESTINATION
    event = _event(letter.body, "requestPayload")
    inside = earlier.shape is Shape.LAMBDA_DESTINATION and earlier.destination.way is Way.INVOKE and not earlier.edit
    return event is not None and event == _event(sent, "requestPayload" if inside else None)


def _event(text: str, member: str | None) -> Any:
    try:
        document = json.loads(text)
        return document[member] if member else document
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
