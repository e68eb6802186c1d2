"""Dead letters and their journal. Every change is conditional on the version that was read, so two workers,
two operators or a stalled one never write over each other.

    seen ── claim (job, attempt) ──► claimed ── sent (new message id) ──► sent ── settle ──► outcome
             loses: another job holds it        lost: resume finds `claimed` and treats it as ambiguous
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from store import bodies, edits, keys, letter_items
from store.errors import BodyLost, ConditionLost
from store.items import Item, from_item
from store.letter_items import Stored
from store.records import Place
from store.recovery import DeadLetter, Way
from store.table import ABSENT, Condition, Table, Write

MARKER_ROOM = 1_000_000
"""Bytes of body beyond which an attribute more may not fit under SQS's 1,048,576."""
MARKED_ATTRIBUTES = 9
"""SQS takes ten: a message with more of its own has no room for the one that names the letter."""
REMEMBERED_S = 30 * 86_400
"""Twice as long as SQS can keep a message before it comes back."""


def capture(table: Table, letter: DeadLetter) -> bool:
    """Take a letter into custody, body first. True when it is new; a repeated capture changes nothing."""
    if letter.edit:
        edits.put(table, letter, letter.edit)
    inline, parts = bodies.pack(letter.body)
    said = bodies.pack_attributes(letter.attributes)
    for number, part in enumerate((*parts, *said)):
        table.put(keys.dead_letter_part(letter.place, letter.queue, letter.message_id, number),
                  {"v": 1, "part": part})
    try:
        written = replace(letter, parts=len(parts), attribute_parts=len(said))
        row = {**letter_items.journal(written), **letter_items.facts(written), "packed": inline}
        table.put(_key(letter), row, ABSENT)
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


class Found(NamedTuple):
    """Letters by message id: whole ones, those that lost a part, and how the rows of whole ones stand."""

    whole: dict[str, DeadLetter]
    broken: dict[str, BodyLost]
    stored: dict[str, Stored | None]


def find_many(table: Table, place: Place, queue: str, message_ids: Iterable[str]) -> Found:
    """As `get_many`, with those that are not whole any more beside, so that one of them stops no others."""
    found = Found({}, {}, {})
    for item in table.get_many(keys.dead_letter(place, queue, message_id) for message_id in message_ids):
        try:
            letter = _letter(table, item)
        except BodyLost as lost:
            found.broken[lost.letter.message_id] = lost
        else:
            found.whole[letter.message_id] = letter
            found.stored[letter.message_id] = letter_items.stored(item)
    return found


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


def dead_ids(table: Table, place: Place, queue: str, limit: int) -> Iterator[str]:
    """Message ids of the same, however many, without holding a body."""
    for item in table.query_open(keys.dead_in_queue(place, queue), newest_first=True, limit=limit):
        yield item["sk"].removeprefix("M#")


def count_dead(table: Table, place: Place, queue: str) -> int:
    return table.count_open(keys.dead_in_queue(place, queue))


def awaiting(table: Table, place: Place, limit: int = 1_000) -> Iterator[DeadLetter]:
    """Letters sent back whose outcome is not known yet, oldest first."""
    for item in table.query_open(keys.awaiting_outcome(place), limit=limit):
        yield _letter(table, item)


def save(table: Table, before: DeadLetter, after: DeadLetter) -> DeadLetter:
    """Write the journal part of `after`, if the letter still stands as in `before`.

    A new edit is kept first, and a message sent without a marker remembered by the id it was sent under.
    Raises ConditionLost carrying the standing item; `standing` reads it. The body never changes."""
    written = replace(after, version=before.version + 1)
    if after.edit and after.edit != before.edit:
        edits.put(table, after, after.edit)
    if after.sent_message_id and after.sent_message_id != before.sent_message_id and not carries_marker(after):
        _remember(table, after, after.sent_message_id)
    write = _write(before, written)
    table.update(write.key, write.changes, write.condition)
    return written


