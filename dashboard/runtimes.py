"""When Lambda ends each managed runtime, a dated table. Pure.

Source: AWS's page "Lambda runtimes". After `deprecated` it gets no more security updates; after `frozen` the code of a
function that uses it cannot be changed any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from store.clock import DAY_MS

AS_OF = "November 2026"
NOTICE_MS = 90 * DAY_MS
"""An upgrade of a runtime takes a team weeks: AWS itself writes 180 days before, and is not read."""


@dataclass(frozen=True, slots=True)
class End:
    """Dates as `yyyy-mm-dd`, UTC."""

    deprecated: str
    frozen: str


ENDS = {
    "dotnet6": End("2024-12-20", "2027-03-03"), "dotnet8": End("2026-11-10", "2027-03-03"),
    "dotnet10": End("2028-11-14", "2029-01-15"), "dotnetcore3.1": End("2023-04-03", "2023-05-03"),
    "go1.x": End("2024-01-08", "2027-03-03"),
    "java8": End("2024-01-08", "2027-03-03"), "java8.al2": End("2027-06-30", "2027-08-31"),
    "java11": End("2027-06-30", "2027-08-31"), "java17": End("2027-06-30", "2027-08-31"),
    "java21": End("2029-06-30", "2029-08-31"), "java25": End("2029-06-30", "2029-08-31"),
    "nodejs12.x": End("2023-03-31", "2023-04-30"), "nodejs14.x": End("2023-12-04", "2027-03-03"),
    "nodejs16.x": End("2024-06-12", "2027-03-03"), "nodejs18.x": End("2025-09-01", "2027-03-03"),
    "nodejs20.x": End("2026-04-30", "2027-03-03"), "nodejs22.x": End("2027-04-30", "2027-07-01"),
    "nodejs24.x": End("2028-04-30", "2028-07-01"),
    "provided": End("2024-01-08", "2027-03-03"), "provided.al2": End("2026-07-31", "2027-03-03"),
    "provided.al2023": End("2029-06-30", "2029-08-31"),
    "python3.7": End("2023-12-04", "2027-03-03"), "python3.8": End("2024-10-14", "2027-03-03"),
    "python3.9": End("2025-12-15", "2027-03-03"), "python3.10": End("2026-10-31", "2027-03-03"),
    "python3.11": End("2027-06-30", "2027-08-31"), "python3.12": End("2028-10-31", "2029-01-10"),
    "python3.13": End("2029-06-30", "2029-08-31"), "python3.14": End("2029-06-30", "2029-08-31"),
    "ruby2.7": End("2023-12-07", "2027-03-03"), "ruby3.2": End("2026-03-31", "2027-03-03"),
    "ruby3.3": End("2027-03-31", "2027-05-31"), "ruby3.4": End("2028-03-31", "2028-05-31"),
}


def ending(runtime: str | None, now: int) -> str:
    """What to say of a runtime that is deprecated, or soon will be; nothing of any other."""
    end = ENDS.get(runtime or "")
    if end is None or _at(end.deprecated) - now > NOTICE_MS:
        return ""
    if _at(end.frozen) <= now:
        return f"{runtime} is deprecated; since {_day(end.frozen)} its code cannot be changed any more"
    over = _at(end.deprecated) <= now
    return (f"{runtime} {'is deprecated since' if over else 'will be deprecated on'} {_day(end.deprecated)}; from "
            f"{_day(end.frozen)} its code cannot be changed any more")


def _at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def _day(day: str) -> str:
    return f"{datetime.fromisoformat(day):%-d %b %Y}"
