"""What the recogniser tables are made of: named shapes, each with its prefix, its reason and its reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from collectors.lines import Line

UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_UUID = re.compile(UUID)
TRACE = re.compile(r"1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}")
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"


class Shape(NamedTuple):
    """One shape of line. `read` gets the whole text and answers None when it is not this shape after all."""

    name: str
    prefix: str
    reason: str
    read: Callable[[str], Line | None]


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
    """Index an ordered table by the first character of each prefix, keeping its order.

    Shapes without a prefix stand in every list; the second value is the list for all other characters."""
    table = tuple(shapes)
    first = {shape.prefix[0] for shape in table if shape.prefix}
    anywhere = tuple(shape for shape in table if not shape.prefix)
    index = {
        char: tuple(shape for shape in table if not shape.prefix or shape.prefix[0] == char) for char in first
    }
    return index, anywhere
