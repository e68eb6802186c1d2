"""Stacks → the frames of the function's own code, without line numbers.

Frames of the runtime, the language and installed libraries do not count: they change with versions, and the same
cause reaches them by many ways. Nor does what compilers and proxies generate.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

MAX_FRAMES = 30
"""Innermost frames that count: deeper stacks are frameworks."""
MAX_STACK_CHARS = 32_000
MAX_LINE_CHARS = 600
COLUMN_DIGITS, MINIFIED_CHARS = 2, 2
"""Nobody writes lines of a thousand characters, bundlers do: names of one or two letters there are theirs, and others
in the next build. From column 100 on is where such lines begin to show."""
REMEMBERED = 2_048
"""Lines of stacks whose frame is kept: stacks differ, their lines repeat. 1 MB at most."""


class FrameShape(NamedTuple):
    """How one runtime writes a frame: words that every such line has, and groups `where` and `what`, of which either
    may be missing."""

    name: str
    reason: str
    mark: str
    pattern: re.Pattern[str]


FRAME_SHAPES = (
    FrameShape("python", "file, line and function in fixed words; exception groups draw a tree before them", 'File "',
               re.compile(r'[\s|+]*File "(?P<where>[^"]+)", line [\d?]+(?:, in (?P<what>.+))?')),
    FrameShape("java", "class and method, the file is implied by them; loggers add the archive", "at ",
               re.compile(r"\s+at (?:[\w.@-]{1,60}/(?:[\w.@-]{0,60}/)?)?(?P<what>[\w.$<>/-]{1,300})"
                          r"\((?:[^()]{1,100}\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source|"
                          r"<generated>|[^()]{1,60}:\d+)\)")),
    FrameShape(".net", "method with arguments; the file only with debug symbols", "at ",
               re.compile(r"\s+at (?P<what>[\w.<>`|+\[\],]{1,300})\([^()]{0,300}\)(?: in .{1,300}:line \d+)?\s*$")),
    FrameShape("node eval", "V8: code made at run time, in parentheses where it was made", "(eval at ",
               re.compile(r"\s+at (?P<what>[^()]{1,200}) \(eval at [^()]{1,200} \((?P<where>[^()]{1,300}?):\d+:\d+\)")),
    FrameShape("node", "V8: function, then file:line:column in parentheses", "at ",
               re.compile(r"\s+at (?:async )?(?:new )?(?P<what>[^()]{1,200}?) \((?P<where>[^()]{1,300}?):\d+:"
                          r"(?P<column>\d+)\)(?: \{)?\s*$")),
    FrameShape("node anonymous", "V8: file:line:column alone; so does Rust below the function", "at ",
               re.compile(r"\s+at (?:async )?(?P<where>[^\s()]{1,300}?):\d+:\d+(?: \{)?\s*$")),
    FrameShape("ruby", "file:line:in and a quoted method, with its class since 3.4", ".rb:",
               re.compile(r"\s*(?:from )?(?P<where>/[^\s:]{1,300}\.rb):\d+(?::in [`'](?P<what>[^`']{1,200})')?")),
    FrameShape("php", "number, file with the line in parentheses, method", ".php(",
               re.compile(r"#\d+ (?P<where>/[^()]{1,300}\.php)\(\d+\): (?P<what>[\w\\:>{}-]{1,200})")),
    FrameShape("rust", "number, path of the function, hash of this build", "::",
               re.compile(r"\s*\d+:\s+(?:0x[0-9a-f]+ - )?(?P<what>[A-Za-z_<{][^\n]{1,300}?)(?:::h[0-9a-f]{16})?\s*$")),
    FrameShape("rust panic", "where a thread panicked", " panicked at ",
               re.compile(r"thread '[^']{0,60}'(?: \(\d+\))? panicked at (?:'.{0,300}', )?"
                          r"(?P<where>[^\s:']{1,200}\.rs):\d+:\d+")),
)  # fmt: skip

_PYTHON_PACKAGES = (
    "aiobotocore|aiohttp|anyio|asyncpg|attr|attrs|aws_lambda_powertools|aws_xray_sdk|awslambdaric|backoff|boto3|"
    "botocore|cryptography|datadog_lambda|ddtrace|django|elasticsearch|fastapi|flask|google|grpc|httpcore|httpx|jmespath|"
    "jsonschema|jwt|mangum|marshmallow|newrelic|numpy|openai|opensearchpy|opentelemetry|pandas|psycopg|psycopg2|"
    "pydantic|pydantic_core|pymongo|pymysql|pynamodb|redis|requests|s3transfer|sentry_sdk|sqlalchemy|starlette|stripe|tenacity|"
    "urllib3|werkzeug|wrapt|yaml"
)
_NOT_OUR_FILES = re.compile(
    r"^(?:/var/runtime/|/var/lang/|/usr/(?!src/app/)|/opt/(?:python|nodejs|ruby|java)/|/rapid/|/rustc/|node:|internal/|"
    r"webpack/|webpack:/{1,3}(?:webpack/|external )|<|[\w.]+\.js$|native$|runtime/|net/http/|reflect/|github\.com/aws/)"
    r"|/(?:site-packages|dist-packages|node_modules|\.yarn|gems|vendor/(?:bundle|[\w.-]+/[\w.-]+)|go/pkg/mod|go/src|"
    r"\.cargo|lib/python3\.\d+)/|/(?:_worker\.py$|bootstrap\.py$|awslambdaric/)"
    rf"|^/var/task/(?:{_PYTHON_PACKAGES})/"
)
"""Zip packages have their libraries beside the function's own folders, so the usual ones are known by name."""
_NOT_OUR_NAMES = re.compile(
    r"^(?:java|javax|jdk|sun|com\.sun|jakarta|kotlin|kotlinx|scala|groovy|clojure|lambdainternal|com\.amazonaws|"
    r"software\.amazon|org\.(?:apache|springframework|hibernate|slf4j|postgresql|aspectj|eclipse|jboss|json|junit|"
    r"mongodb|codehaus|crac|reactivestreams)|com\.(?:fasterxml|google|zaxxer|mysql|mongodb|datadoghq|squareup)|"
    r"ch\.qos|datadog|net\.bytebuddy|okhttp3|retrofit2|feign|reactor|oracle|redis|"
    r"io\.(?:netty|micronaut|quarkus|vertx|lettuce|opentelemetry|reactivex|grpc|smallrye|sentry)|"
    r"System|Microsoft|Amazon|AWS\.Lambda|Newtonsoft|Npgsql|MySql|MongoDB|StackExchange|Polly|Serilog|NLog|MediatR|"
    r"AutoMapper|Dapper|Autofac|Castle|Grpc|Azure|Interop|Internal|Sentry|Datadog)\."
    r"|^(?:lambda_method|main$|rust_|__rust|_?start$)"
    r"|^<?(?:\w+ as )?(?:std|core|alloc|tokio|hyper|hyper_util|tower|futures\w*|tracing|serde\w*|"
    r"lambda_(?:runtime|http|extension)\w*|aws_(?:config|credential|runtime|sdk|sigv4|smithy)\w*)::"
    r"|\$\$(?:\w*CGLIB|FastClass|Lambda|_javassist)|CGLIB\$\$|_\$\$_|\$Proxy\d|GeneratedMethodAccessor|"
    r"\$HibernateProxy\$|\$ByteBuddy\$|_(?:Subclass|ClientProxy)\.|\$Intercepted\."
)
_INLINED = re.compile(r"^<(?:list|dict|set)comp>$")
"""Python 3.12 no longer gives them a frame."""
_TASK_ROOT = re.compile(r"^(?:file://)?/(?:var/task|var/runtime/tasks|usr/src/app|home/app|function|opt|app|src)/")
_WEBPACK = re.compile(r"^.{0,200}?webpack(?:-internal)?:/{1,3}(?:[\w@-]{1,100}/(?=\./|src/))?(?:\./)?")
_WRITTEN_BY_COMPILERS = (
    (re.compile(r"\.?<>c(?:__DisplayClass\w+)?(?=\.<)"), ""),
    (re.compile(r"<(\w+)>(?:d__\w+(?:\.MoveNext)?|b__\w+|g__(\w+)\|\w+)"), r"\1.\2"),
    (re.compile(r"`\d+|\[[\w.,<>\[\]]{0,200}\]|\(eval.*| \[as \w+\]|(?:::)?\{\{closure\}\}"), ""),
    (re.compile(r"^(?:(?:Runtime|Object|Module|exports|Function|Proxy|module)\.)+(?=\w)"), ""),
    (re.compile(r"^(?:(?:block|rescue|ensure)(?: \(\d+ levels\))? in ){1,3}"), ""),
    (re.compile(r"^[\w:]+#(?=\w)"), ""),
    (re.compile(r"(?<=\$)\d+|(?<=__)\d+|(?<=\bfunc)\d+(?:\.\d+)*|0x[0-9a-f]+|@[0-9a-f]{6,}"), "#"),
)
"""Numbers of lambdas and state machines move when any other is added, receivers and classes with the runtime."""
_SUPPRESSED = re.compile(r"\s+Suppressed: ")
_OTHER_GOROUTINE = re.compile(r"\n\ngoroutine \d")
_GO_FRAME = re.compile(
    r"^(?P<what>[A-Za-z][\w./@*()\[\]{}-]{1,300}?)\([^()\n]{0,300}\)\n\t(?P<where>\S{1,300}\.go):\d+[^\n]{0,100}",
    re.MULTILINE,
)
"""Two lines: the function with its arguments as addresses, then the file. Retold as other runtimes tell theirs."""
_BUNDLE_HASH = re.compile(r"(?<=[-._])(?=[A-Za-z]{0,40}\d)[A-Za-z0-9]{6,40}(?=\.)")


