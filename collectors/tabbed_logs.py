"""Node.js and .NET text lines: `<time>\\t<request id>\\t<LEVEL>\\t<words>`.

Node writes INFO, .NET info; Node writes `undefined` for the request id outside an invocation, .NET nothing. Uncaught
errors are Node's `Invoke Error \\t{json}` (a blank before the tab) and .NET's exception text without words before it.
"""

from __future__ import annotations

import re

from collectors import structured_json, tracebacks
from collectors.documents import object_in
from collectors.levels import is_error, level_of
from collectors.lines import Line, Said, Uncaught
from collectors.shapes import Shape, is_request_id

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.,]?\d{0,9}(?:Z|[+-]\d\d:?\d\d)")
_NODE_UNCAUGHT = ("Invoke Error \t", "Uncaught Exception \t", "Unhandled Promise Rejection \t")
_NODE_STACK = re.compile(r"([A-Z]\w{0,150}(?: \[\w{1,100}\])?): ([^\n]{0,2000})\n {4}at ")


def _tabbed(text: str) -> Line | None:
    parts = text.split("\t", 3)
    if len(parts) < 4 or _STAMP.fullmatch(parts[0]) is None:
        return None
    _, who, label, words = parts
    level = level_of(label)
    if level is None or not (who in ("", "undefined") or is_request_id(who)):
        return None
    request_id = who if len(who) == 36 else None
    if words.startswith("{"):
        return _wrapped(words, level, request_id)
    if not is_error(level):
        return Said(words, level, request_id)
    return _error(words, level, request_id, dotnet=label.islower())


def _wrapped(words: str, level: str, request_id: str | None) -> Line:
    """A structured logger that goes through `console.log`: the inner line knows best."""
    document = object_in(words)
    if document is None:
        return Said(words, level, request_id)
    inner = structured_json.read(document, words)
    if not isinstance(inner, Said):
        return inner
    return inner._replace(level=inner.level or level, request_id=inner.request_id or request_id)


def _error(words: str, level: str, request_id: str | None, *, dotnet: bool) -> Line:
    if words.startswith(_NODE_UNCAUGHT):
        label, _, body = words.partition(" \t")
        return _node_uncaught(label, body, level, request_id)
    thrown = tracebacks.dotnet_thrown(words) if dotnet and "\n   at " in words else None
    if thrown is not None:
        return Uncaught(thrown.error_type, thrown.message, words.rstrip(), request_id, level)
    if dotnet:
        return _dotnet_logged(words, level, request_id)
    found = _NODE_STACK.search(words[:8_000])
    if found is None:
        return Said(words, level, request_id)
    return Said(words, level, request_id, found.group(1), found.group(2), words[found.start() :].rstrip())


def _dotnet_logged(words: str, level: str, request_id: str | None) -> Said:
    first, _, rest = words.partition("\n")
    thrown = tracebacks.dotnet_thrown(rest) if "\n   at " in rest else None
    if thrown is None:
        return Said(words, level, request_id)
    return Said(first, level, request_id, thrown.error_type, thrown.message, rest.rstrip())


def _node_uncaught(label: str, body: str, level: str, request_id: str | None) -> Line:
    document = object_in(body)
    if document is None:
        return Uncaught(label, body[: tracebacks.LONGEST_HEAD], None, request_id, level)
    facts = structured_json.error_of(document)
    error_type = facts.error_type or label
    reason = document.get("reason")
    if label == "Unhandled Promise Rejection" and isinstance(reason, dict):
        cause = structured_json.error_of(reason)
        return Uncaught(error_type, cause.message or facts.message or "", cause.stack or facts.stack, request_id, level)
    return Uncaught(error_type, facts.message or "", facts.stack, request_id, level)


SHAPES = (
    Shape("node or .net", "2", "the managed runtimes' own prefix; the level's case tells which", _tabbed),
)  # fmt: skip
