"""One log stream: one execution environment, its open invocations, and which line belongs to which.

Classic environments run one invocation at a time: lines without a request id belong to the one between START and END,
and a platform line about any other is a print. Managed Instances interleave; there only a request id attributes.
"""

from __future__ import annotations

from collectors.drafts import Draft, EnvironmentDraft
from collectors.events import LogEvent
from collectors.lines import Reported
from collectors.stitching import Block

MAX_OPEN = 1_000
"""Open invocations a stream may hold: no environment runs more at once. The oldest is given up as open."""
MAX_REMEMBERED = 256
"""Request ids whose occurrences are remembered: retries come within hours, and streams live as long."""
MAX_DOUBTFUL = 16


class Stream:
    """What is known of one log stream between two events."""

    __slots__ = (
        "block",
        "current",
        "doubtful",
        "drafts",
        "environment",
        "given_up",
        "last",
        "managed",
        "name",
        "occurrences",
        "platform_seen",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.drafts: dict[str, Draft] = {}
        self.current: Draft | None = None
        self.last: Draft | None = None
        """The invocation settled last: a late line about it opens it again."""
        self.environment: EnvironmentDraft | None = None
        self.block: Block | None = None
        self.managed = False
        self.platform_seen = False
        self.occurrences: dict[str, int] = {}
        self.doubtful: dict[str, tuple[Reported, LogEvent]] = {}
        """REPORT lines for requests never started here: prints, or lines that overtook their START."""
        self.given_up: list[Draft] = []

    def begin(self, request_id: str, event: LogEvent) -> Draft:
        """A new draft, counted as one more occurrence of its request id."""
        occurrence = self.occurrences.pop(request_id, -1) + 1
        self.occurrences[request_id] = occurrence
        if len(self.occurrences) > MAX_REMEMBERED:
            del self.occurrences[next(iter(self.occurrences))]
        earlier = self.drafts.pop(request_id, None)
        if earlier is not None:
            self.given_up.append(earlier)
        if len(self.drafts) >= MAX_OPEN:
            self.given_up.append(self.drafts.pop(next(iter(self.drafts))))
        draft = Draft(request_id, self.name, occurrence, event)
        self.drafts[request_id] = draft
        return draft

    def settle(self) -> list[Draft]:
        """Take out every draft that has a REPORT, or what stands in for it."""
        done = [draft for draft in self.drafts.values() if draft.report is not None or draft.closes_at is not None]
        for draft in done:
            del self.drafts[draft.request_id]
            if self.current is draft:
                self.current = None
            self.last = draft
        return done

    def known(self, request_id: str) -> Draft | None:
        """The open draft of a request id, or the last settled one, opened again."""
        draft = self.drafts.get(request_id)
        if draft is None and self.last is not None and self.last.request_id == request_id:
            draft = self.drafts[request_id] = self.last
            self.last = None
        return draft

    def owner(self, request_id: str | None, event: LogEvent) -> Draft | None:
        """Whose line this is; None for lines between invocations.

        At system log level WARN a success leaves no platform line: there a request id alone begins an invocation, and
        the next one ends it."""
        if request_id is None:
            return None if self.managed else self.current
        draft = self.known(request_id)
        if draft is not None:
            return draft
        if self.platform_seen and not self.managed:
            return self.current
        self.succeed_silently(event)
        return self.begin(request_id, event)

    def succeed_silently(self, event: LogEvent) -> None:
        """Another request speaks in a stream without platform lines: the ones before are done, and were ok."""
        if self.managed or self.platform_seen:
            return
        for draft in self.drafts.values():
            if draft.report is None:
                draft.closes_at = draft.last

    def prints_of(self, draft: Draft) -> list[Draft]:
        """Drafts begun inside this one and still without an END: in a classic environment they are prints."""
        if self.managed or draft.started is None:
            return []
        names = list(self.drafts)
        later = names[names.index(draft.request_id) + 1 :] if draft.request_id in self.drafts else []
        return [self.drafts[name] for name in later if not self.drafts[name].ended and self.drafts[name].report is None]
