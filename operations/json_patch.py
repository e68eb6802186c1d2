"""JSON Patch (RFC 6902) on the text of a document: what an operation does not name keeps every byte it has.

A patch library works on Python's values and writes the document anew: 1e400 becomes Infinity, -0 becomes 0, 1.10
becomes 1.1, repeated names collapse, and a body of which one letter was to change is another one. Here a value is
taken from the patch as it is written there, and put where the old one stood. A path through a name that stands
twice is refused, as nobody can say which is meant."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from operations import json_text
from operations.errors import BadPatch
from operations.json_text import Span

MAX_OPERATIONS = 100
MAX_PATCH = 16_384
"""Characters of a patch, which is kept beside each letter; a larger change is a new text."""
MAX_TEXT = 1_048_576
"""No destination takes more bytes, and `copy` can double a document a hundred times."""
_VALUED = ("add", "replace", "test")
_MOVED = ("move", "copy")
_INDEX = re.compile("0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One step. `value` is JSON as the patch spells it; `source` is where `move` and `copy` take it from."""

    op: str
    path: tuple[str, ...]
    value: str = ""
    source: tuple[str, ...] = ()


def parse(patch: str) -> tuple[Operation, ...]:
    """The operations of a patch. Raises BadPatch."""
    if len(patch) > MAX_PATCH:
        raise BadPatch(f"it has {len(patch):,} characters, {MAX_PATCH:,} are kept; put a whole new text instead")
    try:
        patch.encode()  # half a surrogate pair can be escaped, and cannot be kept raw
        listed = json_text.elements(patch, json_text.whole(patch))
    except ValueError as error:
        raise BadPatch("it is not a JSON list") from error
    if not 0 < len(listed) <= MAX_OPERATIONS:
        raise BadPatch(f"it has {len(listed)} operations, 1 to {MAX_OPERATIONS} are taken")
    return tuple(_operation(patch, step.value, number) for number, step in enumerate(listed, 1))


def apply(text: str, operations: tuple[Operation, ...]) -> str:
    """The document after all operations, or none of them. Raises BadPatch naming the one that does not fit."""
    if not json_text.is_json(text):
        raise BadPatch("the text it is for is not JSON; put a whole new text instead")
    for number, operation in enumerate(operations, 1):
        try:
            text = _APPLIED[operation.op](text, operation)
            if len(text) > MAX_TEXT:
                raise ValueError(f"the document grows beyond {MAX_TEXT:,} characters")
        except ValueError as error:
            raise BadPatch(str(error), number) from error
    return text


def value_at(text: str, pointer: str) -> str:
    """One value of a document as it is written there (RFC 6901). Raises ValueError when it is not there, or twice."""
    return _taken(text, _pointer(pointer))


def _operation(patch: str, at: Span, number: int) -> Operation:
    try:
        if patch[at.start] != "{":
            raise ValueError("it is not an object")
        found: dict[str, str] = {}
        for member in json_text.members(patch, at):
            if member.name in found:
                raise ValueError(f"{member.name} stands twice")
            found[member.name] = patch[member.value.start:member.value.end]
        return _checked(found)
    except ValueError as error:
        raise BadPatch(str(error), number) from error


def _checked(found: Mapping[str, str]) -> Operation:
    op = _word(found, "op")
    if op not in _APPLIED:
        raise ValueError(f"there is no operation {op}")
    if op in _VALUED and "value" not in found:
        raise ValueError(f"{op} needs a value")
    path = _pointer(_word(found, "path"))
    source = _pointer(_word(found, "from")) if op in _MOVED else ()
    if op == "move" and path[:len(source)] == source and path != source:
        raise ValueError("a value cannot be moved into itself")
    return Operation(op, path, found.get("value", ""), source)


def _word(found: Mapping[str, str], name: str) -> str:
    word = json.loads(found[name]) if found.get(name, "").startswith('"') else None
    if not isinstance(word, str):
        raise ValueError(f"{name} is missing or no text")
    return word


def _pointer(text: str) -> tuple[str, ...]:
    """RFC 6901: empty for the whole document, else `/name/0/…` with ~1 for a slash and ~0 for a tilde."""
    if text and not text.startswith("/"):
        raise ValueError(f"{text} is no pointer; it begins with a slash")
    if re.search("~(?![01])", text):
        raise ValueError(f"{text} is no pointer; a tilde is written ~0")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def _find(text: str, path: tuple[str, ...]) -> Span:
    at = json_text.whole(text)
    for depth, name in enumerate(path):
        at = _child(text, at, name, path[:depth + 1])
    return at


def _child(text: str, at: Span, name: str, path: tuple[str, ...]) -> Span:
    if text[at.start] == "{":
        found = [member.value for member in json_text.members(text, at) if member.name == name]
        return _only(found, path)
    if text[at.start] == "[":
        listed = json_text.elements(text, at)
        return listed[_index(name, len(listed) - 1, path)].value
    raise ValueError(f"{_shown(path[:-1])} holds no members")


