"""Go, Ruby, Rust and custom runtimes in text, and what any process prints when it dies.

Death cries are hints: they give a failed invocation its name (`oom`, a panic's message), and mean nothing in one that
the platform reports as ok, because anybody may print them.
"""

from __future__ import annotations

import re

from collectors import structured_json
from collectors.documents import object_in
from collectors.levels import level_of
from collectors.lines import Fault, Line, Said, Uncaught
from collectors.shapes import Shape, is_request_id

_GO = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? ")
_RUBY = re.compile(
    r"[DIWEFA], \[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9} #\d{1,9}\] {1,4}"
    r"(DEBUG|INFO|WARN|ERROR|FATAL|ANY) (?:([0-9a-fA-F-]{36}) )?-- [^:\n]{0,200}: "
)
_LOGFMT_LEVEL = re.compile(r"(?:^| )level=\"?(\w{1,12}(?:[+-]\d{1,3})?)\"?(?= |$)")
_LOGFMT_ID = re.compile(r"(?:^| )(?:requestId|request_id|aws_request_id)=\"?([0-9a-fA-F-]{36})\"?(?= |$)")
_LOGFMT_WORDS = re.compile(r"(?:^| )(?:message|msg)=(\"(?:[^\"\\]|\\.){0,4000}\"|\S{0,4000})")
LOGFMT_CHARS = 8_000
"""Keys past this are not looked for: the line is still kept whole."""
_OUT_OF_MEMORY = (
    "fatal error: runtime: out of memory",
    "JavaScript heap out of memory",
    "java.lang.OutOfMemoryError",
    "failed to allocate memory (NoMemoryError)",
    "OutOfMemoryException",
)
_CRIES = re.compile(
    r"Segmentation fault|fatal error: |FATAL ERROR: |Killed$|terminate called after throwing|/lib64/ld-linux|"
    r".{0,200}exec format error$|.{0,100}: version `?'?GLIBC_|thread '[^'\n]{0,100}' (?:\(\d{1,9}\) )?panicked at |"
    r"Fatal Python error: |<--- Last few GCs --->|Unhandled exception\. ",
    re.MULTILINE,
)


def _go(text: str) -> Line | None:
    found = _GO.match(text)
    if found is None:
        return None
    words = text[found.end() :]
    document = object_in(words) if words.startswith("{") else None
    if document is not None and "errorMessage" in document:
        facts = structured_json.error_of(document)
        return Uncaught(facts.error_type, facts.message or "", facts.stack)
    return Said(words)


def _go_panic(text: str) -> Line | None:
    message, _, rest = text.partition("\n")
    words = message.removeprefix("panic: ").removesuffix(" [recovered]")
    if "goroutine " in rest:
        return Uncaught("panic", words, rest.strip() or None)
    return Fault("crash", None, "panic", words)


def _ruby(text: str) -> Line | None:
    found = _RUBY.match(text)
    if found is None:
        return None
    label, request_id = found.groups()
    return Said(text[found.end() :], level_of(label), request_id if is_request_id(request_id) else None)


def _logfmt(text: str) -> Line | None:
    """slog's text handler, logrus, and other key=value writers."""
    head = text[:LOGFMT_CHARS]
    found = _LOGFMT_LEVEL.search(head)
    level = level_of(found.group(1)) if found else None
    if level is None:
        return None
    words, who = _LOGFMT_WORDS.search(head), _LOGFMT_ID.search(head)
    request_id = who.group(1) if who and is_request_id(who.group(1)) else None
    return Said(words.group(1).strip('"') if words else text, level, request_id)


def _cry(text: str) -> Line | None:
    head = text[:LOGFMT_CHARS]
    if any(words in head for words in _OUT_OF_MEMORY):
        return Fault("oom", None, None, head.partition("\n")[0])
    return Fault("crash", None, None, head.partition("\n")[0]) if _CRIES.match(head) else None


SHAPES = (
    Shape("go log", "2", "the log package's time; the runtime's own errors are JSON after it", _go),
    Shape("go panic", "panic: ", "a goroutine nobody recovers: one event a line, put together", _go_panic),
    Shape("ruby logger", "", "Logger's letter, time, severity and request id", _ruby),
    Shape("death cry", "", "the last words of a process, in any runtime", _cry),
    Shape("logfmt", "", "key=value loggers: slog, logrus, and lambdacontext's text handler", _logfmt),
)
