"""Same root cause, same fingerprint: type, message without its particulars, and the function's own frames.

`PATTERNS` is an ordered table: what is longer and more certain goes before what is shorter. Quoted words stay, because
errors quote the names of keys, modules and columns, and a missing `user_id` is not a missing `order_id`; particulars
inside quotes (ids, numbers, dates, paths) are replaced like any other. Changing the table changes groups: raise
`VERSION` with it.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from collectors.frames import own_frames

VERSION = "1"
MESSAGE_CHARS = 1_000
"""What tells causes apart stands at the beginning; payloads quoted behind it do not."""


class Pattern(NamedTuple):
    """One kind of particular: what stands in its place, why it is one, and how it looks."""

    name: str
    reason: str
    expression: re.Pattern[str]

    @property
    def placeholder(self) -> str:
        """What stands in a message instead."""
        return f"<{self.name}>"


def _pattern(name: str, reason: str, expression: str) -> Pattern:
    return Pattern(name, reason, re.compile(expression, re.ASCII))


PATTERNS = (
    _pattern("url", "hosts and queries vary by stage and record", r"\b[a-z][a-z0-9+]{1,10}://[^\s\"'<>)\]}]{1,500}"),
    _pattern("arn", "accounts, regions and names of one resource", r"\barn:aws[a-z-]{0,12}:[^\s\"'<>,;)]{1,300}"),
    _pattern("email", "who it was", r"\b[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}\b"),
    _pattern("trace", "an X-Ray trace id, before its parts match", r"\b1-[0-9a-f]{8}-[0-9a-f]{24}\b"),
    _pattern(
        "uuid", "request ids, keys", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"
    ),
    _pattern(
        "date",
        "when it was, ISO or slashes, with or without time",
        r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?",
    ),
    _pattern(
        "date",
        "RFC 1123, as in HTTP headers",
        r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? \d{1,2} [A-Z][a-z]{2} \d{4}(?: \d\d:\d\d:\d\d(?: [A-Z]{3})?)?",
    ),
    _pattern("time", "a time of day", r"\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b"),
    _pattern("ip", "IPv4, with or without a port", r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b"),
    _pattern("ip", "IPv6, written out", r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}(?![\w:])"),
    _pattern("host", "EC2-style names carry an address", r"\bip(?:-\d{1,3}){4}[\w.-]{0,100}"),
    _pattern("address", "where in memory it was", r"\b0x[0-9a-fA-F]{2,16}\b|(?<=@)[0-9a-f]{6,16}\b"),
    _pattern(
        "line",
        "line numbers move with every edit",
        r"(?<=[Ll]ine )\d+(?:,? col(?:umn)? \d+)?|(?<=\.\w\w):\d+(?::\d+)?",
    ),
    _pattern(
        "path",
        "absolute paths differ by build, layer and temporary folder",
        r"(?<![\w.<>/])/(?:[\w.@+~$-]{1,120}/){1,20}[\w.@+~$-]{0,120}",
    ),
    _pattern("hash", "digests, commits: long hex with a digit", r"\b(?=[0-9a-fA-F]{0,128}\d)[0-9a-fA-F]{12,128}\b"),
    _pattern(
        "id",
        "prefixed or mixed ids such as ord_8KzX2, i-0abc123, SKU-1234: letters and digits together",
        r"\b(?=[A-Za-z0-9_-]{0,60}\d)(?:[A-Za-z]{1,12}[-_#])?(?=\w{0,60}\d)(?=\w{0,60}[A-Za-z])[A-Za-z0-9]{6,64}\b"
        r"|\b[A-Za-z]{1,12}[-_#]\d[\w-]{0,60}",
    ),
    _pattern(
        "number",
        "counts, amounts, positions; not codes that name the cause (HTTP 404, status 500, Errno 13)",
        r"(?<![A-Za-z0-9_])(?<!HTTP )(?<!HTTP/1\.1 )(?<![Ss]tatus )(?<![Cc]ode )(?<![Cc]ode: )(?<![Ee]rrno )"
        r"[-+]?\d[\d.,_]*(?:[eE][-+]?\d+)?%?"
        r"(?=$|[^A-Za-z0-9_]|(?:ms|s|m|h|kb|mb|gb|KB|MB|GB|KiB|MiB|B)\b)",
    ),
)  # fmt: skip
_BLANKS = re.compile(r"\s+")


def normalised(message: str) -> str:
    """A message with its particulars replaced, blanks collapsed, and cut to `MESSAGE_CHARS`."""
    text = message[: 4 * MESSAGE_CHARS]
    for pattern in PATTERNS:
        text = pattern.expression.sub(pattern.placeholder, text)
    return _BLANKS.sub(" ", text).strip()[:MESSAGE_CHARS]


def fingerprint(
    function: str, error_type: str | None, message: str | None, stack: str | None, runtime: str | None = None
) -> str:
    """16 hex characters that stand for one root cause in one function.

    `runtime` (as in `python:3.12.v43`) is no part of it: an upgrade does not make an old error new."""
    parts = (f"v{VERSION}", function, error_type or "", normalised(message or ""), *own_frames(stack))
    joined = "\x1f".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:16]