def _only(found: list[Span], path: tuple[str, ...]) -> Span:
    if len(found) > 1:
        raise ValueError(f"{_shown(path)} stands {len(found)} times, so it is not clear which is meant")
    if not found:
        raise ValueError(f"there is no {_shown(path)}")
    return found[0]


def _index(name: str, last: int, path: tuple[str, ...]) -> int:
    if not _INDEX.fullmatch(name) or int(name) > last:
        raise ValueError(f"there is no {_shown(path)}")
    return int(name)


def _shown(path: tuple[str, ...]) -> str:
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path) or "the whole document"


def _replaced(text: str, at: Span, value: str) -> str:
    return text[:at.start] + value + text[at.end:]


def _add(text: str, path: tuple[str, ...], value: str) -> str:
    if not path:
        return _replaced(text, json_text.whole(text), value)
    parent = _find(text, path[:-1])
    if text[parent.start] == "{":
        return _add_member(text, parent, path, value)
    if text[parent.start] == "[":
        return _add_element(text, parent, path, value)
    raise ValueError(f"{_shown(path[:-1])} holds no members")


def _add_member(text: str, parent: Span, path: tuple[str, ...], value: str) -> str:
    standing = json_text.members(text, parent)
    same = [member.value for member in standing if member.name == path[-1]]
    if same:
        return _replaced(text, _only(same, path), value)
    key = json.dumps(path[-1])
    if not standing:
        return f"{text[:parent.start]}{{{key}:{value}}}{text[parent.end:]}"
    last = standing[-1]  # written as the last one is, so that what is indented stays so
    lead, colon = text[last.lead:last.key.start], text[last.key.end:last.value.start]
    return f"{text[:last.value.end]},{lead}{key}{colon}{value}{text[last.value.end:]}"


def _add_element(text: str, parent: Span, path: tuple[str, ...], value: str) -> str:
    standing = json_text.elements(text, parent)
    index = len(standing) if path[-1] == "-" else _index(path[-1], len(standing), path)
    if not standing:
        return f"{text[:parent.start]}[{value}]{text[parent.end:]}"
    lead = text[standing[-1].lead:standing[-1].value.start]
    if index == len(standing):
        end = standing[-1].value.end
        return f"{text[:end]},{lead}{value}{text[end:]}"
    start = standing[index].value.start
    return f"{text[:start]}{value},{lead}{text[start:]}"


def _remove(text: str, path: tuple[str, ...]) -> str:
    if not path:
        raise ValueError("the whole document cannot be removed")
    gone, parent = _find(text, path), _find(text, path[:-1])
    inside: Any = json_text.members if text[parent.start] == "{" else json_text.elements
    listed = inside(text, parent)
    number = next(number for number, one in enumerate(listed) if one.value == gone)
    if len(listed) == 1:
        return text[:parent.start + 1] + text[parent.end - 1:]
    if number:
        return text[:listed[number - 1].value.end] + text[gone.end:]
    return text[:listed[0].lead] + text[listed[1].lead:]


def _replace(text: str, path: tuple[str, ...], value: str) -> str:
    return _replaced(text, _find(text, path), value)


def _taken(text: str, path: tuple[str, ...]) -> str:
    at = _find(text, path)
    return text[at.start:at.end]


def _moved(text: str, operation: Operation) -> str:
    value = _taken(text, operation.source)
    return text if operation.path == operation.source else _add(_remove(text, operation.source), operation.path, value)


def _tested(text: str, operation: Operation) -> str:
    found = _taken(text, operation.path)
    if _meaning(found) != _meaning(operation.value):
        raise ValueError(f"{_shown(operation.path)} is not what the test says")
    return text


_APPLIED = {
    "add": lambda text, operation: _add(text, operation.path, operation.value),
    "remove": lambda text, operation: _remove(text, operation.path),
    "replace": lambda text, operation: _replace(text, operation.path, operation.value),
    "copy": lambda text, operation: _add(text, operation.path, _taken(text, operation.source)),
    "move": _moved,
    "test": _tested,
}


def _meaning(value: str) -> Any:
    """A value that is equal to another when RFC 6902 says so: numbers by number, objects whatever their order."""
    try:
        return json.loads(value, parse_int=_number, parse_float=_number, object_pairs_hook=_pairs)
    except RecursionError as error:
        raise ValueError("it nests too deeply to be compared") from error


def _number(text: str) -> tuple[str, Decimal | str]:
    try:
        return "number", Decimal(text)
    except DecimalException:  # an exponent beyond what Decimal holds
        return "number", text


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it holds a name that stands twice, so it cannot be compared")
    return found
