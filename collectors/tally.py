"""What a collector counts while it runs; it becomes the run shown on Health."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from store.clock import Clock
from store.errors import LamplightError, TableMissing
from store.records import CollectorRun, Place

TimeLeft = Callable[[], int]
"""Milliseconds until this process is stopped, as Lambda's context says it."""
STOP_MS = 10_000
"""A run ends itself this long before it would be stopped: one fold, one checkpoint and one health record."""
MAX_PROBLEMS = 50
"""Sentences kept of one run; more of them say nothing new."""


@dataclass
class Tally:
    """One run of one collector. `behind_ms` is how far the source read least far is behind the present."""

    place: Place
    collector: str
    clock: Clock
    started_at: int
    read: int = 0
    wrote: int = 0
    unrecognised: int = 0
    calls: int = 0
    paid_metrics: int = 0
    behind_ms: int | None = None
    problems: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, place: Place, collector: str, clock: Clock) -> Tally:
        return cls(place, collector, clock, clock())

    def problem(self, sentence: str) -> None:
        """Keep a sentence about what could not be done; the same one again is counted."""
        if sentence in self.problems or len(self.problems) < MAX_PROBLEMS:
            self.problems[sentence] = self.problems.get(sentence, 0) + 1

    def lag(self, behind_ms: int) -> None:
        self.behind_ms = max(self.behind_ms or 0, behind_ms)

    def going_on(self, subject: str = "") -> GoingOn:
        """Whatever of ours is raised inside becomes a problem, and the run goes on with the next source."""
        return GoingOn(self, subject)

    def run(self) -> CollectorRun:
        """The run as it is kept."""
        now = self.clock()
        said = tuple(sentence if times == 1 else f"{sentence} ({times:,} times)"
                     for sentence, times in self.problems.items())
        return CollectorRun(self.place, self.collector, now, now - self.started_at, self.read, self.wrote,
                            self.unrecognised, self.behind_ms, said, self.calls, self.paid_metrics)


@dataclass
class GoingOn:
    """Turns errors of ours inside a `with` into problems of the run; `told` is the sentence afterwards."""

    tally: Tally
    subject: str
    told: str | None = None

    def __enter__(self) -> GoingOn:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> bool:
        if not isinstance(error, LamplightError):
            return False
        # What is missing here is a log group or a function; the advice of that error is about our table.
        self.told = str(error) if isinstance(error, TableMissing) else error.sentence
        self.tally.problem(_about(self.subject, self.told))
        return True


def _about(subject: str, sentence: str) -> str:
    return f"{subject}: {sentence}" if subject and subject not in sentence else sentence
