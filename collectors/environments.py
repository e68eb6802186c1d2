"""Inits: an environment made ready, once or, when that failed, again inside the invocation it was made for."""

from __future__ import annotations

from collectors.drafts import EnvironmentDraft
from collectors.events import LogEvent
from collectors.lines import InitReported, InitStarted
from collectors.observations import Init, init_of
from collectors.streams import Stream

AGAIN = "invoke"
"""The phase of an init made again: the only one whose lines may stand inside an invocation."""


def is_print(stream: Stream, phase: str | None) -> bool:
    """Whether a line about an init is the running function's own words. Where several environments are mixed
    it may be another one's."""
    return phase != AGAIN and not stream.mixed and stream.running() is not None


def begin(stream: Stream, line: InitStarted, event: LogEvent) -> None:
    """An init begins; one made again stays the same init."""
    environment, running = EnvironmentDraft(event, line), stream.running()
    if line.phase != AGAIN:
        stream.current = running
        stream.environment = environment
    elif running is not None:
        running.environment = running.environment or environment
    else:
        stream.environment = stream.environment or environment


def report(stream: Stream, line: InitReported, event: LogEvent) -> EnvironmentDraft:
    """The init this line reports on, with the report."""
    running = stream.running()
    environment = stream.environment or (running.environment if running else None)
    if environment is None:
        environment = EnvironmentDraft(event)
        if running is not None:
            running.environment = environment
        else:
            stream.environment = environment
    environment.reports.append((line, event))
    return environment


def give_up(stream: Stream) -> list[Init]:
    """The init a stream holds, as records of the attempts that have not been told; it is held no longer."""
    environment, stream.environment = stream.environment, None
    if environment is None:
        return []
    told = [pair for pair in environment.reports if pair[0].status in (None, "success")]
    if told:
        return [init_of(environment, said, event) for said, event in told]
    silent = not environment.reports and (environment.started is not None or environment.error is not None)
    return [init_of(environment)] if silent else []
