"""Same root cause, same fingerprint: type, message without its particulars, what it began with, and the function's
own frames.

The message counts beside the frames, because line numbers do not: one handler that misses `sku` and then `price` fails
for two causes. Of a wrapped error the root's words count instead of the wrapper's. Any change of the rules, here, in
`particulars`, `root_causes` or `frames`, changes groups: raise `VERSION` with it.
"""

from __future__ import annotations

import hashlib

from collectors.frames import own_frames
from collectors.particulars import normalised
from collectors.root_causes import roots_of

VERSION = "3"
"""Stands in every fingerprint: groups of older rules stay as they are, and new failures open new ones."""


def fingerprint(
    function: str, error_type: str | None, message: str | None, stack: str | None, runtime: str | None = None
) -> str:
    """16 hex characters that stand for one root cause in one function.

    `runtime` (as in `python:3.12.v43`) is no part of it: an upgrade does not make an old error new."""
    words = message or ""
    stack = stack or (words if "\n" in words else None)  # the JVM's JSON has the stack in its message
    roots = roots_of(stack)
    told = "" if roots.told_why else normalised(words)
    parts = (f"v{VERSION}", function, _named(error_type), told, *roots.thrown, *own_frames(stack))
    joined = "\x1f".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:16]


def _named(error_type: str | None) -> str:
    """Node writes `Runtime.ImportModuleError` in text and `ImportModuleError` in JSON."""
    return normalised((error_type or "").removeprefix("Runtime."))
