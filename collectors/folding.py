"""What each line does to its stream, in the order a stream has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from collectors import belated, environments
from collectors.drafts import Draft, EnvironmentDraft
from collectors.embedded_metrics import in_time
from collectors.endings import invocation
from collectors.events import LogEvent
from collectors.lines import (
    SAMPLE_CHARS,
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
)
from collectors.observations import Init, MetricSaid, Unread, init_of
from collectors.streams import MAX_DOUBTFUL, Stream
from store.records import Invocation

MAX_IGNORED_KINDS = 100
MANAGED = "lambda-managed-instances"


def _formats_differ(running: Draft, structured: bool) -> bool:
    """A function's platform lines are all text or all JSON: one of the other kind, inside an invocation, is a print."""
    return running.started is not None and running.started.structured != structured


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
        self.inits.extend(environments.give_up(stream))

    def _init_started(self, stream: Stream, line: InitStarted, event: LogEvent) -> None:
        if environments.is_print(stream, line.phase):
            self._print(stream, event)
            return
        if line.phase != "invoke":
            self.unattached(stream)
        stream.managed = stream.managed or line.init_type == MANAGED
        environments.begin(stream, line, event)

    def _init_reported(self, stream: Stream, line: InitReported, event: LogEvent) -> None:
        if environments.is_print(stream, line.phase):
            self._print(stream, event)
            return
        environment = environments.report(stream, line, event)
        if line.status not in (None, "success"):
            self.inits.append(init_of(environment, line, event))

    def _started(self, stream: Stream, line: Started, event: LogEvent) -> None:
        draft = stream.drafts.get(line.request_id)
        if draft is not None and draft.started is not None and not draft.ended and draft.report is None:
            self._print(stream, event)
            return
        running = stream.running()
        if running is not None and (line.managed or _formats_differ(running, line.structured)):
            self._print(stream, event)
            return
        stream.managed = stream.managed or line.managed
        stream.succeed_silently(event)
        stream.platform_seen = True
        late = belated.overtaken(stream, line, event)
        if late is not None:
            self._begin(stream, late, line, event)
            return
        self.settle(stream)
        if draft is None or draft.started is not None or draft.report is not None:
            draft = stream.begin(line.request_id, event)
        if running is not None and running is not draft:
            draft.within = (running.request_id, running.occurrence)
        self._begin(stream, draft, line, event)
        stream.current = draft
        doubtful = stream.doubtful.pop(line.request_id, None)
        if doubtful is not None:
            self._reported(stream, *doubtful)

    @staticmethod
    def _begin(stream: Stream, draft: Draft, line: Started, event: LogEvent) -> None:
        draft.started, draft.start_event, draft.last = line, event, event
        draft.excerpt.add(event.message)
        draft.tenant_id, draft.trace_id = line.tenant_id or draft.tenant_id, line.trace_id or draft.trace_id
        draft.environment, stream.environment = stream.environment, None
        if draft.environment is not None:
            draft.hint = draft.hint or draft.environment.hint

    def _ended(self, stream: Stream, line: Ended, event: LogEvent) -> None:
        draft = stream.drafts.get(line.request_id)
        if draft is None and stream.running() is not None:
            self._print(stream, event)
            return
        stream.platform_seen = True
        draft = draft or stream.reported_before_its_end(line.request_id) or stream.begin(line.request_id, event)
        if draft.ended and draft.report is not None:
            self._resume(stream, draft)
        draft.ended, draft.last = True, event
        draft.excerpt.add(event.message)
        stream.absorb_prints(draft, event)
        if draft.report is not None:
            draft.believed = True
            if stream.current is draft:
                stream.current = None

    @staticmethod
    def _resume(stream: Stream, draft: Draft) -> None:
        """A second END: the first one, and the REPORT after it, were prints. So what was said since is the draft's."""
        between = stream.environment
        if draft.started is not None and between is not None and between.started is None and not between.reports:
            stream.environment = None
            if between.error is not None:
                draft.raised(between.error, between.event)

    def _print(self, stream: Stream, event: LogEvent) -> None:
        """What cannot be the platform's is the running function's own print."""
        self._said(stream, Said(event.message), event)

    def _reported(self, stream: Stream, line: Reported, event: LogEvent) -> None:
        draft, running = stream.drafts.get(line.request_id), stream.running()
        if running is not None and (draft is None or _formats_differ(running, line.structured)):
            if draft is None and len(stream.doubtful) < MAX_DOUBTFUL:
                stream.doubtful[line.request_id] = (line, event)
            self._print(stream, event)
            return
        stream.succeed_silently(event)
        stream.platform_seen = True
        if draft is None or (draft.report is not None and draft.started is None):
            self.settle(stream)
            draft = stream.begin(line.request_id, event)
        draft.report, draft.report_event, draft.last = line, event, event
        draft.excerpt.add(event.message)
        draft.believed = line.structured or draft.ended or draft.started is None or stream.managed
        if draft.believed and stream.current is draft:
            stream.current = None
        if line.structured and draft.started is not None:
            self._tell_managed(stream, draft, line)
            stream.absorb_prints(draft, event)

    @staticmethod
    def _tell_managed(stream: Stream, draft: Draft, line: Reported) -> None:
        """Managed Instances report a duration and nothing else; where another runs meanwhile, they interleave."""
        if line.billed_ms is None and line.memory_mb is None and not stream.managed:
            others = (other for other in stream.drafts.values() if other is not draft and other.report is None)
            stream.managed = any(other.started is not None for other in others)

    def _runtime_done(self, stream: Stream, line: RuntimeDone, event: LogEvent) -> None:
        draft = stream.owner(line.request_id, event)
        if draft is not None and draft.request_id == line.request_id:
            draft.done, draft.last = line, event
            draft.excerpt.said += 1
            draft.trace_id = draft.trace_id or line.trace_id

    def _traced(self, stream: Stream, line: Traced, event: LogEvent) -> None:
        reported = stream.reported_last() if stream.running() is None else None
        if reported is not None and reported.trace_id is None:
            reported = stream.known(reported.request_id) or reported
            reported.trace_id = line.trace_id

    def _said(self, stream: Stream, line: Said, event: LogEvent) -> None:
        draft = stream.owner(line.request_id, event)
        if draft is not None:
            draft.say(line, event)
        elif stream.environment is not None:
            stream.environment.excerpt.add(event.message)

    def _uncaught(self, stream: Stream, line: Uncaught, event: LogEvent) -> None:
        draft = stream.owner(line.request_id, event) or belated.just_ended(stream, event)
        if draft is not None:
            draft.raised(line, event)
            return
        if stream.managed and stream.platform_seen and stream.environment is None:
            reason = "an uncaught error among several invocations, without a request id"
            self.unread.append(Unread(reason, event.message[:SAMPLE_CHARS], event))
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
        if draft is None and stream.running() is not None:
            self._print(stream, event)
            return
        draft = draft or stream.begin(line.request_id, event)
        draft.excerpt.add(event.message)
        draft.fault, draft.last = line, event

    def _hint(self, stream: Stream, line: Fault, event: LogEvent) -> None:
        if line.kind == "exit" and belated.ended_before(stream, line, event):
            return
        self._print(stream, event)
        owner = stream.owner(None, event) or stream.environment
        if owner is None:
            if stream.managed or line.kind == "timeout":
                return
            owner = stream.environment = EnvironmentDraft(event)
        if isinstance(owner, Draft) and line.kind == "timeout":
            owner.tentative = line
        elif line.kind != "timeout" and (owner.hint is None or line.kind == "oom"):
            owner.hint = line

    def _measured(self, stream: Stream, line: Metrics, event: LogEvent) -> None:
        line = in_time(line, event.timestamp)
        draft = stream.owner(None, event)
        request_id = line.request_id or (draft.request_id if draft is not None else None)
        self.metrics.extend(MetricSaid(point, event, request_id) for point in line.points)
        for reason in line.refused:
            self.unread.append(Unread(f"embedded metrics: {reason}", event.message[:SAMPLE_CHARS], event))

    def _ignored(self, stream: Stream, line: Ignored, event: LogEvent) -> None:
        known = line.what in self.ignored or len(self.ignored) < MAX_IGNORED_KINDS
        self.ignored[line.what if known else "others"] += 1

    def _unrecognised(self, stream: Stream, line: Unrecognised, event: LogEvent) -> None:
        self.unread.append(Unread(line.reason, line.sample, event))
        draft = stream.owner(None, event)
        if draft is not None:
            draft.excerpt.add(event.message)
