"""Which log groups there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from store.faults import translated

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


def discovered(logs: CloudWatchLogsClient, prefixes: Iterable[str]) -> list[str]:
    """Names of all log groups under these prefixes, each once. A prefix without groups is no error.

    Raises PermissionDenied, Throttled, EndpointUnreachable."""
    return list(dict.fromkeys(name for prefix in prefixes for name in _under(logs, prefix)))


def _under(logs: CloudWatchLogsClient, prefix: str) -> Iterator[str]:
    token: str | None = None
    while True:
        paging: dict[str, Any] = {"nextToken": token} if token else {}
        with translated(f"log groups {prefix}*"):
            page = logs.describe_log_groups(logGroupNamePrefix=prefix, **paging)
        yield from (group["logGroupName"] for group in page["logGroups"])
        token = page.get("nextToken")
        if not token:
            return
