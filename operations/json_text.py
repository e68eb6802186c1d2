"""Where things stand in a JSON text, so that one place can be changed and every other byte stays as it was written.

Values are skipped, never converted: integers of forty digits, 1e400, -0, repeated keys, escapes and spaces survive.
Everything here raises ValueError when the text is not JSON, or nests deeper than Python follows."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, NoReturn

_SPACE = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
INDENT = "  "


class Span(NamedTuple):
    start: int
    end: int


class Element(NamedTuple):
    """A value in an array; `lead` is where the space before it begins."""

    lead: int
    value: Span


class Member(NamedTuple):
    """A name and its value in an object; `lead` is where the space before the name begins."""

    lead: int
    name: str
    key: Span
    value: Span


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Numbers stay text: Python refuses to convert more than 4,300 digits.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_constant)


def whole(text: str) -> Span:
    """The one value of the text, without the space around it."""
    start = _skip(text, 0)
    span = Span(start, _end(text, start))
    if _skip(text, span.end) != len(text):
        raise ValueError("something stands after the value")
    return span


def is_json(text: str) -> bool:
    try:
        whole(text)
    except ValueError:
        return False
    return True


def members(text: str, at: Span) -> list[Member]:
    """The members of the object at `at`, repeated names included, in order. Raises ValueError when it is none."""
    found: list[Member] = []
    lead = _past(text, at.start, "{")
    position = _skip(text, lead)
    while text[position] != "}":
        key = Span(position, _end(text, position))
        start = _skip(text, _past(text, _skip(text, key.end), ":"))
        value = Span(start, _end(text, start))
        found.append(Member(lead, _value(text, position)[0], key, value))
        position = _skip(text, value.end)
        if text[position] == ",":
            lead = position + 1
            position = _skip(text, lead)
    return found


def elements(text: str, at: Span) -> list[Element]:
    """The values of the array at `at`, in order. Raises ValueError when it is none."""
    found: list[Element] = []
    lead = _past(text, at.start, "[")
    position = _skip(text, lead)
    while text[position] != "]":
        value = Span(position, _end(text, position))
        found.append(Element(lead, value))
        position = _skip(text, value.end)
        if text[position] == ",":
            lead = position + 1
            position = _skip(text, lead)
    return found


def indented(text: str) -> str:
    """The same JSON, a value a line, for reading and comparing: names and values as they were written."""
    whole(text)
    pieces: list[str] = []
    depth, before = 0, ""
    for token in _TOKEN.findall(text):
        opened = before in ("{", "[")
        if token in ("}", "]"):
            depth -= 1
            pieces.append("" if opened else _line(depth))
        elif opened or before == ",":
            pieces.append(_line(depth))
        pieces.append(": " if token == ":" else token)
        depth += token in ("{", "[")
        before = token
    return "".join(pieces)


def _line(depth: int) -> str:
    return "\n" + INDENT * depth


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError as error:
        raise ValueError("it nests too deeply") from error


def _end(text: str, at: int) -> int:
    return _value(text, at)[1]


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _past(text: str, at: int, mark: str) -> int:
    if text[at:at + 1] != mark:
        raise ValueError(f"no {mark} at {at}")
    return at + 1
