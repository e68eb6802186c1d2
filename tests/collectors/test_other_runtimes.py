"""Go, Ruby, Rust, PHP, custom and long-gone runtimes, and what processes print when they die."""

import json

import pytest

from collectors.lines import Fault, Line, Said, Uncaught
from collectors.recognise import recognise
from store.records import Status
from tests.collectors.stories import A, end, only, report, start

ID = "18fea243-5715-11e7-9ad9-a197117ae4d4"
NOW = "2026-11-23T19:12:31.752Z"
PANICKED = "calling the handler function resulted in a panic, the process should exit"
GO_STACK = [{"path": "logme/main.go", "line": 24, "label": "handler"}]
RUBY = (
    '{\n  "errorMessage": "nil has no each",\n  "errorType": "Function<NoMethodError>",\n  "stackTrace": [\n'
    '    "/var/task/app.rb:18"\n  ]\n}'
)
OLD_PYTHON = (
    'Traceback (most recent call last):\n  File "/var/task/h.py", line 2, in handler\n'
    "ZeroDivisionError: division by zero"
)
GLIBC = "./func: /lib64/libc.so.6: version `GLIBC_2.32' not found (required by ./func)"

SHAPES: list[tuple[str, str, Line]] = [
    ("go's slog around the runtime's error", json.dumps({"time": NOW, "level": "INFO", "msg": json.dumps(
        {"errorMessage": "index out of range", "errorType": "boundsError", "stackTrace": GO_STACK}), "requestId": ID}),
     Uncaught("boundsError", "index out of range", '  File "logme/main.go", line 24, in handler', ID)),
    ("go's slog after a panic", json.dumps({"time": NOW, "level": "INFO", "msg": PANICKED, "requestId": ID}),
     Said(PANICKED, "INFO", ID)),
    ("go's lambdacontext text handler", f"timestamp={NOW} level=WARN message=\"slow answer\" requestId={ID} tenantId=t",
     Said("slow answer", "WARN", ID)),
    ("logrus text", 'time="2026-11-23T19:12:31Z" level=error msg="it broke" error=boom', Said("it broke", "ERROR")),
    ("go-kit logfmt", f"ts={NOW} lvl=warn caller=main.go:7 msg=slow", Said("slow", "WARN")),
    ("ruby, two words and the error in one event", f"Critical exception from handler {RUBY}",
     Uncaught("NoMethodError", "nil has no each", "/var/task/app.rb:18")),
    ("ruby, an init error", "Init error when loading handler app.handler\n" + RUBY.replace("Function", "Init"),
     Uncaught("NoMethodError", "nil has no each", "/var/task/app.rb:18")),
    ("ruby in json", json.dumps({"timestamp": NOW, "level": "ERROR", "message": "Error raised from handler method",
     "requestId": ID, "errorType": "Function<NoMethodError>", "errorMessage": "no", "stackTrace": ["a.rb:1"]}),
     Uncaught("NoMethodError", "no", "a.rb:1", ID, "ERROR")),
    ("ruby's json logger", json.dumps({"timestamp": NOW, "level": "ERROR", "message": "failed", "requestId": ID,
     "errorType": "KeyError", "errorMessage": "no", "stackTrace": ["a.rb:1"], "location": "a.rb:1"}),
     Said("failed", "ERROR", ID, "KeyError", "no", "a.rb:1")),
    ("rust tracing", f'{NOW}  INFO Lambda runtime invoke{{requestId="{ID}" xrayTraceId="Root=1"}}: app::http: hello',
     Said("hello", "INFO", ID)),
    ("rust tracing, outside an invocation", f"{NOW} ERROR app: it broke", Said("app: it broke", "ERROR")),
    ("rust tracing, coloured", f"\x1b[2m{NOW}\x1b[0m \x1b[33m WARN\x1b[0m \x1b[1mLambda runtime invoke\x1b[0m\x1b[1m{{"
     f'\x1b[0m\x1b[3mrequestId\x1b[0m\x1b[2m=\x1b[0m"{ID}"\x1b[1m}}\x1b[0m\x1b[2m:\x1b[0m \x1b[2mapp::x\x1b[0m\x1b[2m:'
     "\x1b[0m slow", Said("slow", "WARN", ID)),
    ("rust panic of old", "thread 'main' panicked at 'Could not retrieve next event', src/runtime.rs:266:17",
     Fault("crash", None, "panic", "Could not retrieve next event")),
    ("rust panic", "thread 'tokio-runtime-worker' (12) panicked at src/main.rs:4:5:\nit broke\nnote: run with x",
     Fault("crash", None, "panic", "it broke")),
    ("php on bref", f'{ID}\tInvoke Error\t{{"errorType":"App\\\\Oops","errorMessage":"no","errorLocation":"a.php, '
     'Line: 3","stack":["#0 a.php(3): f()","#1 {main}"]}',
     Uncaught("App\\Oops", "no", "#0 a.php(3): f()\n#1 {main}", ID)),
    ("php fatal", "PHP Fatal error:  Uncaught RuntimeException: no in /var/task/a.php:3\nStack trace:\n#0 {main}",
     Fault("crash", None, "RuntimeException", "no in /var/task/a.php:3")),
    ("php out of memory", "Fatal error: Allowed memory size of 134217728 bytes exhausted",
     Fault("crash", None, None, "Allowed memory size of 134217728 bytes exhausted")),
    ("node 8, a print", f"{NOW}\t{ID}\tStatus is  ProcessingComplete", Said("Status is  ProcessingComplete", None, ID)),
    ("node 8, uncaught", f'{NOW}\t{ID}\t{{"errorMessage":"no","errorType":"Error","stackTrace":["f (/i.js:1:1)"]}}',
     Uncaught("Error", "no", "f (/i.js:1:1)", ID)),
    ("node 6, last words", f"{NOW}\t{ID}\tTypeError: 'x' is undefined\n    at handler (/i.js:9:33)",
     Fault("crash", None, "TypeError", "'x' is undefined")),
    ("node 6, no module", "Unable to import module 'index': Error\n    at Function.Module._resolveFilename (module.js)",
     Uncaught("Runtime.ImportModuleError", "Unable to import module 'index': Error",
              "    at Function.Module._resolveFilename (module.js)")),
    ("node 6, no init", "module initialization error: ReferenceError\n    at Object.<anonymous> (/var/task/i.js:1:1)",
     Uncaught("ReferenceError", "module initialization error: ReferenceError",
              "    at Object.<anonymous> (/var/task/i.js:1:1)")),
    ("python 2, uncaught", f"division by zero: ZeroDivisionError\n{OLD_PYTHON}",
     Uncaught("ZeroDivisionError", "division by zero", OLD_PYTHON)),
    ("python 2, no module", "Unable to import module 'h': No module named 'x'",
     Uncaught("Runtime.ImportModuleError", "Unable to import module 'h': No module named 'x'")),
    ("python 2, no handler", "Handler 'go' missing on module 'h'",
     Uncaught("Runtime.HandlerNotFound", "Handler 'go' missing on module 'h'")),
    ("logback", "09:24:37.294 [main] INFO  helloworld.App - Retrieving", Said("Retrieving", "INFO")),
    ("spring boot", "2026-08-26T10:55:31.843 ERROR 2 --- [db-dora] [           main] o.s.c.support.X  : no\n"
     "java.lang.IllegalStateException: bad\n\tat a.B.c(B.java:1)", Said("no", "ERROR", None,
     "java.lang.IllegalStateException", "bad", "java.lang.IllegalStateException: bad\n\tat a.B.c(B.java:1)")),
    ("slf4j simple", "[main] INFO Main$ - I has burgers", Said("I has burgers", "INFO")),
    ("serilog console", "[12:00:01 WRN] slow", Said("slow", "WARN")),
    ("slog without a handler", "2023/11/17 18:52:05 ERROR it broke err=boom", Said("it broke err=boom", "ERROR")),
    ("go's log with a level in brackets", "2020/03/27 03:40:05 [WARN] slow", Said("slow", "WARN")),
    ("zap console", "2023-11-17T18:52:05.506Z\tINFO\tmain.go:7\thello", Said("main.go:7\thello", "INFO")),
    ("python basicConfig", "2023-01-01 12:00:00,123 - app.db - WARNING - slow", Said("slow", "WARN")),
    ("quarkus", "2023-02-03 09:24:37,294 INFO  [io.q] (main) up", Said("[io.q] (main) up", "INFO")),
    ("powershell", "[Information] - ## Event", Said("- ## Event", "INFO")),
    ("a time, a level and words", "2025-05-08T10:00:01.000Z ERROR something broke", Said("something broke", "ERROR")),
    ("dying .net", "Unhandled exception. System.InvalidOperationException: bad\n   at P.Main()",
     Fault("crash", None, "System.InvalidOperationException", "bad")),
    (".net core, uncaught", "not allowed: AggregateException\n   at Acme.F.H(Stream s)\n   at lambda_method(Closure , "
     "Stream )", Uncaught("AggregateException", "not allowed",
                         "   at Acme.F.H(Stream s)\n   at lambda_method(Closure , Stream )")),
    (".net core that does not start", "Failed to initialize CoreCLR, HRESULT: 0x80004005",
     Fault("crash", None, None, "Failed to initialize CoreCLR, HRESULT: 0x80004005")),
    ("glibc", GLIBC, Fault("crash", None, None, GLIBC)),
    ("wrong architecture", "fork/exec /var/task/bootstrap: exec format error",
     Fault("crash", None, None, "fork/exec /var/task/bootstrap: exec format error")),
    ("killed", "Killed", Fault("crash", None, None, "Killed")),
    ("c++", "terminate called after throwing an instance of 'std::bad_alloc'", Fault("crash", None, None,
     "terminate called after throwing an instance of 'std::bad_alloc'")),
    ("segfault", "Segmentation fault (core dumped)", Fault("crash", None, None, "Segmentation fault (core dumped)")),
    ("java out of memory in its last handler", "Exception: java.lang.OutOfMemoryError thrown from the "
     "UncaughtExceptionHandler in thread \"main\"", Fault("oom", None, None, "Exception: java.lang.OutOfMemoryError "
     "thrown from the UncaughtExceptionHandler in thread \"main\"")),
    ("ruby out of memory", "[FATAL] failed to allocate memory (NoMemoryError)",
     Fault("oom", None, None, "[FATAL] failed to allocate memory (NoMemoryError)")),
]  # fmt: skip


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"], ids=["bare", "LF", "CRLF"])
@pytest.mark.parametrize(("text", "line"), [pytest.param(text, line, id=name) for name, text, line in SHAPES])
def test_a_line_of_another_runtime_is_recognised_whatever_ends_it(text, line, ending):
    assert recognise(text + ending) == line
    assert recognise(text.replace("\n", "\r") + ending) == line


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text, line in SHAPES
                                  if type(line) is not Said and text[0] != "{"])
