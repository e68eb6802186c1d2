"""Dead letters as lines of JSON (NDJSON), whole and checkable: a header, one letter a line, an end.

    {"kind": "lamplight dead letters", "v": 1, "account", "region", "queue", "count", "selection_sha256", …}
    {"kind": "letter", "v": 1, …every fact and the journal…, "body": {"text"} or {"base64"}, "sha256": of the line}
    {"kind": "end", "count", "sha256": of all letters' sha256}
The header's sha256 is of the message ids, known before the first body is read: an export streams, whatever its size.
A line's own is over its JSON with sorted names and without it. The end is missing from a file that was cut off."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from store.items import from_item, to_item
from store.recovery import DeadLetter

VERSION = 1
HEADER, LETTER, END = "lamplight dead letters", "letter", "end"
OWN = ("version", "parts", "attribute_parts")
"""What only this table's rows mean."""


def line(facts: Mapping[str, Any]) -> str:
    """One line, without its end. Only ASCII: no byte of it depends on who reads it."""
    return json.dumps(facts, separators=(",", ":"), default=_binary)


def written(letter: DeadLetter, bodies: bool) -> dict[str, Any]:
    """A letter's line. Without `bodies` what a person wrote into the message is left out: body, edit, attributes,
    error message; such a line is for reading and cannot be imported."""
    facts = {name: value for name, value in to_item(letter).items() if name not in OWN}
    if bodies:
        facts["body"] = _text(letter.body)
        if letter.edit:
            facts["edit"] = {**facts["edit"], "text": _text(letter.edit.text)}
    else:
        facts = {name: value for name, value in facts.items() if name not in ("body", "edit", "error_message")}
        facts["attributes"] = {name: {"type": value.type} for name, value in letter.attributes.items()}
    facts = {"kind": LETTER, **facts, "v": VERSION}
    return {**facts, "sha256": digest(facts)}


def read(facts: Mapping[str, Any]) -> DeadLetter:
    """The letter of a line. Raises ValueError naming what does not verify."""
    if facts.get("kind") != LETTER or facts.get("v") != VERSION:
        raise ValueError(f"it is no letter of version {VERSION}")
    if "body" not in facts:
        raise ValueError("it was exported without its body")
    if facts.get("sha256") != digest({name: value for name, value in facts.items() if name != "sha256"}):
        raise ValueError("it is not as it was written: its sha256 differs")
    item = {name: value for name, value in facts.items() if name not in ("kind", "v", "sha256", *OWN)}
    try:
        item["body"] = _plain(item["body"])
        if "edit" in item:
            item["edit"] = {**item["edit"], "text": _plain(item["edit"]["text"])}
        item["attributes"] = {name: _attribute(value) for name, value in item.get("attributes", {}).items()}
        letter = from_item(DeadLetter, item)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"it cannot be read ({error!r})") from error
    numbers = (letter.captured_at, letter.life, letter.attempts, letter.ambiguous)
    if not re.fullmatch(r"[\w.-]{1,100}", letter.message_id) or not all(type(one) is int for one in numbers):
        raise ValueError("its message id or its journal is not of a letter")
    _verify("body", letter.body, letter.body_sha256)
    if letter.edit:
        _verify("edit", letter.edit.text, letter.edit.sha256)
    return letter


def digest(facts: Mapping[str, Any]) -> str:
    """sha256 of the facts as JSON with sorted names."""
    text = json.dumps(facts, separators=(",", ":"), sort_keys=True, default=_binary)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(text: str) -> dict[str, str]:
    """As text, or as base64 when it holds half a surrogate pair, which many readers of JSON change or refuse."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return {"base64": base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()}
    return {"text": text}


def _plain(wire: Mapping[str, str]) -> str:
    if "base64" in wire:
        return base64.b64decode(wire["base64"], validate=True).decode("utf-8", "surrogatepass")
    if not isinstance(wire["text"], str):
        raise ValueError("a text that is none")
    return wire["text"]


def _binary(value: Any) -> dict[str, str]:
    return {"base64": base64.b64encode(value).decode()}


def _attribute(wire: Mapping[str, Any]) -> dict[str, Any]:
    binary = wire.get("binary")
    return {**wire, "binary": base64.b64decode(binary["base64"], validate=True)} if binary is not None else {**wire}


def _verify(what: str, text: str, sha256: str) -> None:
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != sha256:
        raise ValueError(f"its {what} is not the one whose sha256 it names")
