"""A dead letter as an item: its journal as attributes that anybody can read, and what it died with, which hardly ever
changes, packed into one. A write costs by the kilobyte and an emulator's by the attribute, so the journal is small."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from store import keys
from store.items import SCHEMA_VERSION, Item, encoded
from store.letters import DeadLetter, LetterState

FACTS = ("place", "queue", "message_id", "body_sha256", "shape", "destination", "captured_at", "attributes", "system",
         "sent_at", "receive_count", "function", "request_id", "error_type", "error_message", "fingerprint", "lineage",
         "life", "previous")
APART = ("body", "edit")
"""Kept beside: in `packed` and in items of their own."""
ALWAYS = ("state", "version")
JOURNAL = tuple(field for field in dataclasses.fields(DeadLetter) if field.name not in (*FACTS, *APART))
WHOLE_BYTES = 4_000
"""A row up to this size is put whole: one write of it costs what an update does, and is less to evaluate."""
MAX_FACTS = 4_000_000


class Stored(NamedTuple):
    """The packed attributes of a row as they stand."""

    facts: bytes
    packed: bytes


def stored(item: Mapping[str, Any]) -> Stored | None:
    """What of a row can be put again as it is; None when that is too much, or an older row spells it out."""
    if "facts" not in item or item.get("parts") or item.get("attribute_parts") or "attributes" in item:
        return None
    found = Stored(item["facts"], item["packed"])
    return found if len(found.facts) + len(found.packed) <= WHOLE_BYTES else None


def journal(letter: DeadLetter) -> Item:
    """The attributes that the journal moves. What stands at its default is left out."""
    item: Item = {"v": SCHEMA_VERSION}
    for field in JOURNAL:
        value = getattr(letter, field.name)
        if field.name in ALWAYS or (value and value != field.default) or (value == 0 and field.default is None):
            item[field.name] = encoded(value)
    if letter.edit:
        item["edit_id"] = letter.edit.id
    if letter.state is LetterState.SENT:
        item |= {"open": keys.awaiting_outcome(letter.place), "open_at": letter.redriven_at}
    elif letter.state.open:
        item |= {"open": keys.dead_in_queue(letter.place, letter.queue),
                 "open_at": letter.sent_at or letter.captured_at}
    return item


def facts(letter: DeadLetter) -> Item:
    """What it died with, as the attributes of a row."""
    found = {name: encoded(value) for name in FACTS if (value := getattr(letter, name)) not in (None, {}, ())}
    own = found.pop("attributes", None) if letter.attribute_parts else found.get("attributes")
    loose: Item = {}
    if own and not letter.attribute_parts and any(isinstance(one.get("binary"), bytes) for one in own.values()):
        loose["attributes"] = found.pop("attributes")
    return {**loose, "facts": zlib.compress(json.dumps(found, separators=(",", ":")).encode(), 6)}


def same_facts(before: DeadLetter, after: DeadLetter) -> bool:
    return all(getattr(before, name) is getattr(after, name) or getattr(before, name) == getattr(after, name)
               for name in FACTS)


def spelled_out(item: Item) -> Item:
    """The row with its facts as attributes; older rows have them so. Raises ValueError when they are not whole."""
    if "facts" not in item:
        return item
    inflater = zlib.decompressobj()
    return {**item, **json.loads(inflater.decompress(item["facts"], MAX_FACTS))}
