"""Go, Ruby, Rust, PHP and custom runtimes in text, and what any process prints when it dies.

Death cries are hints: they give a failed invocation its name (`oom`, a panic's message), and mean nothing in one that
the platform reports as ok, because anybody may print them.
"""

from __future__ import annotations

import re

from collectors import tracebacks
from collectors.documents import object_in
from collectors.json_errors import error_of
from collectors.levels import level_of
from collectors.lines import Fault, Line, Said, Uncaught
from collectors.shapes import STAMP, UUID, Shape, is_request_id

_GO = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? ")
_SLOG_DEFAULT = re.compile(r"\[?(DEBUG|INFO|WARN|ERROR|FATAL)\]?(?:[+-]\d{1,3})?:? ")
"""slog without a handler of its own writes through the log package."""
_RUBY = re.compile(
    r"[DIWEFA], \[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9} #\d{1,9}\] {1,4}"
    r"(DEBUG|INFO|WARN|ERROR|FATAL|ANY) (?:([0-9a-fA-F-]{36}) )?-- [^:\n]{0,200}: "
)
_RUBY_ERROR = ("Error raised from handler method", "Critical exception from handler", "Init error when loading handler")
_BREF = re.compile(rf"({UUID})\tInvoke Error\t(?=\{{)")
_PHP = re.compile(
    r"(?:PHP )?Fatal error: {1,2}(?:Uncaught )?(?:([A-Za-z_]\w{0,100}(?:\\\w{1,100}){0,10}): )?([^\n]{0,2000})"
)
_DOTNET_CORE = re.compile(r"([^\n]{0,2000}): (\w{1,150}(?:Exception|Error))\n(?=\s{0,8}at )")
_CALLS_HANDLER = "at lambda_method(Closure"
_RUST = re.compile(
    rf"{STAMP} {{1,4}}(TRACE|DEBUG|INFO|WARN|ERROR) (?:Lambda runtime invoke\{{([^}}\n]{{0,500}})\}}[^\n]{{0,500}}?: )?"
    r"(?:[a-z_]\w{0,100}(?:::\w{1,100}){1,10}: )?"
)
_RUST_ID = re.compile(rf"requestId=\"?({UUID})")
_RUST_PANIC = re.compile(r"thread '[^'\n]{0,100}' (?:\(\d{1,9}\) )?panicked at (?:'([^\n]{0,2000})', )?([^\n]{0,400})")
CRY_CHARS = 8_000
"""Last words stand first; what follows them is a stack."""
_OUT_OF_MEMORY = (
    "fatal error: runtime: out of memory",
    "JavaScript heap out of memory",
    "java.lang.OutOfMemoryError",
    "failed to allocate memory (NoMemoryError)",
    "OutOfMemoryException",
)
_CRIES = re.compile(
    r"Segmentation fault|fatal error: |FATAL ERROR: |Killed$|terminate called after throwing|/lib64/ld-linux|"
    r".{0,200}exec format error$|.{0,100}: version `?'?GLIBC_|Fatal Python error: |<--- Last few GCs --->|"
    r"Failed to (?:initialize|create) CoreCLR|Unhandled exception\. ",
    re.MULTILINE,
)


def _go(text: str) -> Line | None:
    found = _GO.match(text)
    if found is None:
        return None
    words = text[found.end() :]
    document = object_in(words) if words.startswith("{") else None
    if document is not None and "errorMessage" in document:
        facts = error_of(document)
        return Uncaught(facts.error_type, facts.message or "", facts.stack)
    leveled = _SLOG_DEFAULT.match(words)
    if leveled is None:
        return Said(words)
    return Said(words[leveled.end() :], level_of(leveled.group(1)))


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


def _ruby_error(text: str) -> Line | None:
    """The runtime's sentence and its error in one event; in two events the second is JSON and speaks for itself."""
    begins = text.find("{", 0, 400)
    document = object_in(text[begins:]) if begins > 0 else None
    if document is None or "errorType" not in document:
        return None
    facts = error_of(document)
    return Uncaught(facts.error_type, facts.message or "", facts.stack)


def _bref(text: str) -> Line | None:
    """PHP on Bref writes Node's words, without the time and the level."""
    found = _BREF.match(text)
    document = object_in(text[found.end() :]) if found else None
    if found is None or document is None:
        return None
    facts = error_of(document)
    return Uncaught(facts.error_type, facts.message or "", facts.stack, found.group(1))


def _dotnet_core(text: str) -> Line | None:
    """.NET Core 1 to 3: message and type first, without the namespace; then the frames, down to the runtime's own."""
    found = _DOTNET_CORE.match(text) if _CALLS_HANDLER in text else None
    return Uncaught(found.group(2), found.group(1), text[found.end() :].rstrip()) if found else None


def _php(text: str) -> Line | None:
    found = _PHP.match(text)
    return Fault("crash", None, found.group(1), found.group(2).strip()) if found and found.group(2) else None


def rust(text: str) -> Line | None:
    found = _RUST.match(text)
    if found is None:
        return None
    label, span = found.groups()
    who = _RUST_ID.search(span) if span else None
    return Said(text[found.end() :], level_of(label), who.group(1) if who else None)


def _rust_panic(text: str) -> Line | None:
    """Until 2023 the message stood in the first line, now it stands in the second."""
    found = _RUST_PANIC.match(text)
    if found is None:
        return None
    second = text[found.end() :].strip("\n").partition("\n")[0]
    words = found.group(1) or (second if second and not second.startswith(("note: ", "stack backtrace")) else "")
    return Fault("crash", None, "panic", words or text.partition("\n")[0])


def _cry(text: str) -> Line | None:
    head = text[:CRY_CHARS]
    if any(words in head for words in _OUT_OF_MEMORY):
        return Fault("oom", None, None, head.partition("\n")[0])
    if _CRIES.match(head) is None:
        return None
    first = head.partition("\n")[0]
    thrown = tracebacks.dotnet_thrown(first.removeprefix("Unhandled exception. "))
    return Fault("crash", None, thrown.error_type if thrown else None, thrown.message if thrown else first)


SHAPES = (
    Shape("go log", "2", "the log package's time; the runtime's own errors are JSON after it", _go),
    Shape("go panic", "panic: ", "a goroutine nobody recovers: one event a line, put together", _go_panic),
    Shape("rust tracing", "2", "lambda_runtime's span carries the request id", rust),
    Shape("rust panic", "thread '", "the runtime may catch it: a hint, like every death cry", _rust_panic),
    *(Shape("ruby error", sentence, "the runtime's sentence before its JSON", _ruby_error) for sentence in _RUBY_ERROR),
    Shape("php on bref", "", "request id, `Invoke Error`, JSON", _bref, "0123456789abcdefABCDEF", ("Invoke Error\t",)),
    Shape(".net core uncaught", "", "before .NET 5 the runtime wrote it as it answered it", _dotnet_core, "",
          (_CALLS_HANDLER,)),
    Shape("php fatal", "Fatal error: ", "PHP's last words on standard output", _php),
    Shape("php fatal, logged", "PHP Fatal error: ", "PHP's last words on standard error", _php),
    Shape("ruby logger", "", "Logger's letter, time, severity and request id", _ruby, "DIWEFA", (", [",)),
)  # fmt: skip
LAST_WORDS = (
    Shape("death cry", "", "the last words of a process, in any runtime", _cry,
          marks=(" fault", "rror", "ERROR: ", "emory", "Killed", "terminate called", "ld-linux", "GLIBC_", "panicked",
                 "GCs", "xception", "CoreCLR")),
)  # fmt: skip
