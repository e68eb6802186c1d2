"""JSON out of untrusted text: never raises, never recurses deeper than the parsers allow."""

from __future__ import annotations

import json
import reprlib
from typing import Any, Final

import orjson

NOTHING: Final = object()
"""What `parse` gives for text that is not JSON; None is JSON's null."""
_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = 80
_SHOWN.maxlist = _SHOWN.maxdict = 20


def parse(text: str | bytes) -> Any:
    """The value in a text, or `NOTHING` when it is not JSON.

    orjson refuses NaN, 1e400 and lone surrogates, which loggers do write: those go to the slower standard parser. It
    also refuses nesting beyond 1,024, where the standard one stops at the recursion limit."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as refused:
        if "depth" in str(refused) or not _closed(text):
            return NOTHING
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING


def _closed(text: str | bytes) -> bool:
    """Whether a text ends as JSON does: one that was cut is not worth a second parser's time."""
    return text.rstrip()[-1:] in ("}", "]", b"}", b"]")


def object_in(text: str | bytes) -> dict[str, Any] | None:
    """The JSON object a text is, or None when it is anything else."""
    value = parse(text)
    return value if isinstance(value, dict) else None


def text_of(value: object) -> str:
    """A parsed value as JSON again; what nests deeper than is written, by its beginning."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return shown(value)


def shown(value: object) -> str:
    """The beginning of a parsed value for people, however deep or long it is."""
    return _SHOWN.repr(value)
