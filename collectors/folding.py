"""What each line does to its stream, in the order a stream has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from collectors.drafts import EnvironmentDraft
from collectors.endings import invocation
from collectors.events import LogEvent
from collectors.lines import (
    Ended,
    Fault,
    Ignored,
    InitReported,
    InitStarted,
    Line,
    Metrics,
    Reported,
    RuntimeDone,
    Said,
    Started,
    Traced,
    Uncaught,
    Unrecognised,
    unrecognised,
)
from collectors.observations import Init, MetricSaid, Unread, init_of
from collectors.streams import MAX_DOUBTFUL, Stream
from store.records import Invocation

MAX_IGNORED_KINDS = 100


class Fold:
    """Applies lines to streams and collects what comes of it. `Assembler` drains the lists."""

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        """Known lines without bearing, by what they are."""
        self.closed: list[Invocation] = []
        self.inits: list[Init] = []
        self.metrics: list[MetricSaid] = []
        self.unread: list[Unread] = []
        self._on: dict[type, Callable[[Stream, Any, LogEvent], None]] = {
            Started: self._started,
            Ended: self._ended,
            Reported: self._reported,
            RuntimeDone: self._runtime_done,
            Traced: self._traced,
            InitStarted: self._init_started,
            InitReported: self._init_reported,
            Said: self._said,
            Uncaught: self._uncaught,
            Fault: self._fault,
            Metrics: self._measured,
            Ignored: self._ignored,
            Unrecognised: self._unrecognised,
        }

    def apply(self, stream: Stream, line: Line, event: LogEvent) -> None:
        """Let one line change its stream."""
        self._on[type(line)](stream, line, event)

    def settle(self, stream: Stream) -> None:
        """Close every invocation of a stream that has its REPORT, and give up those it could not hold."""
        done = stream.settle()
        if stream.given_up:
            done, stream.given_up = [*stream.given_up, *done], []
        self.closed.extend(invocation(draft) for draft in done)

    def unattached(self, stream: Stream) -> None:
        """The init a stream still holds was followed by no START; failed attempts have been told already."""
        environment, stream.environment = stream.environment, None
        if environment is None:
            return
        told = [pair for pair in environment.reports if pair[0].status in (None, "success")]
        if told:
            self.inits.extend(init_of(environment, report, event) for report, event in told)
        elif not environment.reports and (environment.started is not None or environment.error is not None):
            self.inits.append(init_of(environment))

    def _init_started(self, stream: Stream, line: InitStarted, event: LogEvent) -> None:
        self.unattached(stream)
        stream.managed = stream.managed or line.init_type == "lambda-managed-instances"
        stream.environment = EnvironmentDraft(event, line)

    def _init_reported(self, stream: Stream, line: InitReported, event: LogEvent) -> None:
        running = stream.current if stream.current is not None and not stream.current.ended else None
        environment = stream.environment or (running.environment if running else None)
        if environment is None:
            environment = EnvironmentDraft(event)
            if running is not None:
                running.environment = environment
            else:
                stream.environment = environment
        environment.reports.append((line, event))
        if line.status not in (None, "success"):
            self.inits.append(init_of(environment, line, event))

    def _started(self, stream: Stream, line: Started, event: LogEvent) -> None:
        draft = stream.drafts.get(line.request_id)
        if draft is not None and draft.started is not None and not draft.ended and draft.report is None:
            self._said(stream, Said(event.message), event)
            return
        stream.managed = stream.managed or line.managed
        stream.succeed_silently(event)
        stream.platform_seen = True
        if draft is None or draft.started is not None or draft.report is not None:
            self.settle(stream)
            draft = stream.begin(line.request_id, event)
        else:
            self.settle(stream)
        draft.started, draft.start_event, draft.last = line, event, event
        draft.excerpt.add(event.message)
        draft.tenant_id, draft.trace_id = line.tenant_id or draft.tenant_id, line.trace_id or draft.trace_id
        draft.environment, stream.environment = stream.environment, None
        stream.current = draft
        overtaken = stream.doubtful.pop(line.request_id, None)
        if overtaken is not None:
            self._reported(stream, *overtaken)

    def _ended(self, stream: Stream, line: Ended, event: LogEvent) -> None:
        draft = stream.drafts.get(line.request_id)
        if draft is None and self._is_print(stream):
            self._said(stream, Said(event.message), event)
            return
        stream.platform_seen = True
        draft = draft or stream.begin(line.request_id, event)
        draft.ended, draft.last = True, event
        draft.excerpt.add(event.message)
        for print_ in stream.prints_of(draft):
            draft.absorb(print_)
            del stream.drafts[print_.request_id]
        stream.current = None

    @staticmethod
    def _is_print(stream: Stream) -> bool:
        """A platform line about a request never seen here, while another runs, is that one's print."""
        return not stream.managed and stream.current is not None and stream.current.started is not None

    def _reported(self, stream: Stream, line: Reported, event: LogEvent) -> None:
        draft = stream.drafts.get(line.request_id)
        if draft is None and self._is_print(stream):
            if len(stream.doubtful) < MAX_DOUBTFUL:
                stream.doubtful[line.request_id] = (line, event)
            self._said(stream, Said(event.message), event)
            return
        stream.succeed_silently(event)
        stream.platform_seen = True
        if draft is None or (draft.report is not None and draft.believed):
            self.settle(stream)
            draft = stream.begin(line.request_id, event)
        draft.report, draft.report_event, draft.last = line, event, event
        draft.excerpt.add(event.message)
        draft.believed = line.structured or draft.ended or draft.started is None
        if draft.believed and stream.current is draft:
            stream.current = None

    def _runtime_done(self, stream: Stream, line: RuntimeDone, event: LogEvent) -> None:
        draft = stream.owner(line.request_id, event)
        if draft is not None and draft.request_id == line.request_id:
            draft.done, draft.last = line, event
            draft.trace_id = draft.trace_id or line.trace_id

    def _traced(self, stream: Stream, line: Traced, event: LogEvent) -> None:
        reported = [draft for draft in stream.drafts.values() if draft.report is not None]
        if reported:
            reported[-1].trace_id = reported[-1].trace_id or line.trace_id

    def _said(self, stream: Stream, line: Said, event: LogEvent) -> None:
        draft = stream.owner(line.request_id, event)
        if draft is not None:
            draft.say(line, event)
        elif stream.environment is not None:
            stream.environment.excerpt.add(event.message)

    def _uncaught(self, stream: Stream, line: Uncaught, event: LogEvent) -> None:
        draft = stream.owner(line.request_id, event)
        if draft is not None:
            draft.raised(line, event)
            return
        if stream.environment is None:
            stream.environment = EnvironmentDraft(event)
        stream.environment.excerpt.add(event.message)
        stream.environment.error = line

    def _fault(self, stream: Stream, line: Fault, event: LogEvent) -> None:
        if line.kind in ("oom", "crash") or line.request_id is None:
            self._hint(stream, line, event)
            return
        draft = stream.known(line.request_id)
        if draft is None and self._is_print(stream):
            self._said(stream, Said(event.message), event)
            return
        draft = draft or stream.begin(line.request_id, event)
        draft.excerpt.add(event.message)
        draft.fault, draft.last = line, event

    def _hint(self, stream: Stream, line: Fault, event: LogEvent) -> None:
        self._said(stream, Said(event.message), event)
        draft = stream.owner(None, event)
        if draft is None:
            return
        if line.kind == "timeout":
            draft.tentative = line
        elif draft.hint is None or line.kind == "oom":
            draft.hint = line

    def _measured(self, stream: Stream, line: Metrics, event: LogEvent) -> None:
        draft = stream.owner(None, event)
        request_id = line.request_id or (draft.request_id if draft is not None else None)
        self.metrics.extend(MetricSaid(point, event, request_id) for point in line.points)
        for reason in line.refused:
            self._unrecognised(stream, unrecognised(f"embedded metrics: {reason}", event.message), event)

    def _ignored(self, stream: Stream, line: Ignored, event: LogEvent) -> None:
        known = line.what in self.ignored or len(self.ignored) < MAX_IGNORED_KINDS
        self.ignored[line.what if known else "others"] += 1

    def _unrecognised(self, stream: Stream, line: Unrecognised, event: LogEvent) -> None:
        self.unread.append(Unread(line.reason, line.sample, event))
        draft = stream.owner(None, event)
        if draft is not None:
            draft.excerpt.add(event.message)
