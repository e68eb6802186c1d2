"""Inits that failed: counted for their function, and an error group of it when no invocation tells the same.

With provisioned concurrency, proactive inits and SnapStart no invocation follows; on demand, an init that fails is made
again inside the invocation, which then fails with the same error, or is ok and says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.drafts import version_in
from collectors.environments import AGAIN
from collectors.events import LogEvent, function_of
from collectors.fingerprints import fingerprint
from collectors.lines import Metric
from collectors.observations import Init, MetricSaid
from collectors.statuses import EXIT_TYPES, OUT_OF_MEMORY_TYPES
from store.clock import MINUTE_MS
from store.records import ErrorGroup, Invocation, Place, Status

NAMESPACE, NAME = "Lamplight", "FailedInits"
"""One for each environment that could not be made ready; an init made again inside an invocation is not one more."""


def failed(inits: Iterable[Init]) -> list[Init]:
    """Those that the platform reported as failed."""
    return [init for init in inits if init.ended_at is not None and init.status not in ("open", "success")]


def counts(inits: Iterable[Init]) -> Iterator[MetricSaid]:
    """A metric for each, as if the function had counted them itself."""
    for init in inits:
        if init.phase != AGAIN and init.ended_at is not None:
            at, dimensions = init.ended_at, (("function_name", function_of(init.log_group, init.log_stream)),)
            event = LogEvent(init.event_id or "", at, "", init.log_group, init.log_stream)
            yield MetricSaid(Metric(NAMESPACE, NAME, "Count", (1.0,), dimensions, at), event)


def sightings(place: Place, inits: Iterable[Init], closed: Iterable[Invocation]) -> Iterator[ErrorGroup]:
    """One sighting for each that no failed invocation among the closed ones speaks for."""
    told: dict[str, list[int]] = {}
    for invocation in closed:
        if invocation.status.failed and invocation.started_at is not None:
            told.setdefault(invocation.log_stream, []).append(invocation.started_at)
    for init in inits:
        at = init.ended_at or 0
        if not any(at - MINUTE_MS < began < at + MINUTE_MS for began in told.get(init.log_stream, ())):
            yield _sighting(place, init)


def _sighting(place: Place, init: Init) -> ErrorGroup:
    function, version = function_of(init.log_group, init.log_stream), version_in(init.log_stream)
    at = init.ended_at or 0
    error_type = init.error_type or f"init {init.status}"
    return ErrorGroup(
        place, fingerprint(function, error_type, init.error_message, init.stack), function, error_type,
        init.error_message or f"The init failed: {init.status}.", _status(init), first_seen=at, last_seen=at,
        first_version=version, last_version=version, stack=init.stack,
    )


def _status(init: Init) -> Status:
    if init.status == "timeout":
        return Status.TIMEOUT
    if init.error_type in OUT_OF_MEMORY_TYPES:
        return Status.OOM
    return Status.CRASH if init.error_type in EXIT_TYPES and init.error_message is None else Status.ERROR
