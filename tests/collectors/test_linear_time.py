"""Nothing takes more than linear time: every expression and every reader, on inputs twice as long."""

import importlib
import io
import pkgutil
import re
import time
from typing import Any

import pytest

import collectors
from collectors.events import LogEvent
from collectors.fingerprints import fingerprint
from collectors.invocations import Assembler
from collectors.sources import Source
from tests.collectors.stories import A

SMALL = 50_000
NOISE_S = 0.03
"""Less than this is not measured well enough for a ratio."""
MOST = 3.2
"""Twice the input takes twice the time; four times is quadratic."""
UNITS = {
    "letters": "a", "blanks": " ", "tabs": "\t", "line breaks": "\n", "carriage returns": "\r", "nulls": "\0",
    "braces": "{", "brackets": "[", "quotes": '"', "escaped quotes": '\\"', "apostrophes": "'", "backslashes": "\\",
    "dots": "a.", "colons": "a: ", "dashes": "a-", "digits": "1", "hex": "deadbeef1", "slashes": "/a",
    "equals": "a=1 ", "underscores": "_", "dollars": "a$", "addresses": "1:", "mails": "a@a.", "signs": "-1",
    "no-break blanks": "\xa0", "keys": '"a":1,', "objects": '{"a":', "classes": "java.lang.Exception: ",
    "causes": "Caused by: a.B: c\n", "java frames": "\n\tat a.b(C.java:1)", "node frames": "\n    at a (b.js:1:1)",
    "frames": '\n  File "a", line 1, in b', "tracebacks": "Traceback (most recent call last):\n",
    "reports": f"REPORT RequestId: {A}\t", "fields": "Duration: 1 ms ", "starts": f"START RequestId: {A} Version: 1\n",
    "levels": "level= ", "messages": 'msg="', "stamps": "2026-11-23T19:12:31Z ", "colours": "\x1b[32m",
    "goroutines": "goroutine 1 [running]:\n", "urls": "http://a", "ids": "a1-", "panics": "panic: a\n",
}  # fmt: skip
PREFIXES = (
    "", "{", '{"message":"', '{"_aws":{"CloudWatchMetrics":[', "[ERROR] ", f"REPORT RequestId: {A} ",
    f"RequestId: {A} ", "panic: ", "INIT_REPORT ", "2026-11-23T19:12:31Z\t\tfail\t", "java.lang.Error: ", "at ",
    "2026-11-23T19:12:31.752Z\tundefined\tERROR\t", f"[INFO]\t2026-11-23T19:12:31Z\t{A}\t",
    "Traceback (most recent call last):\n",
)  # fmt: skip


def seconds(work, *arguments) -> float:
    began = time.process_time()
    work(*arguments)
    return time.process_time() - began


def is_linear(work, build) -> bool:
    """Whether twice the input takes no more than about twice the time; tried again, because machines hiccup."""
    for _ in range(4):
        twice = seconds(work, build(2 * SMALL))
        if twice < NOISE_S or twice < MOST * seconds(work, build(SMALL)):
            return True
    return False


def fold(message: str) -> None:
    assembler = Assembler()
    for number in range(2):
        assembler.feed(LogEvent(str(number), 1, message, "g", "s"))
    assembler.finish()
    assembler.closed()


def lines(message: str) -> None:
    """As events, line by line: stacks are put together again. A quarter, because a line may be one character."""
    assembler = Assembler()
    for number, line in enumerate(message[: len(message) // 4].split("\n")):
        assembler.feed(LogEvent(str(number), 1, line, "g", "s"))
    assembler.finish()
    assembler.closed()


def read(text: str) -> None:
    for _ in Source(io.BufferedReader(io.BytesIO(text.encode("utf-8", "replace"))), "test"):
        pass


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("work", [fold, lines, read])
def test_every_reader_takes_linear_time(work, unit):
    slow = [
        prefix
        for prefix in PREFIXES
        if not is_linear(work, lambda size, prefix=prefix: prefix + UNITS[unit] * (size // len(UNITS[unit])))
    ]
    assert slow == []


@pytest.mark.parametrize("unit", UNITS)
def test_a_fingerprint_takes_linear_time(unit):
    def of(text: str) -> None:
        fingerprint("f", text, text, text)

    assert is_linear(of, lambda size: UNITS[unit] * (size // len(UNITS[unit])))


def expressions() -> dict[str, re.Pattern[Any]]:
    """Every compiled expression that stands alone at the top of a module."""
    names = [module.name for module in pkgutil.iter_modules(collectors.__path__) if module.name != "__main__"]
    return {
        f"{name}.{key}": value
        for name in names
        for key, value in vars(importlib.import_module(f"collectors.{name}")).items()
        if isinstance(value, re.Pattern)
    }


@pytest.mark.parametrize("name", expressions())
def test_every_expression_matches_in_linear_time(name):
    expression = expressions()[name]
    literal = re.match(r"[\w :<>-]*", expression.pattern if isinstance(expression.pattern, str) else "")
    begins = literal.group() if literal else ""
    for unit in UNITS.values():
        def build(size: int, unit: str = unit) -> str | bytes:
            text = begins + unit * (size // len(unit)) + "\0"
            return text if isinstance(expression.pattern, str) else text.encode()

        assert is_linear(expression.match, build), unit
