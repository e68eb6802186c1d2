"""One log event, whichever way it came: pushed, pulled, or from a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class LogEvent:
    """A CloudWatch log event. `timestamp` is epoch ms; 0 means the source had none."""

    id: str
    timestamp: int
    message: str
    log_group: str
    log_stream: str


def function_of(log_group: str, log_stream: str = "") -> str:
    """The function's name from its log group, or from the stream of a shared group.

    `/aws/lambda/<name>`, else stream `YYYY/MM/DD/<name>[<version>]<32 hex>`, else the group itself."""
    if log_group.startswith("/aws/lambda/"):
        return log_group.removeprefix("/aws/lambda/").removeprefix("web/")
    named = log_stream.rpartition("/")[2].partition("[")[0]
    return named or log_group
