"""What functions and runtimes write, per runtime: each real line alone and with every line end."""

import pytest

from collectors.lines import Fault, Line, Said, Uncaught
from collectors.recognise import recognise

ID = "c793869b-ee49-115b-a5b6-4fd21e8dedac"
NOW = "2026-11-23T19:12:31.752Z"
FRAME = '  File "/var/task/h.py", line 17, in f\n    …'
UNCAUGHT = (
    '[ERROR] ValueError: bad\nvalue\nTraceback (most recent call last):\n'
    '\xa0\xa0File "/var/task/h.py", line 22, in boom\n'
    '\xa0\xa0\xa0\xa0raise ValueError("bad\\nvalue")'
)
JAVA = (
    "java.lang.RuntimeException: woops\n\tat testpkg.StackTraceHelper.throwRuntimeException(StackTraceHelper.java:12)"
)
ESCAPED = (
    'Traceback (most recent call last):\n  File "/tmp/w/_worker.py", line 118, in run\n    result = handler(event)\n'
    "  File \"/var/task/h.py\", line 2, in handler\n    raise KeyError('k')\nKeyError: 'k'"
)

SHAPES: list[tuple[str, str, Line]] = [
    ("python logger", f"[INFO]\t{NOW}\t{ID}\thello x", Said("hello x", "INFO", ID)),
    ("python logger, warning", f"[WARNING]\t{NOW}\t{ID}\tcareful", Said("careful", "WARN", ID)),
    ("python logger in init", f"[WARNING]\t{NOW}\t\tearly", Said("early", "WARN")),
    (
        "python logger.exception",
        f"[ERROR]\t{NOW}\t{ID}\toops\nTraceback (most recent call last):\n{FRAME}\nKeyError: 'k'",
        Said(
            f"oops\nTraceback (most recent call last):\n{FRAME}\nKeyError: 'k'", "ERROR", ID, "KeyError", "'k'",
            f"Traceback (most recent call last):\n{FRAME}\nKeyError: 'k'",
        ),
    ),
    (
        "python uncaught",
        UNCAUGHT,
        Uncaught("ValueError", "bad\nvalue", UNCAUGHT.partition("value\n")[2].replace("\xa0", " "), level="ERROR"),
    ),
    (
        "python import failure",
        "[ERROR] Runtime.ImportModuleError: Unable to import module 'nomod': No module named 'nomod'\n"
        "Traceback (most recent call last):",
        Uncaught(
            "Runtime.ImportModuleError", "Unable to import module 'nomod': No module named 'nomod'",
            "Traceback (most recent call last):", level="ERROR",
        ),
    ),
    ("python error without a stack", "[ERROR] KeyError: 'k'", Uncaught("KeyError", "'k'", level="ERROR")),
    ("bracketed words", "[ERROR] payment declined", Said("payment declined", "ERROR")),
    ("java lambda logger", "[INFO] hello", Said("hello", "INFO")),
    (
        "node console.log",
        f"{NOW}\t{ID}\tINFO\thello {{ a: 1 }}",
        Said("hello { a: 1 }", "INFO", ID),
    ),
    (
        "node uncaught",
        f'{NOW}\t{ID}\tERROR\tInvoke Error \t{{"errorType":"MyName","errorMessage":"bad\\nthing","code":"E1",'
        '"name":"MyName","stack":["MyName: bad","thing","    at f (/var/task/i.js:1:1)"]}',
        Uncaught("MyName", "bad\nthing", "MyName: bad\nthing\n    at f (/var/task/i.js:1:1)", ID, "ERROR"),
    ),
    (
        "node init",
        f'{NOW}\tundefined\tERROR\tUncaught Exception \t{{"errorType":"Runtime.ImportModuleError","errorMessage":'
        '"Error: Cannot find module \'x\'","stack":["a","b"]}',
        Uncaught("Runtime.ImportModuleError", "Error: Cannot find module 'x'", "a\nb", None, "ERROR"),
    ),
    (
        "node rejection",
        f'{NOW}\t{ID}\tERROR\tUnhandled Promise Rejection \t{{"errorType":"Runtime.UnhandledPromiseRejection",'
        '"errorMessage":"Error: rej","reason":{"errorType":"Error","errorMessage":"rej","stack":["Error: rej"]},'
        '"promise":{},"stack":["x"]}',
        Uncaught("Runtime.UnhandledPromiseRejection", "rej", "Error: rej", ID, "ERROR"),
    ),
    (
        "node console.error(err)",
        f"{NOW}\t{ID}\tERROR\tMyName: alone\r    at Object.<anonymous> (/var/task/i.js:3:9)",
        Said(
            "MyName: alone\n    at Object.<anonymous> (/var/task/i.js:3:9)", "ERROR", ID, "MyName", "alone",
            "MyName: alone\n    at Object.<anonymous> (/var/task/i.js:3:9)",
        ),
    ),
    ("java uncaught", f"woops: java.lang.RuntimeException\n{JAVA}\n",
     Uncaught("java.lang.RuntimeException", "woops", JAVA)),
    (
        "java uncaught without a message",
        "java.lang.NullPointerException\njava.lang.NullPointerException\n\tat a.B.c(B.java:1)",
        Uncaught("java.lang.NullPointerException", "", "java.lang.NullPointerException\n\tat a.B.c(B.java:1)"),
    ),
    ("java printed trace", JAVA, Said(JAVA, None, None, "java.lang.RuntimeException", "woops", JAVA)),
    (
        "java class not found",
        "Class not found: app.H: java.lang.ClassNotFoundException\n"
        "java.lang.ClassNotFoundException: app.H. x\n\tat j.N.f(N.java:1)",
        Uncaught(
            "java.lang.ClassNotFoundException", "Class not found: app.H: java.lang.ClassNotFoundException",
            "java.lang.ClassNotFoundException: app.H. x\n\tat j.N.f(N.java:1)",
        ),
    ),
    (
        "log4j2",
        f"2026-11-23 19:12:31 {ID} DEBUG AbstractFlow:214 - SMARequest(a=1)",
        Said("AbstractFlow:214 - SMARequest(a=1)", "DEBUG", ID),
    ),
    (".net", f"{NOW}\t{ID}\tinfo\thello", Said("hello", "INFO", ID)),
    (
        ".net uncaught",
        f"{NOW}\t{ID}\tfail\tSystem.Exception: msg\n   at Function.Handler(Stream s) in /src/F.cs:line 12",
        Uncaught(
            "System.Exception", "msg", "System.Exception: msg\n   at Function.Handler(Stream s) in /src/F.cs:line 12",
            ID, "ERROR",
        ),
    ),
    (
        "go error",
        '2020/03/27 03:40:05 {"errorMessage":"something went wrong!","errorType":"errorString"}',
        Uncaught("errorString", "something went wrong!"),
    ),
    (
        "go panic, recovered by the runtime",
        '2023/11/17 18:52:05 {"errorMessage":"boom","errorType":"string",'
        '"stackTrace":[{"path":"a/main.go","line":9,"label":"main.f"}]}',
        Uncaught("string", "boom", '  File "a/main.go", line 9, in main.f'),
    ),
    ("go panic, one line", "panic: boom", Fault("crash", None, "panic", "boom")),
    (
        "go panic, whole",
        "panic: boom\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/main.go:9 +0x1d",
        Uncaught("panic", "boom", "goroutine 1 [running]:\nmain.f()\n\t/src/main.go:9 +0x1d"),
    ),
    ("go slog text", f"time=x level=ERROR+4 msg=\"it broke\" requestId={ID}", Said("it broke", "ERROR", ID)),
    (
        "ruby uncaught",
        '{\n  "errorMessage": "no implicit conversion",\n  "errorType": "Function<TypeError>",\n  "stackTrace": [\n'
        '    "/var/task/a.rb:3:in `f\'"\n  ]\n}',
        Uncaught("TypeError", "no implicit conversion", "/var/task/a.rb:3:in `f'"),
    ),
    (
        "ruby logger",
        f"E, [2020-06-22T10:14:07.123456 #8] ERROR {ID} -- prog: msg",
        Said("msg", "ERROR", ID),
    ),
    (
        "rust panic",
        "thread 'main' panicked at src/main.rs:4:5:",
        Fault("crash", None, "panic", "thread 'main' panicked at src/main.rs:4:5:"),
    ),
    ("segfault", "Segmentation fault (core dumped)", Fault("crash", None, None, "Segmentation fault (core dumped)")),
    (
        "heap",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        Fault("oom", None, None, "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"),
    ),
    (
        "bare traceback, caught by the runtime",
        ESCAPED,
        Uncaught("KeyError", "'k'", ESCAPED),
    ),
    ("print", "hello", Said("hello")),
]  # fmt: skip


