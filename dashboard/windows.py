"""The stretch of time a page shows: how long, in which steps, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from store.clock import floor_to
from store.rollups import Span

RANGES = {
    "1h": (Span.MINUTE, 60),
    "3h": (Span.MINUTE, 180),
    "12h": (Span.HOUR, 12),
    "24h": (Span.HOUR, 24),
    "7d": (Span.HOUR, 168),
    "30d": (Span.DAY, 30),
}
"""Steps per range. Minutes are read per function; up to a week the fleet's hours; beyond, days."""
DEFAULT_RANGE = "24h"


@dataclass(frozen=True, slots=True)
class Window:
    """[start, end) epoch ms in whole steps; the last step is the one that holds now."""

    name: str
    span: Span
    start: int
    end: int
    now: int

    @property
    def starts(self) -> list[int]:
        """The start of every step, oldest first."""
        return list(range(self.start, self.end, self.span.ms))

    @property
    def previous(self) -> Window:
        """The period of the same length just before; it is over, so its `now` is its end."""
        return Window(self.name, self.span, self.start - (self.end - self.start), self.start, self.start)

    @property
    def label(self) -> str:
        return f"{self.name[:-1]} {self.name[-1]}"

    def position(self, at: int) -> int:
        """Which step holds `at`."""
        return (at - self.start) // self.span.ms

    def per_hour(self, number: float) -> float:
        """A count as a pace, so that a period still running compares with one that is over."""
        return number * 3_600_000 / max(1, min(self.now, self.end) - self.start)


def window(name: str, now: int) -> Window:
    """The window called `name` that ends with the step that holds `now`; an unknown name is the default one."""
    known = name if name in RANGES else DEFAULT_RANGE
    span, steps = RANGES[known]
    end = floor_to(now, span.ms) + span.ms
    return Window(known, span, end - steps * span.ms, end, now)
