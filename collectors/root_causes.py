"""What a chain of exceptions began with: a wrapper says where a failure was noticed, its root says what failed."""

from __future__ import annotations

import re
from typing import NamedTuple

from collectors.particulars import normalised

MAX_STACK_CHARS = 32_000
_LINKS = re.compile(
    r"^(?:Caused by| {1,3}--->|\s{1,40}\[cause\]:?)(?:: | )(?!\(Inner|\[CIRCULAR)(?P<thrown>[^\n]{1,2000})",
    re.MULTILINE,
)
"""JVM, .NET and V8 print the root last."""
_MARKS = ("Caused by: ", "---> ", "[cause]")
_ERRORS = "[errors]: ["
_ONE_OF_SEVERAL = re.compile(r"^\s{2,40}(?P<thrown>(?:[A-Z]\w{0,100})?(?:Error|Exception)\b[^\n]{0,2000}?),?$",
                              re.MULTILINE)
"""V8 tells the errors of an AggregateError one below the other."""
_BECAUSE = "\nThe above exception was the direct cause of the following exception:"
_WHILE = "\nDuring handling of the above exception, another exception occurred:"
_GROUP = "Exception Group Traceback (most recent call last):"
_PYTHON_THROWN = re.compile(r"^[ |]{0,40}(?P<thrown>[A-Za-z_][\w.]{0,200}(?:: [^\n]{0,2000})?)$", re.MULTILINE)
_SUB_EXCEPTIONS = re.compile(r"\(\d+ sub-exceptions?\)")


class Roots(NamedTuple):
    """Types with their messages, particulars replaced. `told_why`: the program itself said that one follows from the
    other, so the wrapper's own words add nothing."""

    thrown: tuple[str, ...] = ()
    told_why: bool = False


def roots_of(stack: str | None) -> Roots:
    """The roots of a chain; none for an exception that stands alone. Several for a group of exceptions, in an order
    that does not depend on which task was first."""
    text = (stack or "")[:MAX_STACK_CHARS]
    if _GROUP in text:
        return Roots(tuple(sorted({_words(one) for one in _leaves(text)})), told_why=True)
    if _ERRORS in text:
        several = _ONE_OF_SEVERAL.findall(text[text.find(_ERRORS) :])
        if several:
            return Roots(tuple(sorted({_words(one) for one in several})), told_why=True)
    for between, told_why in ((_BECAUSE, True), (_WHILE, False)):
        if between in text:
            first = _PYTHON_THROWN.findall(text[: _earliest(text)])
            return Roots((_words(first[-1]),) if first else (), told_why and bool(first))
    links = _LINKS.findall(text) if any(mark in text for mark in _MARKS) else []
    return Roots((_words(links[-1]),), told_why=True) if links else Roots()


def _earliest(text: str) -> int:
    return min(at for at in (text.find(_BECAUSE), text.find(_WHILE)) if at >= 0)


def _leaves(text: str) -> list[str]:
    return [thrown for thrown in _PYTHON_THROWN.findall(text) if not _SUB_EXCEPTIONS.search(thrown)]


def _words(thrown: str) -> str:
    error_type, colon, message = thrown.rstrip().partition(": ")
    return f"{error_type.rpartition('.')[2]}: {normalised(message)}" if colon else error_type.rpartition(".")[2]
