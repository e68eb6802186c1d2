"""One log stream: one execution environment, its open invocations, and which line belongs to which.

Classic environments run one invocation at a time: lines without a request id belong to the one between START and END,
and a platform line about any other is a print. Managed Instances interleave; there only a request id attributes.
"""

from __future__ import annotations

from itertools import islice

from collectors.drafts import Draft, EnvironmentDraft
from collectors.events import LogEvent
from collectors.held import Held, Settled
from collectors.lines import Reported
from collectors.stitching import Block

MAX_OPEN = 1_000
"""Open invocations a stream may hold: no environment runs more at once. The oldest is given up as open."""
MAX_REMEMBERED = 256
"""Request ids whose occurrences are remembered at least, and twice as many at most: retries come within hours, and
streams live as long."""
MAX_DOUBTFUL = 16
NO_NAME = "-"
"""What the stream of lines whose source named none begins with: they may be of several environments."""


class Stream:
    """What is known of one log stream between two events."""

    __slots__ = (
        "_last",
        "block",
        "current",
        "doubtful",
        "drafts",
        "environment",
        "given_up",
        "held",
        "managed",
        "name",
        "occurrences",
        "platform_seen",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.drafts: dict[str, Draft] = {}
        self.current: Draft | None = None
        self.held: Held | None = None
        """Events of a usual invocation that are read and not yet applied: everything else here stands before them."""
        self._last: Draft | Settled | None = None
        self.environment: EnvironmentDraft | None = None
        self.block: Block | None = None
        self.managed = False
        self.platform_seen = False
        self.occurrences: dict[str, int] = {}
        self.doubtful: dict[str, tuple[Reported, LogEvent]] = {}
        """REPORT lines for requests never started here: prints, or lines that overtook their START."""
        self.given_up: list[Draft] = []

    @property
    def last(self) -> Draft | None:
        """The invocation settled last: a late line about it opens it again."""
        if isinstance(self._last, Settled):
            self._last = self._last.draft()
        return self._last

    @last.setter
    def last(self, settled: Draft | Settled | None) -> None:
        self._last = settled

    def was_last(self, request_id: str) -> bool:
        """Whether the invocation settled last had this request id."""
        return self._last is not None and self._last.request_id == request_id

    def begin(self, request_id: str, event: LogEvent) -> Draft:
        """A new draft, counted as one more occurrence of its request id."""
        occurrence = self.occurrence(request_id)
        earlier = self.drafts.pop(request_id, None)
        if earlier is not None:
            self.given_up.append(earlier)
        if len(self.drafts) >= MAX_OPEN:
            self.given_up.append(self.drafts.pop(next(iter(self.drafts))))
        draft = Draft(request_id, self.name, occurrence, event)
        self.drafts[request_id] = draft
        return draft

    def occurrence(self, request_id: str) -> int:
        """How many invocations of this request id were begun before; one more is now."""
        known = self.occurrences
        occurrence = known.pop(request_id) + 1 if request_id in known else 0
        known[request_id] = occurrence
        if len(known) > 2 * MAX_REMEMBERED:
            # Many at a time: the first of a dict that lost its first ones is looked for behind all of those.
            for forgotten in list(islice(known, MAX_REMEMBERED)):
                del known[forgotten]
        return occurrence

    def newest(self) -> tuple[str, int]:
        """The request id begun last, and its occurrence."""
        return next(reversed(self.occurrences.items()))

    def at_rest(self) -> bool:
        """Whether nothing is open here but invocations that the next START settles."""
        if self.block is not None or self.current is not None or self.managed or self.doubtful or self.given_up:
            return False
        return not self.drafts or all(draft.report is not None for draft in self.drafts.values())

    def has_open(self) -> bool:
        """Whether an invocation, an init or a stack here still waits for its end."""
        if self.block is not None or self.environment is not None or (self.held is not None and not self.held.whole):
            return True
        return any(draft.report is None and draft.closes_at is None for draft in self.drafts.values())

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
        if draft is None and self.was_last(request_id):
            draft, self.last = self.last, None
            if draft is not None:
                self.drafts[request_id] = draft
        return draft

    def reported_last(self) -> Draft | None:
        """The invocation whose REPORT came last."""
        return next((draft for draft in reversed(self.drafts.values()) if draft.report is not None), None) or self.last

    def reported_before_its_end(self, request_id: str) -> Draft | None:
        """The invocation settled last, if this request's END is still to come."""
        last = self.last if self.was_last(request_id) else None
        return self.known(request_id) if last is not None and not last.ended and last.started is not None else None

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
            if draft.report is None and draft.fault is None:
                draft.closes_at = draft.last

    @property
    def mixed(self) -> bool:
        """Whether lines of several environments may stand among each other here."""
        return self.name.startswith(NO_NAME)

    def running(self) -> Draft | None:
        """The invocation between its START and its END or REPORT; None where several may run at once."""
        draft = self.current
        if draft is None or self.managed or draft.started is None or draft.ended or draft.report is not None:
            return None
        return draft

    def absorb_prints(self, draft: Draft, ending: LogEvent) -> None:
        """Let an invocation that ends take over what turns out to be its prints."""
        for other in self._prints_of(draft, ending):
            draft.absorb(other)
            del self.drafts[other.request_id]
            if self.current is other:
                self.current = draft

    def _prints_of(self, draft: Draft, ending: LogEvent) -> list[Draft]:
        """Drafts begun inside this one: an environment runs one invocation at a time, so they are prints of it.

        One that has its own END and REPORT as well is a print too, but in a mixed stream. One that began later by the
        clock is none: this END is late."""
        if self.managed or draft.started is None:
            return []
        inside = (draft.request_id, draft.occurrence)
        return [
            other
            for other in self.drafts.values()
            if other.within == inside
            and (not self.mixed or (not other.ended and other.report is None))
            and not (other.start_event is not None and 0 < ending.timestamp < other.start_event.timestamp)
        ]
