"""Node.js and .NET text lines: `<time>\\t<request id>\\t<LEVEL>\\t<words>`.

Node writes INFO, .NET info; Node writes `undefined` for the request id outside an invocation, .NET nothing. Uncaught
errors are Node's `Invoke Error \\t{json}` (a blank before the tab) and .NET's exception text without words before it.
Node before version 10 wrote no level.
"""

from __future__ import annotations

import re

from collectors import structured_json, tracebacks
from collectors.documents import object_in
from collectors.json_errors import error_of
from collectors.levels import is_error, level_of
from collectors.lines import Fault, Line, Said, Uncaught
from collectors.shapes import STAMP, UUID, Shape, is_request_id

STAMP_OF_LINE = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d[.,]?\d{0,9}(?:Z|[+-]\d\d:?\d\d)| \d\d:\d\d:\d\d\.\d{3} \([+-]\d\d:\d\d\))"
)
"""The second form is how `serverless logs` prints it."""
_FLATTENED = re.compile(rf"({STAMP})\s{{1,16}}({UUID}|undefined)\s{{1,16}}(\w{{4,5}})\s{{1,16}}(.*)", re.DOTALL)
_LABELS = ("Invoke Error", "Uncaught Exception", "Unhandled Promise Rejection")
_NODE_UNCAUGHT = re.compile(r"(Invoke Error|Uncaught Exception|Unhandled Promise Rejection)(?: ?\t| {1,8}(?=\{))")
_NODE_STACK = re.compile(r"([A-Z]\w{0,150}(?: \[\w{1,100}\])?): ([^\n]{0,2000})\n\s{0,8}at ")
_DOTNET_FRAME = re.compile(r"\n\s{0,8}at ")


def _tabbed(text: str) -> Line | None:
    parts = text.split("\t", 3)
    if STAMP_OF_LINE.fullmatch(parts[0]) is None:
        return None
    level = level_of(parts[2]) if len(parts) > 3 else None
    if level is None:
        return _without_level(text, parts) if len(parts) > 2 else None
    if not (parts[1] in ("", "undefined") or is_request_id(parts[1])):
        return None
    return _leveled(parts[1], level, parts[2], parts[3])


def _flattened(text: str) -> Line | None:
    """The same, its tabs turned to blanks by a console or a document."""
    found = _FLATTENED.match(text)
    if found is None:
        return None
    _, who, label, words = found.groups()
    level = level_of(label)
    return _leveled(who, level, label, words) if level is not None else None


def _leveled(who: str, level: str, label: str, words: str) -> Line:
    request_id = who if len(who) == 36 else None
    if words.startswith("{"):
        return _wrapped(words, level, request_id)
    if not is_error(level):
        return Said(words, level, request_id)
    return _error(words, level, request_id, dotnet=label.islower())


def _without_level(text: str, parts: list[str]) -> Line | None:
    """Node 4 to 8. An error object alone is the runtime's report; a stack may be the last thing said before a crash."""
    who = parts[1]
    if not is_request_id(who):
        return None
    words = text.split("\t", 2)[2]
    document = object_in(words) if words.startswith('{"errorMessage"') else None
    if document is not None:
        facts = error_of(document)
        return Uncaught(facts.error_type, facts.message or "", facts.stack, who)
    found = _NODE_STACK.match(words[:8_000])
    return Fault("crash", None, found.group(1), found.group(2)) if found else Said(words, None, who)


def _wrapped(words: str, level: str, request_id: str | None) -> Line:
    """A structured logger that goes through `console.log`: the inner line knows best."""
    document = object_in(words)
    if document is None:
        return Said(words, level, request_id)
    inner = structured_json.read(document, words, nested=True)
    if not isinstance(inner, Said):
        # Metrics count only as a whole event, and the platform does not write through a logger.
        return Said(words, level, request_id)
    return inner._replace(level=inner.level or level, request_id=inner.request_id or request_id)


def _error(words: str, level: str, request_id: str | None, *, dotnet: bool) -> Line:
    label = _NODE_UNCAUGHT.match(words) if words.startswith(_LABELS) else None
    if label is not None:
        return _node_uncaught(label.group(1), words[label.end() :], level, request_id)
    thrown = tracebacks.dotnet_thrown(words) if dotnet and _DOTNET_FRAME.search(words) else None
    if thrown is not None:
        return Uncaught(thrown.error_type, thrown.message, words.rstrip(), request_id, level)
    if dotnet:
        return dotnet_logged(words, level, request_id)
    found = _NODE_STACK.search(words[:8_000])
    if found is None:
        return Said(words, level, request_id)
    return Said(words, level, request_id, found.group(1), found.group(2), words[found.start() :].rstrip())


def dotnet_logged(words: str, level: str | None, request_id: str | None) -> Said:
    """An error that .NET logged: its first line says what failed, the exception stands below."""
    first, _, rest = words.partition("\n")
    thrown = tracebacks.dotnet_thrown(rest) if _DOTNET_FRAME.search(rest) else None
    if thrown is None:
        return Said(words, level, request_id)
    return Said(first, level, request_id, thrown.error_type, thrown.message, rest.rstrip())


def _node_uncaught(label: str, body: str, level: str, request_id: str | None) -> Line:
    document = object_in(body)
    if document is None:
        return Uncaught(label, body[: tracebacks.LONGEST_HEAD], None, request_id, level)
    facts = error_of(document)
    return Uncaught(facts.error_type or label, facts.message or "", facts.stack, request_id, level)


SHAPES = (
    Shape("node or .net", "2", "the managed runtimes' own prefix; the level's case tells which", _tabbed),
    Shape("node or .net, flattened", "2", "copied out of a console or a document", _flattened),
)  # fmt: skip