def own_frames(stack: str | None) -> tuple[str, ...]:
    """The function's own frames as `file:function`, each told once, by name: in a recursion the order says only how
    deep it was and where it was cut. Empty when none is known."""
    stack = (stack or "")[:MAX_STACK_CHARS]
    frames: list[str] = []
    for line in _of_the_failure(stack):
        frame = _frame(line[:MAX_LINE_CHARS])
        if frame is not None:
            frames.append(frame)
    told = list(dict.fromkeys(frames))
    innermost = told[-MAX_FRAMES:] if 'File "' in stack else told[:MAX_FRAMES]
    return tuple(sorted(innermost))


def _of_the_failure(stack: str) -> list[str]:
    """Lines of the failure itself: not of goroutines that only stood by, nor of what was suppressed meanwhile."""
    began = stack.find("goroutine ")
    if began >= 0:
        other = _OTHER_GOROUTINE.search(stack, began)
        stack = _GO_FRAME.sub(r'  File "\g<where>", line 1, in \g<what>', stack[: other.start()] if other else stack)
    lines: list[str] = []
    suppressed = False
    for line in stack.split("\n"):
        suppressed = not line.startswith("Caused by: ") if suppressed else bool(_SUPPRESSED.match(line))
        if not suppressed:
            lines.append(line)
    return lines


