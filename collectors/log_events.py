"""The log events of one group and window, page by page, each with an id that is the same in every reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from collectors.events import LogEvent, Names
from store.errors import StoreError
from store.faults import translated

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

PAGE_EVENTS = 10_000
"""FilterLogEvents gives 1 MB or 10,000 events a page."""


class Page(NamedTuple):
    """Some events, and whether more may follow."""

    events: list[LogEvent]
    more: bool


def pages(logs: CloudWatchLogsClient, group: str, start: int, end: int) -> Iterator[Page]:
    """Events with start ≤ timestamp ≤ end (epoch ms), oldest first; in one stream, in the order it holds them.

    A page may be empty while more follow; only a page without a token is the last. A full last page is asked for
    again from its last millisecond on, because not every implementation gives a token with it; so is what a token
    stood for that is accepted no longer. Raises PermissionDenied, Throttled, TableMissing (the group is gone),
    EndpointUnreachable."""
    last: list[LogEvent] = []
    while True:
        before = {(event.log_stream, event.id) for event in last}
        names = Names()
        full, refused = False, None
        try:
            for answer in _answers(logs, group, start, end):
                events = [_event(wire, group, names) for wire in answer["events"]]
                token = bool(answer.get("nextToken"))
                full = len(events) >= PAGE_EVENTS and not token
                last = _last_millisecond(last, events)
                yield Page([one for one in events if (one.log_stream, one.id) not in before], token or full)
        except _TokenRefused as error:
            refused = error
        if not last or last[0].timestamp == start:
            if refused:
                raise refused
            return
        if not full and not refused:
            return
        start = last[0].timestamp


class _TokenRefused(StoreError):
    """A token for the next page that is too old, or not from here."""


def _answers(logs: CloudWatchLogsClient, group: str, start: int, end: int) -> Iterator[Any]:
    token: str | None = None
    while True:
        paging: dict[str, Any] = {"nextToken": token} if token else {}
        try:
            with translated(group):
                answer = logs.filter_log_events(logGroupName=group, startTime=start, endTime=end, **paging)
        except StoreError as error:
            if token and "InvalidParameterException" in str(error):
                raise _TokenRefused(str(error)) from error
            raise
        yield answer
        token = answer.get("nextToken")
        if not token:
            return


def _last_millisecond(before: list[LogEvent], events: list[LogEvent]) -> list[LogEvent]:
    if not events:
        return before
    at = events[-1].timestamp
    return [event for event in (*before, *events) if event.timestamp == at]


def _event(wire: dict[str, Any], group: str, names: Names) -> LogEvent:
    at, stream, message = wire.get("timestamp", 0), wire.get("logStreamName", ""), wire.get("message", "")
    return LogEvent(wire.get("eventId") or names.of(at, stream, message), at, message, group, stream)
