"""One log message → one `Line`. Never raises, whatever the text.

The tables below are tried in order: what the platform writes before what runtimes write before what loggers write;
the first shape that answers wins. What answers nobody is the function's own print, a `Said` without a level.
"""

from __future__ import annotations

from collectors import (
    console_logs,
    java_logs,
    other_runtimes,
    platform_text,
    python_logs,
    structured_json,
    tabbed_logs,
)
from collectors.documents import object_in
from collectors.lines import Line, Said, unrecognised
from collectors.shapes import Shape, by_first_character, needed, prefixes
from collectors.stitching import STACK_MARKS

TABLE: tuple[Shape, ...] = (
    *platform_text.SHAPES,
    *python_logs.SHAPES,
    *tabbed_logs.SHAPES,
    *java_logs.SHAPES,
    *other_runtimes.SHAPES,
    *console_logs.SHAPES,
    *other_runtimes.LAST_WORDS,
    *console_logs.KEY_VALUES,
)
_BY_FIRST, _ANYWHERE = by_first_character(TABLE)
_WARNING = "LAMBDA_WARNING: "
_CLAIMS = {
    '"_aws"': "embedded metrics",
    '"type":"platform.': "a platform event",
    '"type": "platform.': "a platform event",
    '"level"': "a structured log line",
    '"log_level"': "a structured log line",
}
"""An object cut short is worth a record when it claimed to be one of these."""
CLAIM_CHARS = 400
_PREFIXES = prefixes((*(shape.prefix for shape in TABLE), _WARNING, "{"))
_MARKS = needed(("\n", "\r", *STACK_MARKS, *(mark for shape in TABLE for mark in shape.marks)))
"""What a text has none of when it is one line, no shape of the table without a prefix, and begins no stack."""


def recognise(message: str) -> Line:
    """What a log message says. `\\r` line ends (unframed stdout) are read as `\\n`."""
    text = _in_line_feeds(message).rstrip("\n")
    if plain(text):
        return Said(text)
    if text.startswith(_WARNING):
        text = _without_warning(text)
    first = text[:1]
    if first == "{" or first.isspace():
        stripped = text.strip()
        if stripped.startswith("{"):
            return _object(stripped)
    for shape in _BY_FIRST.get(first, _ANYWHERE):
        if text.startswith(shape.prefix):
            line = shape.read(text)
            if line is not None:
                return line
    return _claimed(text) or Said(text)


def _in_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def plain(message: str) -> bool:
    """Whether a message is certainly a print of one line: no shape begins like it, and it has no mark of the others.

    A dozen substring searches take 0.6 µs; asking every shape takes 4."""
    first = message[:1]
    own = _PREFIXES.get(first)
    if not first or first.isspace() or (own is not None and message.startswith(own)):
        return False
    text = message[:-1] if message[-1] == "\n" else message
    for mark in _MARKS:  # noqa: SIM110 (a generator takes three times as long)
        if mark in text:
            return False
    return True


def _object(text: str) -> Line:
    document = object_in(text)
    if document is not None:
        record = document.get("record")
        if type(record) is str and document.get("type") == "function" and "time" in document:
            return recognise(record)  # as extensions receive it
        return structured_json.read(document, text)
    head = text[:CLAIM_CHARS]
    claim = next((claim for claim in _CLAIMS if claim in head), None)
    if claim is not None:
        return unrecognised(f"{_CLAIMS[claim]} that is not JSON, or was cut", text)
    return Said(text)


def _claimed(text: str) -> Line | None:
    """A text that begins as only a platform line does, and is not one."""
    if text.startswith("REPORT RequestId: ") and "Duration: " in text[:CLAIM_CHARS]:
        return unrecognised("a REPORT line without a request id", text)
    return None


def _without_warning(text: str) -> str:
    """Python's runtime put a LAMBDA_WARNING sentence before an error in the same event, with or without a line
    break between; by itself the warning is no error."""
    for begins in ("\n{", "\n[", "[ERROR]", '{"timestamp"'):
        at = text.find(begins, len(_WARNING))
        if at >= 0:
            return text[at:].lstrip("\n")
    return text
