"""Java's text lines: the runtime's uncaught errors, `printStackTrace`, log4j2's default pattern.

An uncaught error is the message and class first (`woops: java.lang.RuntimeException`), then the whole trace, which says
the class and message again: nobody else writes that header, so it tells uncaught from printed.
"""

from __future__ import annotations

import re

from collectors.levels import level_of
from collectors.lines import Line, Said, Uncaught
from collectors.shapes import UUID, Shape
from collectors.tracebacks import JVM_CLASS, LONGEST_HEAD, jvm_thrown

_FIRST_FRAME = re.compile(r"\n(?:\tat |\t\.\.\. \d|Caused by: )")
_CLASS_FIRST = re.compile(rf"({JVM_CLASS})(?:\n|: )")
_LOG4J = re.compile(
    rf"(?:\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{{1,9}})? )?({UUID}) "
    r"(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) {1,2}(?=[\w.$]{1,200}(?::\d{1,6})? - )([^\n]*)"
)
_INIT = re.compile(r"(?:Error loading class|Class not found:|Invalid handler:|Error loading method) ")
_TRACE_AT = 4_000
"""Characters before the first frame that are looked at; a longer message is left as a print."""


def uncaught_in(text: str) -> Uncaught | None:
    """The runtime's report of an uncaught throwable, or None."""
    frame = _FIRST_FRAME.search(text[: _TRACE_AT + 10])
    head = text[: frame.start()] if frame else text[:_TRACE_AT].rstrip("\n")
    for found in _CLASS_FIRST.finditer(head + "\n"):
        before, name = head[: found.start()], found.group(1)
        if before != name + "\n" and not before.endswith(f": {name}\n"):
            continue
        trace = text[found.start() :].rstrip()
        message = before[: -len(name) - 3] if before != name + "\n" else ""
        return Uncaught(name, message, trace)
    return None


def _uncaught(text: str) -> Line | None:
    if "\n" not in text or ("\tat " not in text and "\n\n" not in text):
        return None
    return uncaught_in(text)


def _init_failure(text: str) -> Line | None:
    if _INIT.match(text) is None or not ("\n\tat " in text or text.startswith(("Class not", "Error loading"))):
        return None
    first, _, rest = text.rstrip().partition("\n")
    thrown = jvm_thrown(rest) or jvm_thrown(first.rpartition(": ")[2])
    return Uncaught(thrown.error_type if thrown else "Runtime.ClassNotFound", first, rest or None)


def _printed_trace(text: str) -> Line | None:
    thrown = jvm_thrown(text) if "\tat " in text or "\nCaused by: " in text else None
    return Said(text, None, None, thrown.error_type, thrown.message, text.rstrip()) if thrown else None


def _log4j(text: str) -> Line | None:
    found = _LOG4J.match(text)
    if found is None:
        return None
    request_id, label, words = found.groups()
    rest = text[found.end() + 1 :]
    thrown = jvm_thrown(rest[:LONGEST_HEAD])
    said = Said(words, level_of(label), request_id)
    if thrown is None:
        return said
    return said._replace(error_type=thrown.error_type, error_message=thrown.message, stack=rest.rstrip())


def _loop(text: str) -> Line | None:
    """Managed Instances keep the process alive and say so."""
    trace = text.partition("Exception:\n")[2]
    thrown = jvm_thrown(trace)
    return Uncaught(thrown.error_type, thrown.message, trace.rstrip()) if thrown else None


SHAPES = (
    Shape("java managed loop", "Runtime Loop on Thread ID: ", "Managed Instances report and go on", _loop),
    Shape("java init", "E", "the handler's class could not be loaded", _init_failure),
    Shape("java init", "C", "the handler's class could not be found", _init_failure),
    Shape("java init", "I", "the handler's name has no such method", _init_failure),
    Shape("log4j2", "", "LambdaLayout's default pattern, with the request id from the context map", _log4j),
    Shape("java uncaught", "", "message and class, then the trace with both again", _uncaught),
    Shape("java printed trace", "", "printStackTrace, put together from one event a line", _printed_trace),
)
