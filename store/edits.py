"""Edits of dead letters: each its own items beside the letter, written before the letter names it, never changed."""

from __future__ import annotations

from collections.abc import Iterator

from store import bodies, keys
from store.errors import StoreError
from store.items import Item, from_item, to_item
from store.letters import DeadLetter, Edit
from store.records import Place
from store.table import Table

WHOLE = 0
"""The part of an edit that holds its facts."""


def put(table: Table, letter: DeadLetter, edit: Edit) -> None:
    """Keep an edit. It counts once the letter names it; putting it again changes nothing."""
    inline, parts = bodies.pack(edit.text)
    for number, part in enumerate(parts, 1):
        table.put(_key(letter.place, letter.queue, letter.message_id, edit.id, number), {"v": 1, "part": part})
    facts = to_item(edit)
    del facts["text"]
    table.put(_key(letter.place, letter.queue, letter.message_id, edit.id, WHOLE),
              {**facts, "packed": inline, "parts": len(parts)})


def get(table: Table, place: Place, queue: str, message_id: str, edit_id: str) -> Edit:
    """One edit with its whole text. Raises StoreError when it, or a part of it, is not there."""
    item = table.get(_key(place, queue, message_id, edit_id, WHOLE))
    if item is None:
        raise StoreError(f"Dead letter {queue}/{message_id} has lost its edit {edit_id}.", RESTORE)
    return _edit(table, place, queue, message_id, item)


RESTORE = "Restore the table to a point in time before it was removed."


def of_letter(table: Table, letter: DeadLetter) -> Iterator[Edit]:
    """Every edit kept of a letter, in no order; one that was never named by the letter lost to another operator."""
    pk, prefix = _key(letter.place, letter.queue, letter.message_id, "", WHOLE).pk, f"E#{letter.message_id}#"
    for item in table.query(pk, prefix):
        if "packed" in item:
            yield _edit(table, letter.place, letter.queue, letter.message_id, item)


def _edit(table: Table, place: Place, queue: str, message_id: str, item: Item) -> Edit:
    parts = [table.get(_key(place, queue, message_id, item["id"], number)) for number in range(1, item["parts"] + 1)]
    if any(part is None for part in parts):
        raise StoreError(f"Dead letter {queue}/{message_id} has lost a part of its edit {item['id']}.", RESTORE)
    text = bodies.unpack(item["packed"], [part["part"] for part in parts if part])
    return from_item(Edit, {**item, "text": text})


def _key(place: Place, queue: str, message_id: str, edit_id: str, part: int) -> keys.Key:
    return keys.dead_letter_edit(place, queue, message_id, edit_id, part)
