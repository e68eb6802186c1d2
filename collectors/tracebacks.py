"""Exceptions inside text: their type and message, in Python's, the JVM's and .NET's way of writing them."""

from __future__ import annotations

import re
from typing import NamedTuple

PYTHON = "Traceback (most recent call last):"
_FINAL = re.compile(r"^([A-Za-z_][\w.]{0,200})(?:: ?(.*))?$")
_OUTERMOST = re.compile(r'Traceback \(most recent call last\):\n[ \xa0]+File "([^"\n]{0,400})", line \d+')
_RUNTIME_LOOPS = ("/_worker.py", "/bootstrap.py", "/awslambdaric/bootstrap.py")
"""Files that call handlers: AWS's runtime client, and the emulator's worker."""
JVM_CLASS = r"(?:[a-zA-Z_$][\w$]{0,100}\.){1,20}[A-Za-z_$][\w$]{0,200}"
JVM_THROWN = r"(?:[a-zA-Z_$][\w$]{0,100}\.){1,20}[\w$]{0,200}(?:Exception|Error|Throwable|Fault)"
_JVM_HEAD = re.compile(rf"(?:Exception in thread \"[^\"\n]{{0,100}}\" )?({JVM_THROWN})(?:: (.*))?")
_DOTNET_HEAD = re.compile(r"((?:\w{1,100}\.){0,15}\w{0,150}(?:Exception|Error))(?:: (.*))?")
LONGEST_HEAD = 2_000
"""Characters of a first line looked at: class names and messages that matter are shorter."""


class Thrown(NamedTuple):
    """A type and its message."""

    error_type: str
    message: str


def plain_type(name: str) -> str:
    """A Python exception's own name: runtimes write it bare, tracebacks with its module.

    `Runtime.…` and `Function.…` are whole names of their own."""
    return name if name.startswith(("Runtime.", "Function.")) else name.rpartition(".")[2] or name


def python_thrown(text: str) -> Thrown | None:
    """What the last traceback in a text ends with, or None when no final line is in view."""
    last = text.rfind(PYTHON)
    if last < 0:
        return None
    for line in text[last + len(PYTHON) + 1 :].split("\n"):
        if line and line[0] not in " \t\xa0|+":
            found = _FINAL.match(line[:LONGEST_HEAD])
            return Thrown(plain_type(found.group(1)), found.group(2) or "") if found else None
    return None


def escaped(text: str) -> bool:
    """Whether a printed Python traceback was caught by the runtime itself: its outermost frame is the file that
    calls handlers. One the function caught and printed starts at the function's own frame."""
    found = _OUTERMOST.search(text)
    return found is not None and found.group(1).endswith(_RUNTIME_LOOPS)


def jvm_thrown(text: str) -> Thrown | None:
    """`package.Class: message` at the start of a text, as `Throwable.toString` writes it."""
    found = _JVM_HEAD.fullmatch(text.partition("\n")[0][:LONGEST_HEAD].rstrip())
    return Thrown(found.group(1), found.group(2) or "") if found else None


def dotnet_thrown(text: str) -> Thrown | None:
    """`Namespace.Type: message` at the start of a text, as `Exception.ToString` writes it."""
    found = _DOTNET_HEAD.fullmatch(text.partition("\n")[0][:LONGEST_HEAD].rstrip())
    return Thrown(found.group(1), found.group(2) or "") if found else None