@lru_cache(maxsize=REMEMBERED)
def _frame(line: str) -> str | None:
    for shape in FRAME_SHAPES:
        found = shape.pattern.match(line) if shape.mark in line else None
        if found is None:
            continue
        groups = found.groupdict()
        where, what = (groups.get("where") or "").removeprefix("file://"), (groups.get("what") or "").strip()
        if len(groups.get("column") or "") > COLUMN_DIGITS:
            what = ".".join(word for word in what.split(".") if len(word) > MINIFIED_CHARS)
        if _INLINED.match(what) or (_NOT_OUR_FILES.search(where) if where else _NOT_OUR_NAMES.search(what)):
            return None
        return f"{_place(where)}:{_named(what)}"
    return None


def _named(what: str) -> str:
    for written, name in _WRITTEN_BY_COMPILERS:
        what = written.sub(name, what)
    return what.strip(". ")


def _place(where: str) -> str:
    """A file without where its package was unpacked, and without the hash a bundler put into its name. Outside the
    roots that are known, its folder and its name: an emulator unpacks every deploy somewhere else, and the cause
    stays the same."""
    inner = _WEBPACK.sub("", where) if "webpack" in where else _TASK_ROOT.sub("", where)
    inner = inner if not inner.startswith("/") else "/".join(inner.split("/")[-2:])
    return _BUNDLE_HASH.sub("#", inner.removeprefix("./"))
