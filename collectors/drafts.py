"""An invocation in the making, and an environment being made ready: what has been said of them so far."""

from __future__ import annotations

import re

from collectors.events import LogEvent
from collectors.excerpts import Excerpt
from collectors.levels import is_error
from collectors.lines import Fault, InitReported, InitStarted, Reported, RuntimeDone, Said, Started, Uncaught

MAX_MESSAGE_IDS = 1_000
"""An SQS batch with a window holds up to 10,000 messages; failures of more than 1,000 are one failure."""
_STREAM_VERSION = re.compile(r"\[([^\]\[]{1,128})\]\[?[0-9a-f-]{32,36}\]?$")


class EnvironmentDraft:
    """An init that no START has followed yet."""

    __slots__ = ("error", "event", "excerpt", "hint", "reports", "started")

    def __init__(self, event: LogEvent, started: InitStarted | None = None) -> None:
        self.event = event
        self.started = started
        self.reports: list[tuple[InitReported, LogEvent]] = []
        self.error: Uncaught | None = None
        self.hint: Fault | None = None
        """Last words of a process that never came to serve: they name a failure that is known."""
        self.excerpt = Excerpt()

    @property
    def init_type(self) -> str | None:
        """`on-demand`, `provisioned-concurrency`, `snap-start`, …; only JSON says it."""
        said = self.started.init_type if self.started is not None else None
        return said or next((report.init_type for report, _ in self.reports if report.init_type), None)


class Draft:
    """An invocation in the making. Fields are named for the lines that set them."""

    __slots__ = (
        "believed",
        "closes_at",
        "done",
        "ended",
        "environment",
        "excerpt",
        "execution_arn",
        "failed_messages",
        "fault",
        "hint",
        "last",
        "levels",
        "logged",
        "message_ids",
        "occurrence",
        "report",
        "report_event",
        "request_id",
        "said_cold",
        "start_event",
        "started",
        "stream",
        "tentative",
        "tenant_id",
        "trace_id",
        "uncaught",
        "version",
        "within",
    )

    def __init__(self, request_id: str, stream: str, occurrence: int, event: LogEvent) -> None:
        self.request_id, self.stream, self.occurrence = request_id, stream, occurrence
        self.last = event
        self.started: Started | None = None
        self.start_event: LogEvent | None = None
        self.ended = False
        self.done: RuntimeDone | None = None
        self.report: Reported | None = None
        self.report_event: LogEvent | None = None
        self.believed = False
        """Whether its REPORT is no print: JSON, or after an END, or with no START in view."""
        self.closes_at: LogEvent | None = None
        """For an invocation without platform lines: the last event that spoke of it."""
        self.uncaught: Uncaught | None = None
        self.fault: Fault | None = None
        self.hint: Fault | None = None
        self.tentative: Fault | None = None
        """A timeout line without a request id: counts only if nothing was said after it."""
        self.logged: Said | None = None
        self.environment: EnvironmentDraft | None = None
        self.levels: dict[str, int] = {}
        self.excerpt = Excerpt()
        self.message_ids: dict[str, None] = {}
        self.failed_messages: dict[str, Said] = {}
        self.said_cold: bool | None = None
        self.version: str | None = None
        self.tenant_id: str | None = None
        self.trace_id: str | None = None
        self.execution_arn: str | None = None
        self.within: tuple[str, int] | None = None
        """Request id and occurrence of the invocation that was running when this one's START came: it is a print,
        if that one is seen to end later."""

    def say(self, said: Said, event: LogEvent) -> None:
        """Take in the function's own words."""
        self.last = event
        self.excerpt.add(event.message)
        self.tentative = None
        if said.level is not None:
            self.levels[said.level] = self.levels.get(said.level, 0) + 1
            if is_error(said.level) and said.error_type is not None:
                self.logged = said
        if said.request_id == self.request_id and not self.ended:
            # Whoever still logs with the runtime's logger has not exited: an exit line before it was a print.
            self.fault = None
        if said.message_ids:
            self._mention(said)
        if said.request_id is not None or said.cold_start is not None:
            self.said_cold = said.cold_start if said.cold_start is not None else self.said_cold
            self.trace_id = self.trace_id or said.trace_id
            self.tenant_id = self.tenant_id or said.tenant_id
            self.version = self.version or said.version
            self.execution_arn = self.execution_arn or said.execution_arn

    def _mention(self, said: Said) -> None:
        for message_id in said.message_ids:
            if len(self.message_ids) < MAX_MESSAGE_IDS:
                self.message_ids[message_id] = None
                if is_error(said.level) and (said.error_type or message_id not in self.failed_messages):
                    self.failed_messages[message_id] = said

    def raised(self, uncaught: Uncaught, event: LogEvent) -> None:
        """Take in a runtime's uncaught error; the same one said twice is one line of its level."""
        self.last = event
        self.excerpt.add(event.message)
        if self.uncaught == uncaught:
            return
        if uncaught.level is not None:
            self.levels[uncaught.level] = self.levels.get(uncaught.level, 0) + 1
        self.uncaught = uncaught

    def absorb(self, other: Draft) -> None:
        """Take over the lines of a draft that turned out to be a print of this invocation."""
        self.excerpt.extend(other.excerpt.lines())
        for level, count in other.levels.items():
            self.levels[level] = self.levels.get(level, 0) + count
        self.message_ids |= other.message_ids
        self.failed_messages |= other.failed_messages
        self.uncaught = self.uncaught or other.uncaught
        self.logged = other.logged or self.logged


def version_in(log_stream: str) -> str | None:
    """The function version a stream's name states: `2026/11/23/[$LATEST]<32 hex>`."""
    found = _STREAM_VERSION.search(log_stream[-200:])
    return found.group(1) if found else None