def writes(before: DeadLetter, after: DeadLetter, now: int,
           stored: Stored | None = None) -> tuple[DeadLetter, list[Write]]:
    """What `save` would write, to be written together with others; for a letter whose edit does not change.
    `stored`, as `find_many` told it, lets a small row be put whole."""
    written = replace(after, version=before.version + 1)
    found = []
    if after.sent_message_id and after.sent_message_id != before.sent_message_id and not carries_marker(after):
        found.append(Write(keys.sent_as(after.place, after.sent_message_id), _memory(after, now), whole=True))
    return written, [*found, _write(before, written, stored)]


def _write(before: DeadLetter, written: DeadLetter, stored: Stored | None = None) -> Write:
    condition = Condition("#version = :seen", {"seen": before.version}, ("version",))
    item = letter_items.journal(written)
    unchanged = letter_items.same_facts(before, written)
    if stored and unchanged:
        return Write(_key(before), {**item, **stored._asdict()}, condition, whole=True)
    standing_item = letter_items.journal(before)
    changes = {name: value for name, value in item.items() if standing_item.get(name) != value}
    cleared: Item = dict.fromkeys(standing_item.keys() - item.keys())
    if not unchanged:
        changes |= letter_items.facts(written)
    return Write(_key(before), {**changes, **cleared}, condition)


def standing(table: Table, lost: ConditionLost) -> DeadLetter | None:
    """The letter that won, out of a ConditionLost."""
    return _letter(table, lost.existing) if lost.existing else None


def carries_marker(letter: DeadLetter) -> bool:
    """Whether a message sent for this letter surely carries the attribute that names it. An invocation carries no
    attributes; ten of its own, or a body near the limit, leave no room."""
    text = letter.edit.text if letter.edit else letter.body
    return (letter.destination.way is Way.SEND and len(letter.attributes) <= MARKED_ATTRIBUTES
            and len(text.encode("utf-8", "surrogatepass")) <= MARKER_ROOM)


def sent_as(table: Table, place: Place, sent_message_id: str) -> DeadLetter | None:
    """The letter that was sent without a marker under this message or request id."""
    item = table.get(keys.sent_as(place, sent_message_id))
    return get(table, place, item["queue"], item["message_id"]) if item else None


def _remember(table: Table, letter: DeadLetter, sent_message_id: str) -> None:
    table.put(keys.sent_as(letter.place, sent_message_id), _memory(letter, table.clock()))


def _memory(letter: DeadLetter, now: int) -> Item:
    return {"v": 1, "queue": letter.queue, "message_id": letter.message_id,
            "ttl": (letter.redriven_at or now) // 1000 + REMEMBERED_S}


def _key(letter: DeadLetter) -> keys.Key:
    return keys.dead_letter(letter.place, letter.queue, letter.message_id)


def _letter(table: Table, item: Item) -> DeadLetter:
    item = letter_items.spelled_out(item)
    place = Place(item["place"]["account"], item["place"]["region"])
    inside = item.get("parts", 0)
    parts = [
        keys.dead_letter_part(place, item["queue"], item["message_id"], number)
        for number in range(inside + item.get("attribute_parts", 0))
    ]
    stored = [table.get(part) for part in parts]
    if any(part is None for part in stored):
        raise BodyLost(f"Dead letter {item['queue']}/{item['message_id']} has lost a part of its body.",
                       "Restore the table to a point in time before the part was removed.",
                       from_item(DeadLetter, {**item, "body": ""}))
    pieces = [part["part"] for part in stored if part]
    letter = from_item(DeadLetter, {**item, "body": bodies.unpack(item["packed"], pieces[:inside])})
    if "edit_id" in item:
        letter = replace(letter, edit=edits.get(table, place, letter.queue, letter.message_id, item["edit_id"]))
    if not letter.attribute_parts:
        return letter
    return replace(letter, attributes=bodies.unpack_attributes(pieces[inside:]))
