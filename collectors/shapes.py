"""What the recogniser tables are made of: named shapes, each with its prefix, its reason and its reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from collectors.lines import Line

UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}|xmpl)-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
"""AWS's own documents write `xmpl` into the ids of their examples, and examples are pasted everywhere."""
_UUID = re.compile(UUID)
TRACE = re.compile(r"1-[0-9a-fA-F]{8}-[0-9a-fA-Fxmpl]{24}")
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"


class Shape(NamedTuple):
    """One shape of line. `read` gets the whole text and answers None when it is not this shape after all."""

    name: str
    prefix: str
    reason: str
    read: Callable[[str], Line | None]
    first: str = ""
    """For a shape without a prefix: the characters it can begin with, if not any."""
    marks: tuple[str, ...] = ()
    """For a shape without a prefix: one of these stands in every text of it, so that prints need not be tried."""


def is_request_id(value: object) -> bool:
    """Whether a value is a request id: 36 characters of a UUID and nothing else."""
    return isinstance(value, str) and len(value) == 36 and _UUID.fullmatch(value) is not None


def trace_of(value: object) -> str | None:
    """The `1-…-…` in a trace header (`Root=1-…;Parent=…`), or in a bare trace id."""
    if not isinstance(value, str):
        return None
    if len(value) == 35 and TRACE.fullmatch(value):
        return value
    found = TRACE.search(value[:400])
    return found.group() if found else None


def by_first_character(shapes: Iterable[Shape]) -> tuple[dict[str, tuple[Shape, ...]], tuple[Shape, ...]]:
    """Index an ordered table by the first character a text of each shape has, keeping its order.

    Shapes that can begin with anything stand in every list; the second value is the list for all other characters."""
    table = tuple(shapes)
    anywhere = tuple(shape for shape in table if not _firsts(shape))
    firsts = {char for shape in table for char in _firsts(shape)}
    index = {char: tuple(shape for shape in table if not _firsts(shape) or char in _firsts(shape)) for char in firsts}
    return index, anywhere


def _firsts(shape: Shape) -> str:
    return shape.prefix[:1] or shape.first


def prefixes(all_of_them: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The prefixes by their first character, as `str.startswith` takes them."""
    index: dict[str, tuple[str, ...]] = {}
    for prefix in all_of_them:
        if prefix:
            index[prefix[0]] = (*index.get(prefix[0], ()), prefix)
    return index


def needed(marks: Iterable[str]) -> tuple[str, ...]:
    """The marks, without those that another one is a part of."""
    all_of_them = dict.fromkeys(marks)
    return tuple(mark for mark in all_of_them if not any(other in mark for other in all_of_them if other != mark))
