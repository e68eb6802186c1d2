"""Python's text lines: `[LEVEL]\\t<time>\\t<request id>\\t<words>`, and `[ERROR] Type: message` when uncaught.

The tab after the bracket tells them apart: the logger writes one, the runtime's own error line does not.
Uncaught errors indent with U+00A0, so that consoles keep the blanks.
"""

from __future__ import annotations

import re

from collectors import tracebacks
from collectors.levels import is_error, level_of
from collectors.lines import Line, Said, Uncaught
from collectors.shapes import Shape, is_request_id

_UNCAUGHT = re.compile(r"\[ERROR\](?: ([A-Za-z_][\w.]{0,200})(?::|$))?[ ]?([^\n]{0,4000})")
_ERROR_NAME = re.compile(r"(?:Runtime|Function)\.\w+|[\w.]*(?:Error|Exception|Interrupt|SystemExit|StopIteration)")
_BRACKETED = re.compile(r"\[([A-Za-z]{4,11}|Level \d{1,4})\] ?")
_TRACEBACK = f"\n{tracebacks.PYTHON}"


def _logged(text: str) -> Line | None:
    bracket, tab, rest = text.partition("\t")
    level = level_of(bracket[1:-1]) if bracket.endswith("]") else None
    if not tab or (level is None and not bracket.startswith("[Level ")):
        return None
    parts = rest.split("\t", 2)
    if len(parts) < 3 or not (parts[1] == "" or is_request_id(parts[1])):
        return None
    request_id, words = parts[1] or None, parts[2]
    if tracebacks.PYTHON not in words:
        return Said(words, level, request_id)
    said = with_traceback(words, level, request_id)
    if not tracebacks.escaped(words):
        return said
    return Uncaught(said.error_type, said.error_message or "", said.stack, request_id, level)


def with_traceback(words: str, level: str | None = None, request_id: str | None = None) -> Said:
    """A line whose words carry a Python traceback."""
    thrown = tracebacks.python_thrown(words)
    stack = words[words.find(tracebacks.PYTHON) :].replace("\xa0", " ")
    if thrown is None:
        return Said(words, level, request_id, None, words.partition("\n")[0], stack)
    return Said(words, level, request_id, thrown.error_type, thrown.message, stack)


def _uncaught(text: str) -> Line | None:
    found = _UNCAUGHT.match(text)
    if found is None or text.startswith("[ERROR]\t"):
        return None
    error_type, first = found.groups()
    begins = text.find(_TRACEBACK)
    if begins < 0:
        if error_type is None or _ERROR_NAME.fullmatch(error_type) is None:
            return None
        return Uncaught(tracebacks.plain_type(error_type), first, level="ERROR")
    stack = text[begins + 1 :].replace("\xa0", " ").rstrip()
    message = text[found.start(2) : begins].strip()
    return Uncaught(tracebacks.plain_type(error_type) if error_type else None, message, stack, level="ERROR")


def _bracketed(text: str) -> Line | None:
    """`[INFO] words`: Java's LambdaLogger, and many hand-made loggers."""
    found = _BRACKETED.match(text)
    level = level_of(found.group(1)) if found else None
    if found is None or level is None:
        return None
    words = text[found.end() :]
    thrown = tracebacks.jvm_thrown(words) if is_error(level) and "\n\tat " in words else None
    if thrown is None:
        return Said(words, level)
    return Said(words, level, None, thrown.error_type, thrown.message, words)


def _bare_traceback(text: str) -> Line | None:
    said = with_traceback(text)
    if not tracebacks.escaped(text):
        return said
    return Uncaught(said.error_type, said.error_message or "", said.stack)


SHAPES = (
    Shape("python logger", "[", "the runtime's formatter: level, time, request id and words by tabs", _logged),
    Shape("python uncaught", "[ERROR]", "no tab after the bracket: written by the runtime itself", _uncaught),
    Shape("bracketed level", "[", "LambdaLogger in Java and loggers like it: a level and nothing else", _bracketed),
    Shape("bare traceback", tracebacks.PYTHON, "printed by the function, or by an emulator for it", _bare_traceback),
)
