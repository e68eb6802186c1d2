"""Stacks → the frames of the function's own code, without line numbers.

Frames of the runtime, the language and installed libraries do not count: they change with versions, and the same
cause reaches them by many ways.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_FRAMES = 30
"""Innermost frames that count: deeper stacks are recursion or frameworks."""
MAX_STACK_CHARS = 32_000
MAX_LINE_CHARS = 600


class FrameShape(NamedTuple):
    """How one runtime writes a frame: groups `where` and `what`, either may be missing."""

    name: str
    reason: str
    pattern: re.Pattern[str]


FRAME_SHAPES = (
    FrameShape(
        "python",
        "file, line and function in fixed words",
        re.compile(r'\s*File "(?P<where>[^"]+)", line [\d?]+(?:, in (?P<what>.+))?'),
    ),
    FrameShape(
        "node",
        "V8: function, then file:line:column in parentheses",
        re.compile(r"\s+at (?:async )?(?:new )?(?P<what>[^()]{1,200}?) \((?P<where>[^()]{1,300}?):\d+:\d+\)\s*$"),
    ),
    FrameShape(
        "node anonymous",
        "V8: file:line:column alone",
        re.compile(r"\s+at (?:async )?(?P<where>[^\s()]{1,300}?):\d+:\d+\s*$"),
    ),
    FrameShape(
        "java",
        "class and method, the file is implied by them",
        re.compile(
            r"\s+at (?:[\w.@/-]{1,60}//?)?(?P<what>[\w.$<>]{1,300})"
            r"\((?:[^()]{1,100}\.(?:java|kt|scala)(?::\d+)?|Native Method|Unknown Source|<generated>)\)"
        ),
    ),
    FrameShape(
        ".net",
        "method with arguments; the file only with debug symbols",
        re.compile(r"\s+at (?P<what>[\w.<>`|+\[\],]{1,300})\([^()]{0,300}\)(?: in .{1,300}:line \d+)?\s*$"),
    ),
    FrameShape(
        "ruby",
        "file:line:in and a quoted method",
        re.compile(r"\s*(?:from )?(?P<where>/[^\s:]{1,300}\.rb):\d+(?::in [`'](?P<what>[^`']{1,200})')?"),
    ),
    FrameShape(
        "go",
        "goroutine dumps: the file on the line after the function",
        re.compile(r"\t(?P<where>/[^\s:]{1,300}\.go):\d+"),
    ),
)  # fmt: skip

_NOT_OURS = re.compile(
    r"^(?:/var/runtime/|/var/lang/|/usr/|/opt/(?:python|nodejs|ruby|java)/|/rapid/|node:|internal/|<frozen |"
    r"<anonymous>$|native$)"
    r"|/(?:site-packages|dist-packages|node_modules|gems|go/pkg/mod|go/src/runtime|lib/python3\.\d+|"
    r"_worker\.py$|bootstrap\.py$|awslambdaric/)"
)
_NOT_OUR_CLASSES = re.compile(
    r"^(?:java|javax|jdk|sun|com\.sun|jakarta|kotlin|scala|lambdainternal|com\.amazonaws|software\.amazon|org\.apache|"
    r"org\.springframework|com\.fasterxml|io\.netty|System|Microsoft|Amazon)\."
    r"|^lambda_method"
)
_TASK_ROOT = re.compile(r"^/(?:var/task|var/runtime/tasks|opt|app)/")
_COUNTERS = re.compile(r"(?<=\$)\d+|(?<=__)\d+|0x[0-9a-f]+|@[0-9a-f]{6,}")
"""Numbers compilers give to lambdas and state machines: they move when any other lambda is added."""


def own_frames(stack: str | None) -> tuple[str, ...]:
    """The function's own frames as `file:function`, neighbours that repeat told once. Empty when none is known."""
    frames: list[str] = []
    for line in (stack or "")[:MAX_STACK_CHARS].split("\n"):
        frame = _frame(line[:MAX_LINE_CHARS])
        if frame is not None and frames[-1:] != [frame]:
            frames.append(frame)
    return tuple(frames[-MAX_FRAMES:])


def _frame(line: str) -> str | None:
    for shape in FRAME_SHAPES:
        found = shape.pattern.match(line)
        if found is None:
            continue
        groups = found.groupdict()
        where, what = (groups.get("where") or "").removeprefix("file://"), groups.get("what") or ""
        if (where and _NOT_OURS.search(where)) or (not where and _NOT_OUR_CLASSES.match(what)):
            return None
        return f"{_place(where)}:{_COUNTERS.sub('#', what).strip()}"
    return None


def _place(where: str) -> str:
    """A file without where its package was unpacked. Outside the roots that are known, its folder and its name:
    an emulator unpacks every deploy somewhere else, and the cause stays the same."""
    inner = _TASK_ROOT.sub("", where)
    return inner if not inner.startswith("/") else "/".join(inner.split("/")[-2:])