@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=["bare", "LF", "CRLF"])
@pytest.mark.parametrize(("text", "line"), [pytest.param(text, line, id=name) for name, text, line in SHAPES])
def test_a_runtimes_line_is_recognised_whatever_ends_it(text, line, end):
    assert _stripped(recognise(text + end)) == _stripped(line)


@pytest.mark.parametrize(
    ("text", "line"),
    [pytest.param(text, line, id=name) for name, text, line in SHAPES if "\n" in text and "\t{" not in text],
)
def test_inner_line_breaks_may_have_become_carriage_returns(text, line):
    assert _stripped(recognise(text.replace("\n", "\r"))) == _stripped(line)


def test_a_traceback_the_function_caught_and_printed_is_its_own_words():
    line = recognise(f"Traceback (most recent call last):\n{FRAME}\nKeyError: 'k'")
    assert isinstance(line, Said)
    assert (line.level, line.error_type, line.error_message) == (None, "KeyError", "'k'")


def test_a_lambda_warning_before_an_error_is_taken_off():
    warning = "LAMBDA_WARNING: Unhandled exception. The most likely cause is … runtimes-update.html\r"
    line = recognise(
        warning + '{"timestamp": "2024-06-17T17:23:55Z", "log_level": "ERROR", "errorMessage": "no", '
        f'"errorType": "UnicodeDecodeError", "requestId": "{ID}", "stackTrace": ["  File x\\n"]}}\n'
    )
    assert line == Uncaught("UnicodeDecodeError", "no", "  File x", ID, "ERROR")
    assert type(recognise(warning + UNCAUGHT)) is Uncaught


def _stripped(line: Line) -> Line:
    if isinstance(line, Said):
        return line._replace(message=line.message.rstrip(), stack=line.stack.rstrip() if line.stack else None)
    return line
