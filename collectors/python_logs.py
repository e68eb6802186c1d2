"""Python's text lines: `[LEVEL]\\t<time>\\t<request id>\\t<words>`, and `[ERROR] Type: message` when uncaught.

The tab after the bracket tells them apart: the logger writes one, the runtime's own error line does not.
Uncaught errors indent with U+00A0, so that consoles keep the blanks.
"""

from __future__ import annotations

import re

from collectors import tracebacks
from collectors.levels import is_error, level_of
from collectors.lines import Line, Said, Uncaught
from collectors.shapes import STAMP, UUID, Shape, is_request_id

_UNCAUGHT = re.compile(r"\[ERROR\](?: ([A-Za-z_][\w.]{0,200})(?::|(?=\n)|$))?[ ]?([^\n]{0,4000})")
_ERROR_NAME = re.compile(r"(?:Runtime|Function)\.\w+|[\w.]*(?:Error|Exception|Interrupt|SystemExit|StopIteration)")
_GLUED = re.compile(rf"END RequestId: {UUID}$")
"""The runtime ends its error without a line break: in the tail of an invoke's log, END comes on the same line."""
_BRACKETED = re.compile(r"\[([A-Za-z]{4,11}|Level \d{1,4})\] ?")
_FLATTENED = re.compile(rf"\[([A-Za-z]{{4,8}})\]\s{{1,16}}{STAMP}\s{{1,16}}({UUID})\s{{1,16}}(.*)", re.DOTALL)
_TRACEBACK = f"\n{tracebacks.PYTHON}"
_BEFORE_2018 = re.compile(rf"([^\n]{{0,2000}}): ([A-Za-z_]\w{{0,200}})\n{re.escape(tracebacks.PYTHON)}")
_NO_MODULE = re.compile(
    r"(Unable to import module '[^'\n]{1,200}'|module initialization error|Handler '[^'\n]{1,200}' missing on module"
    r"|Syntax error in module '[^'\n]{1,200}')(?:: ([^\n]*))?"
)
_NO_MODULE_TYPES = {
    "Unable": "Runtime.ImportModuleError",
    "Handler": "Runtime.HandlerNotFound",
    "Syntax": "Runtime.UserCodeSyntaxError",
}


def _logged(text: str) -> Line | None:
    bracket, tab, rest = text.partition("\t")
    level = level_of(bracket[1:-1]) if bracket.endswith("]") else None
    if not tab or (level is None and not bracket.startswith("[Level ")):
        return None
    parts = rest.split("\t", 2)
    if len(parts) < 3 or not (parts[1] == "" or is_request_id(parts[1])):
        return None
    return _said(parts[2], level, parts[1] or None)


def _flattened(text: str) -> Line | None:
    """The same, its tabs turned to blanks by a console or a document."""
    found = _FLATTENED.match(text)
    level = level_of(found.group(1)) if found else None
    return _said(found.group(3), level, found.group(2)) if found and level is not None else None


def _said(words: str, level: str | None, request_id: str | None) -> Line:
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
    text = _GLUED.sub("", text) if text.endswith(tuple("0123456789abcdef")) else text
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


def _uncaught_before_2018(text: str) -> Line | None:
    """`message: Type`, and the same the other way round as the traceback's last line."""
    found = _BEFORE_2018.match(text) if _TRACEBACK in text else None
    thrown = tracebacks.python_thrown(text) if found else None
    if found is None or thrown is None or thrown.error_type != found.group(2):
        return None
    return Uncaught(thrown.error_type, found.group(1), text[found.end(2) + 1 :].rstrip())


def _not_loaded(text: str) -> Line | None:
    """Of Python's and Node's first runtimes: the module did not load, so no handler ever ran."""
    found = _NO_MODULE.match(text)
    if found is None:
        return None
    error_type = _NO_MODULE_TYPES.get(text.partition(" ")[0]) or (found.group(2) or "").partition(" ")[0] or None
    first, _, rest = text.partition("\n")
    return Uncaught(error_type, first, rest.rstrip() or None)


def _bracketed(text: str) -> Line | None:
    """`[INFO] words`: Java's LambdaLogger, and many hand-made loggers."""
    found = _BRACKETED.match(text)
    level = level_of(found.group(1)) if found else None
    if found is None or level is None or (level == "FATAL" and "(NoMemoryError)" in text):
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
    Shape("python logger, flattened", "[", "copied out of a console or a document", _flattened),
    Shape("python uncaught", "[ERROR]", "no tab after the bracket: written by the runtime itself", _uncaught),
    Shape("bracketed level", "[", "LambdaLogger in Java and loggers like it: a level and nothing else", _bracketed),
    Shape("bare traceback", tracebacks.PYTHON, "printed by the function, or by an emulator for it", _bare_traceback),
    Shape("python not loaded", "Unable to import module '", "before 2018, without a level or a type", _not_loaded),
    Shape("python not initialised", "module initialization error", "before 2018, in Python and Node", _not_loaded),
    Shape("python no handler", "Handler '", "before 2018, the handler's name is wrong", _not_loaded),
    Shape("python no syntax", "Syntax error in module '", "before 2018, the module cannot be parsed", _not_loaded),
    Shape("python uncaught, before 2018", "", "message and type first, then the traceback", _uncaught_before_2018, "",
          ("\n",)),
)
