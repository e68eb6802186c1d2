"""Rollups put together for reading: one function over a window, and the fleet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.windows import Window
from store.records import Place
from store.rollups import Rollup, Span, total

COMPARABLE_FROM = 4
"""Records must begin within the first quarter of a window for the window to be compared with."""
SPARK_STEPS = 30
"""A table cell is about 100 px wide: more points than this are not seen."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One function over a window. `failures` and `invocations` are counts per step, oldest first, for sparklines."""

    function: str
    total: Rollup
    failures: tuple[int, ...]
    invocations: tuple[int, ...]

    @property
    def cold_rate(self) -> float | None:
        return cold_rate(self.total)

    @property
    def memory_share(self) -> float | None:
        return memory_share(self.total)

    @property
    def busiest_version(self) -> str | None:
        return max(self.total.versions, key=lambda version: self.total.versions[version], default=None)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every active function over a window, worst first, and all of them as one."""

    functions: tuple[Summary, ...]
    whole: Rollup
    steps: tuple[Rollup, ...]
    """The fleet per step of the window; idle steps are empty rollups."""


def fleet(place: Place, window: Window, parts: Iterable[Rollup]) -> Fleet:
    """Parts of any functions, each within one step of the window, as one picture."""
    by_function: dict[str, list[Rollup]] = {}
    for part in parts:
        by_function.setdefault(part.function, []).append(part)
    summaries = [summary(place, window, name, found) for name, found in by_function.items()]
    return Fleet(
        tuple(sorted(summaries, key=_worst_first)),
        total(place, "", window.start, Span.DAY, (one.total for one in summaries)),
        tuple(steps(place, window, [part for found in by_function.values() for part in found])),
    )


def merged(window: Window, fleets: Sequence[Fleet]) -> Fleet:
    """The fleets of several places as one; functions of the same name stay apart, each total knows its place."""
    nowhere = Place("", "")
    return Fleet(
        tuple(sorted((one for found in fleets for one in found.functions), key=_worst_first)),
        total(nowhere, "", window.start, Span.DAY, (found.whole for found in fleets)),
        tuple(total(nowhere, "", start, window.span, (found.steps[number] for found in fleets))
              for number, start in enumerate(window.starts)),
    )


def summary(place: Place, window: Window, function: str, parts: Sequence[Rollup]) -> Summary:
    per_step = steps(place, window, parts)
    return Summary(
        function,
        total(place, function, window.start, window.span, parts),
        squeezed([step.failures for step in per_step]),
        squeezed([step.invocations for step in per_step]),
    )


def steps(place: Place, window: Window, parts: Iterable[Rollup]) -> list[Rollup]:
    """One rollup for every step of the window, whatever function the parts belong to."""
    found: dict[int, list[Rollup]] = {}
    for part in parts:
        found.setdefault(window.position(part.start), []).append(part)
    return [total(place, "", start, window.span, found.get(position, ()))
            for position, start in enumerate(window.starts)]


def comparable(place: Place, window: Window, function: str, parts: Sequence[Rollup]) -> Rollup:
    """A window that is over as one rollup, to compare with. Empty when records only begin well into it: the last
    hour of a day is no day to be compared with."""
    known_from = min((part.start for part in parts), default=window.end)
    reaches_back = known_from - window.start <= (window.end - window.start) / COMPARABLE_FROM
    return total(place, function, window.start, window.span, parts if reaches_back else ())


def squeezed(counts: Sequence[int], limit: int = SPARK_STEPS) -> tuple[int, ...]:
    """At most `limit` sums over neighbouring steps, for a sparkline."""
    size = -(-len(counts) // limit) or 1
    return tuple(sum(counts[start:start + size]) for start in range(0, len(counts), size))


def cold_rate(rollup: Rollup) -> float | None:
    return rollup.cold_starts / rollup.invocations if rollup.invocations else None


def memory_share(rollup: Rollup) -> float | None:
    """The most memory ever used as a share of what is configured."""
    if not rollup.memory_mb or rollup.max_memory_mb is None:
        return None
    return rollup.max_memory_mb / rollup.memory_mb


def _worst_first(one: Summary) -> tuple[float, float, str]:
    """Most failures first, then the busiest."""
    return (-one.total.failures, -one.total.invocations, one.function)
