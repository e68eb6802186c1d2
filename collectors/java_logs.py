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

_FIRST_FRAME = re.compile(r"\n(?:\s{0,16}at [\w.$/@<>-]{1,300}\(|\s{1,16}\.\.\. \d|Caused by: )")
_CLASS_FIRST = re.compile(rf"({JVM_CLASS})(?:\n|: )")
_LEVEL = "(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)"
_LOG4J = re.compile(
    rf"(?:\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{{1,9}})? )?({UUID}) {_LEVEL}"
    r" {1,2}(?=[\w.$]{1,200}(?::\d{1,6})? - )([^\n]*)"
)
_PATTERN = re.compile(
    r"(?:\d{4}-\d\d-\d\d[ T])?\d\d:\d\d:\d\d[.,]\d{3,9}Z?"
    rf"(?: \[[^\]\n]{{1,100}}\] {{1,2}}{_LEVEL} {{1,2}}[\w.$]{{1,200}} - "
    rf"| {{1,2}}{_LEVEL} {{1,2}}\d{{1,9}} --- (?:\[[^\]\n]{{0,100}}\] ){{1,3}}[\w.$\[\]]{{1,200}} {{0,60}}: )([^\n]*)"
)
"""Logback's default and Spring Boot's: time, thread, level and logger, in one order or the other."""
_SIMPLE = re.compile(rf"\[[^\]\n]{{1,100}}\] {_LEVEL} {{1,2}}[\w.$]{{1,200}} - ([^\n]*)")
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
    if "\n" not in text or ("\n\n" not in text and _FIRST_FRAME.search(text[: _TRACE_AT + 10]) is None):
        return None
    return uncaught_in(text)


def _init_failure(text: str) -> Line | None:
    if _INIT.match(text) is None or not (_FIRST_FRAME.search(text) or text.startswith(("Class not", "Error loading"))):
        return None
    first, _, rest = text.rstrip().partition("\n")
    thrown = jvm_thrown(rest) or jvm_thrown(first.rpartition(": ")[2])
    return Uncaught(thrown.error_type if thrown else "Runtime.ClassNotFound", first, rest or None)


def _printed_trace(text: str) -> Line | None:
    thrown = jvm_thrown(text) if "\n" in text and _FIRST_FRAME.search(text[:_TRACE_AT]) else None
    return Said(text, None, None, thrown.error_type, thrown.message, text.rstrip()) if thrown else None


def _log4j(text: str) -> Line | None:
    found = _LOG4J.match(text)
    if found is None:
        return None
    request_id, label, words = found.groups()
    return _with_trace(Said(words, level_of(label), request_id), text[found.end() + 1 :])


def _with_trace(said: Said, rest: str) -> Said:
    thrown = jvm_thrown(rest[:LONGEST_HEAD])
    if thrown is None:
        return said
    return said._replace(error_type=thrown.error_type, error_message=thrown.message, stack=rest.rstrip())


def _pattern(text: str) -> Line | None:
    found = _PATTERN.match(text)
    if found is None:
        return None
    by_logback, by_spring, words = found.groups()
    return _with_trace(Said(words, level_of(by_logback or by_spring)), text[found.end() + 1 :])


def _loop(text: str) -> Line | None:
    """Managed Instances keep the process alive and say so."""
    trace = text.partition("Exception:\n")[2]
    thrown = jvm_thrown(trace)
    return Uncaught(thrown.error_type, thrown.message, trace.rstrip()) if thrown else None


def _simple(text: str) -> Line | None:
    found = _SIMPLE.match(text)
    if found is None:
        return None
    label, words = found.groups()
    return _with_trace(Said(words, level_of(label)), text[found.end() + 1 :])


SHAPES = (
    Shape("slf4j simple", "[", "thread, level, logger and words, without a time", _simple),
    Shape("java managed loop", "Runtime Loop on Thread ID: ", "Managed Instances report and go on", _loop),
    Shape("java init", "Error loading ", "the handler's class could not be loaded", _init_failure),
    Shape("java init", "Class not found: ", "the handler's class could not be found", _init_failure),
    Shape("java init", "Invalid handler: ", "the handler's name has no such method", _init_failure),
    Shape("log4j2", "", "LambdaLayout's default pattern, with the request id from the context map", _log4j,
          "0123456789abcdefABCDEF", (" - ",)),
    Shape("logback", "", "Logback's and Spring Boot's default patterns: a level, no request id", _pattern, "0123456789",
          (" - ", " --- ")),
    Shape("java uncaught", "", "message and class, then the trace with both again", _uncaught, "", ("\n",)),
    Shape("java printed trace", "", "printStackTrace, put together from one event a line", _printed_trace, "",
          ("\n",)),
)  # fmt: skip
