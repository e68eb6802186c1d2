"""Lines that come after what they belong to: streams are in order only to the millisecond, and a process that dies says
so behind its invocation's REPORT."""

from __future__ import annotations

from collectors.drafts import Draft
from collectors.events import LogEvent
from collectors.lines import Fault, Started
from collectors.streams import Stream


def overtaken(stream: Stream, line: Started, event: LogEvent) -> Draft | None:
    """The draft whose REPORT came before this START although it was written after it."""
    draft = stream.drafts.get(line.request_id)
    if draft is None and stream.was_last(line.request_id):
        draft = stream.last
    if draft is None or draft.started is not None:
        return None
    if draft.report_event is None or not 0 < event.timestamp <= draft.report_event.timestamp:
        return None
    return stream.known(line.request_id)


def just_ended(stream: Stream, event: LogEvent) -> Draft | None:
    """Within a millisecond events come in any order: an error no later than the REPORT before it is of that one."""
    if stream.managed or stream.current is not None or stream.environment is not None or event.timestamp <= 0:
        return None
    reported = stream.reported_last()
    if reported is None or reported.report_event is None or event.timestamp > reported.report_event.timestamp:
        return None
    return stream.known(reported.request_id)


def ended_before(stream: Stream, line: Fault, event: LogEvent) -> bool:
    """Whether a process's end without a request id, behind a REPORT, was that of the invocation reported."""
    if stream.managed or stream.environment is not None or stream.running() is not None:
        return False
    reported = stream.reported_last()
    draft = stream.known(reported.request_id) if reported is not None else None
    if draft is None:
        return False
    draft.excerpt.add(event.message)
    draft.fault = line
    return True
