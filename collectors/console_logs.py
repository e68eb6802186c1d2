"""Loggers' console formats: a level, perhaps a time and a name, then words, in whatever language.

Only what a logger writes is believed to have a level: `print("ERROR: …")` is a print.
"""

from __future__ import annotations

import re

from collectors import tracebacks
from collectors.levels import is_error, level_of
from collectors.lines import Line, Said
from collectors.other_runtimes import rust
from collectors.shapes import STAMP, Shape, is_request_id
from collectors.tabbed_logs import dotnet_logged

_TIMED = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?: - [\w.]{1,100} -)?[ \t]{1,4}"
    r"\[?(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\]?:?(?: -)?[ \t]{1,4}"
)
_SERILOG = re.compile(r"\[\d\d:\d\d:\d\d (VRB|DBG|INF|WRN|ERR|FTL)\] ")
_NAMED = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL):[\w.]{1,200}:")
_PADDED = re.compile(r"(?:DEBUG: {4}|INFO: {5}|WARNING: {2}|ERROR: {4}|CRITICAL: )(?=\S)")
"""uvicorn's: level and colon take ten columns."""
_DOTNET = re.compile(r"(trce|dbug|info|warn|fail|crit): [\w.+`<>\[\],]{1,200}\[-?\d{1,6}\]\n {6}")
_NEST = re.compile(
    r"\[Nest\] \d{1,7} {1,4}- [^\n]{6,40}? {2,7}(LOG|ERROR|WARN|DEBUG|VERBOSE|FATAL) (?:\[[^\]\n]{1,100}\] )?"
)
_STATUS = re.compile(
    rf"(?:{STAMP} [\w-]{{1,60}} (TRACE|DEBUG|INFO|WARN|ERROR|FATAL) (?=[\w$.]{{2,200}} )"
    r"|(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) StatusLogger |log4j:(WARN|ERROR) )"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]{0,12}m")
_LOGFMT_LEVEL = re.compile(r"(?:^| )(?:level|lvl)=\"?(\w{1,12}(?:[+-]\d{1,3})?)\"?(?= |$)")
_LOGFMT_ID = re.compile(r"(?:^| )(?:requestId|request_id|aws_request_id)=\"?([0-9a-fA-F-]{36})\"?(?= |$)")
_LOGFMT_WORDS = re.compile(r"(?:^| )(?:message|msg)=(\"(?:[^\"\\]|\\.){0,4000}\"|\S{0,4000})")
LOGFMT_CHARS = 8_000
"""Keys past this are not looked for: the line is still kept whole."""
_PYTHON_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_DOTNET_LEVELS = ("trce", "dbug", "info", "warn", "fail", "crit")


def _timed(text: str) -> Line | None:
    """Time, level, words: zap's console, Python's and Quarkus' usual formats, and what people make themselves."""
    return _leveled(_TIMED.match(text), text)


def _serilog(text: str) -> Line | None:
    return _leveled(_SERILOG.match(text), text)


def _named(text: str) -> Line | None:
    found = _NAMED.match(text) or _PADDED.match(text)
    return _with_level(text[found.end() :], text.partition(":")[0]) if found else None


def _nest(text: str) -> Line | None:
    return _leveled(_NEST.match(text), text)


def _status(text: str) -> Line | None:
    return _leveled(_STATUS.match(text), text)


def _leveled(found: re.Match[str] | None, text: str) -> Line | None:
    return _with_level(text[found.end() :], found.group(found.lastindex or 1)) if found else None


def _with_level(words: str, label: str) -> Said:
    level = level_of(label)
    if not is_error(level) or tracebacks.PYTHON not in words:
        return Said(words, level)
    thrown = tracebacks.python_thrown(words)
    stack = words[words.find(tracebacks.PYTHON) :]
    return Said(words, level, None, thrown.error_type, thrown.message, stack) if thrown else Said(words, level)


def _dotnet(text: str) -> Line | None:
    """The level and the logger's name, then the words six blanks to the right."""
    found = _DOTNET.match(text)
    if found is None:
        return None
    words, level = text[found.end() :].replace("\n      ", "\n"), level_of(found.group(1))
    return dotnet_logged(words, level, None) if is_error(level) else Said(words, level)


def _coloured(text: str) -> Line | None:
    """Loggers colour their lines unless told not to; terminals see it, logs show the escapes."""
    plain = _COLOURS.sub("", text[:LOGFMT_CHARS])
    readings = (read(plain) for read in (rust, _nest, _dotnet, _named, _timed))
    return next((line for line in readings if line is not None), None)


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


SHAPES = (
    Shape("time and level", "2", "whatever writes a time, a level and words", _timed),
    Shape("log4j speaks of itself", "2", "time, thread, level, class: its configuration is missing or wrong", _status),
    *(Shape("log4j speaks of itself", prefix, "the same, before 2.24 and in version 1", _status)
      for prefix in ("WARN StatusLogger ", "ERROR StatusLogger ", "log4j:")),
    Shape("serilog console", "[", "Serilog's default template", _serilog),
    Shape("nest", "[Nest] ", "process, time, level and context", _nest),
    *(Shape("python root logger", f"{level}:", "basicConfig's level, name and words by colons; or uvicorn's", _named)
      for level in _PYTHON_LEVELS),
    *(Shape(".net console", f"{level}: ", "ASP.NET's default: the level, then name and event id", _dotnet)
      for level in _DOTNET_LEVELS),
    Shape("coloured", "\x1b[", "terminal colours are on unless a function turns them off", _coloured),
)  # fmt: skip
KEY_VALUES = (
    Shape("logfmt", "", "key=value loggers: slog, logrus, and lambdacontext's text handler", _logfmt,
          marks=("level=", "lvl=")),
)  # fmt: skip
