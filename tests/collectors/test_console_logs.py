"""What loggers write to a console: a level only where it is the logger's, and the error below it."""

import pytest

from collectors.lines import Line, Said
from collectors.recognise import recognise
from tests.collectors.stories import end, only, report, start

T = "2026-11-23T19:12:31.752Z"
PYTHON = 'Traceback (most recent call last):\n  File "/var/task/pay.py", line 3, in charge\nValueError: slow'
NET = "System.TimeoutException: slow\n   at Acme.Pay.Charge() in /src/Pay.cs:line 3"
NET_RIGHT = NET.replace("\n", "\n      ")

SHAPES: list[tuple[str, str, Line]] = [
    ("basicConfig", "WARNING:app.pay:careful", Said("careful", "WARN")),
    ("basicConfig, an error", f"ERROR:root:failed\n{PYTHON}",
     Said(f"failed\n{PYTHON}", "ERROR", None, "ValueError", "slow", PYTHON)),
    ("uvicorn", 'INFO:     127.0.0.1:9 - "GET /" 200 OK', Said('127.0.0.1:9 - "GET /" 200 OK', "INFO")),
    ("uvicorn, an error", f"ERROR:    failed\n{PYTHON}",
     Said(f"failed\n{PYTHON}", "ERROR", None, "ValueError", "slow", PYTHON)),
    (".net console", "info: Microsoft.Hosting.Lifetime[14]\n      Now listening", Said("Now listening", "INFO")),
    (".net console, two lines", "dbug: Acme.Pay[0]\n      one\n      two", Said("one\ntwo", "DEBUG")),
    (".net console, an error", f"fail: Acme.Pay[7]\n      failed\n      {NET_RIGHT}",
     Said("failed", "ERROR", None, "System.TimeoutException", "slow", NET)),
    (".net console in colours", "\x1b[41m\x1b[30mfail\x1b[39m\x1b[22m\x1b[49m: Acme.Pay[7]\n      failed",
     Said("failed", "ERROR")),
    ("nest", "[Nest] 8  - 11/23/2026, 7:12:31 PM     LOG [Factory] up", Said("up", "INFO")),
    ("nest in colours", "\x1b[31m[Nest] 8  - \x1b[39m11/23/2026, 7:12:31 PM \x1b[31m  ERROR\x1b[39m \x1b[38;5;3m[Pay] "
     "\x1b[39m\x1b[31mfailed\x1b[39m", Said("failed", "ERROR")),
    ("log4j speaks of itself", f"{T} main WARN org.acme.Adapter caught java.lang.StackOverflowError logging",
     Said("org.acme.Adapter caught java.lang.StackOverflowError logging", "WARN")),
    ("log4j 2 is not configured", "ERROR StatusLogger No Log4j 2 configuration file found",
     Said("No Log4j 2 configuration file found", "ERROR")),
    ("log4j 1 is not configured", "log4j:WARN No appenders found", Said("No appenders found", "WARN")),
]  # fmt: skip


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"], ids=["bare", "LF", "CRLF"])
@pytest.mark.parametrize(("text", "line"), [pytest.param(text, line, id=name) for name, text, line in SHAPES])
def test_a_loggers_line_has_its_level_and_its_error(text, line, ending):
    assert recognise(text + ending) == line
    assert recognise(text.replace("\n", "\r") + ending) == line


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text, _ in SHAPES])
def test_a_loggers_line_inside_a_sentence_is_a_print(text):
    assert recognise("so: " + text.partition("\n")[0]) == Said("so: " + text.partition("\n")[0])


@pytest.mark.parametrize("text", [
    "ERROR: it broke", "ERROR:  two blanks", "INFO: words", "error: words", "fail: words", "fail: Acme.Pay[7] words",
    "info: [14]", "[Nest] is a bird", "log4j: the book", "WARNING: CPU at 99 %", "ERROR:: words",
])  # fmt: skip
def test_a_print_that_begins_like_one_has_no_level(text):
    assert recognise(text) == Said(text)


def test_a_traceback_below_it_is_put_together_from_one_event_a_line():
    invocation = only(start(), "ERROR:root:failed", *PYTHON.split("\n"), end(), report())
    assert invocation.levels == {"ERROR": 1}
    assert invocation.status == "ok"