def test_a_cry_inside_a_sentence_is_not_one(text):
    assert type(recognise("they said: " + text.partition("\n")[0])) in (Said, Fault)
    assert only(start(), "they said: " + text.partition("\n")[0], end(), report()).status is Status.OK


UNFRAMED: list[tuple[str, list[str], tuple[Status, str | None, str | None]]] = [
    ("rust panic", ["thread 'main' panicked at src/main.rs:4:5:", "it broke", "note: run with `RUST_BACKTRACE=1`"],
     (Status.CRASH, "panic", "it broke")),
    ("ruby", ["Critical exception from handler {", '  "errorMessage": "no",', '  "errorType": "Function<KeyError>",',
              '  "stackTrace": []', "}"], (Status.CRASH, "KeyError", "no")),
    ("node 6", [f"{NOW}\t{A}\tTypeError: no", "    at handler (/i.js:9:33)"], (Status.CRASH, "TypeError", "no")),
    (".net core", ["not allowed: AggregateException", "   at Acme.F.H()", "   at lambda_method(Closure , Stream)"],
     (Status.CRASH, "AggregateException", "not allowed")),
    ("spring", ["woops: java.lang.Error", "java.lang.Error: woops", "    at a.B.c(B.java:1)", "    ... 2 more"],
     (Status.CRASH, "java.lang.Error", "woops")),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "verdict"), [pytest.param(lines, v, id=name) for name, lines, v in UNFRAMED])
def test_what_comes_one_event_a_line_is_put_together(lines, verdict):
    invocation = only(start(), "before", *lines, end(), report(extra="Status: error\tError Type: Runtime.ExitError"))
    assert (invocation.status, invocation.error_type, invocation.error_message) == verdict


def test_a_report_of_one_field_a_line_is_put_together():
    lines = report(extra="Status: error\tError Type: Runtime.ExitError").replace("\t", "\n").splitlines()
    invocation = only(start(), end(), *lines, start("b771fecc-1b53-4faf-922d-1d74357b1676"))
    assert (invocation.status, invocation.duration_ms, invocation.max_memory_mb) == (Status.CRASH, 12.34, 67)


def test_rubys_two_events_are_one_error():
    invocation = only(start(), "Error raised from handler method", RUBY, end(), report())
    assert (invocation.status, invocation.error_type, invocation.levels) == (Status.ERROR, "NoMethodError", {})
