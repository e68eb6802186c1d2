"""Batches of the Telemetry API and the Logs API, as extensions receive them: a list of `{time, type, record}`.

Each is one log message of its own. A list counts as a batch only if all of it has that shape; a function may print
whatever it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.documents import text_of
from collectors.events import LogEvent

_OWN = ("function", "extension")


def is_batch(documents: list[Any]) -> bool:
    """Whether a list is a batch of telemetry, and says something of the platform or a function."""
    return bool(documents) and all(map(_is_telemetry, documents))


def _is_telemetry(document: object) -> bool:
    if not isinstance(document, dict) or "record" not in document or not isinstance(document.get("time"), str):
        return False
    kind = document.get("type")
    return isinstance(kind, str) and (kind.startswith("platform.") or kind in _OWN)


def events(documents: list[Any], log_group: str, log_stream: str) -> Iterator[LogEvent]:
    """A log event for each. They carry no ids; their times stand in their text."""
    return (LogEvent("", 0, text_of(document), log_group, log_stream) for document in documents)
