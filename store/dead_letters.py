"""Dead letters and their journal. Every change is conditional on the version that was read, so two workers,
two operators or a stalled one never write over each other.

    seen ── claim (job, attempt) ──► claimed ── sent (new message id) ──► sent ── settle ──► outcome
             loses: another job holds it        lost: resume finds `claimed` and treats it as ambiguous
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from store import bodies, keys
from store.errors import ConditionLost, StoreError
from store.items import Item, from_item, to_item
from store.records import Place
from store.recovery import DeadLetter, LetterState
from store.table import ABSENT, Condition, Table


def capture(table: Table, letter: DeadLetter) -> bool:
    """Take a letter into custody, body first. True when it is new; a repeated capture changes nothing."""
    inline, parts = bodies.pack(letter.body)
    for number, part in enumerate(parts):
        table.put(keys.dead_letter_part(letter.place, letter.queue, letter.message_id, number),
                  {"v": 1, "part": part})
    try:
        table.put(_key(letter), {**_item(replace(letter, parts=len(parts))), "packed": inline}, ABSENT)
    except ConditionLost:
        return False
    return True


def get(table: Table, place: Place, queue: str, message_id: str) -> DeadLetter | None:
    """One letter with its whole body."""
    item = table.get(keys.dead_letter(place, queue, message_id))
    return _letter(table, item) if item else None


def get_many(table: Table, place: Place, queue: str, message_ids: Iterable[str]) -> dict[str, DeadLetter]:
    """Letters by message id, bodies included; unknown ids are left out."""
    wanted = [keys.dead_letter(place, queue, message_id) for message_id in message_ids]
    letters = (_letter(table, item) for item in table.get_many(wanted))
    return {letter.message_id: letter for letter in letters}


def of_queue(table: Table, place: Place, queue: str, limit: int | None = None) -> list[DeadLetter]:
    """Every life known of a queue, settled ones included, newest first; at most `limit` from each shard."""
    found = [
        _letter(table, item)
        for shard in range(keys.LETTER_SHARDS)
        for item in table.query(f"Q#{place}#{queue}#{shard}", "M#", limit=limit)
    ]
    return sorted(found, key=lambda letter: letter.captured_at, reverse=True)


def dead_in_queue(table: Table, place: Place, queue: str, limit: int = 500) -> list[DeadLetter]:
    """Letters still waiting for an operator (or held by a job), newest first."""
    items = table.query_open(keys.dead_in_queue(place, queue), newest_first=True, limit=limit)
    return [_letter(table, item) for item in items]


def count_dead(table: Table, place: Place, queue: str) -> int:
    return table.count_open(keys.dead_in_queue(place, queue))


def awaiting(table: Table, place: Place, limit: int = 1_000) -> Iterator[DeadLetter]:
    """Letters sent back whose outcome is not known yet, oldest first."""
    for item in table.query_open(keys.awaiting_outcome(place), limit=limit):
        yield _letter(table, item)


def save(table: Table, before: DeadLetter, after: DeadLetter) -> DeadLetter:
    """Write the journal part of `after`, if the letter still stands as in `before`.

    Raises ConditionLost carrying the standing item; `standing` reads it. The body never changes."""
    written = replace(after, version=before.version + 1)
    changes: Item = dict(_item(written))
    cleared = {name: None for name in _item(before) if name not in changes}
    condition = Condition("#version = :seen", {"seen": before.version}, ("version",))
    table.update(_key(before), {**changes, **cleared}, condition)
    return written


def standing(table: Table, lost: ConditionLost) -> DeadLetter | None:
    """The letter that won, out of a ConditionLost."""
    return _letter(table, lost.existing) if lost.existing else None


def _key(letter: DeadLetter) -> keys.Key:
    return keys.dead_letter(letter.place, letter.queue, letter.message_id)


def _item(letter: DeadLetter) -> Item:
    item = to_item(replace(letter, body=""))
    del item["body"]
    if letter.state is LetterState.SENT:
        item |= {"open": keys.awaiting_outcome(letter.place), "open_at": letter.redriven_at}
    elif letter.state.open:
        item |= {"open": keys.dead_in_queue(letter.place, letter.queue),
                 "open_at": letter.sent_at or letter.captured_at}
    return item


def _letter(table: Table, item: Item) -> DeadLetter:
    place = Place(item["place"]["account"], item["place"]["region"])
    parts = [
        keys.dead_letter_part(place, item["queue"], item["message_id"], number)
        for number in range(item.get("parts", 0))
    ]
    stored = [table.get(part) for part in parts]
    if any(part is None for part in stored):
        raise StoreError(f"Dead letter {item['queue']}/{item['message_id']} has lost a part of its body.",
                         "Restore the table to a point in time before the part was removed.")
    body = bodies.unpack(item["packed"], [part["part"] for part in stored if part])
    return from_item(DeadLetter, {**item, "body": body})
