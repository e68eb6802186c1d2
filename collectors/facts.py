"""What is kept of an invocation: a fact for counting, the whole of it when it is worth a look, its error group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.fingerprints import fingerprint
from store.clock import MINUTE_MS, floor_to
from store.deltas import Fact
from store.histogram import bucket_of
from store.keys import event_hash
from store.records import ErrorGroup, FailedMessage, Invocation, KeptInvocation, Place, Status

SLOW_SHARE = 0.8
"""Of the function's timeout: what takes longer is near to being killed."""
KEPT_FAILURES = 20
"""Failed invocations kept per error group and minute: enough to see what they share."""
KEPT_OTHERS = 10
"""Cold ones, and slow ones, kept per minute."""


def countable(invocation: Invocation) -> bool:
    """Whether it has ended, and when and by which event is known."""
    ended = invocation.status is not Status.OPEN and invocation.ended_at is not None
    return ended and invocation.event_id is not None


def fact(function: str, invocation: Invocation) -> Fact:
    """The fact of a countable invocation. Raises ValueError for any other."""
    if invocation.event_id is None or invocation.ended_at is None:
        raise ValueError("an invocation without its closing event cannot be counted")
    init_ms = invocation.init_ms if invocation.init_ms is not None else invocation.restore_ms
    return Fact(
        event_hash=event_hash(invocation.event_id),
        at=invocation.ended_at,
        status=invocation.status,
        cold=bool(invocation.cold_start),
        restored=invocation.restore_ms is not None,
        duration_bucket=_bucket(invocation.duration_ms),
        init_bucket=_bucket(init_ms),
        billed_ms=round(invocation.billed_ms or 0),
        memory_mb=invocation.memory_mb,
        max_memory_mb=invocation.max_memory_mb,
        fingerprint=group_of(function, invocation),
        version=invocation.version,
        evidence=invocation.events,
    )


def group_of(function: str, invocation: Invocation) -> str | None:
    """The fingerprint of a failed invocation's error group."""
    if not invocation.status.failed:
        return None
    return fingerprint(function, _error_type(invocation), invocation.error_message, invocation.stack)


def sighting(place: Place, function: str, invocation: Invocation) -> ErrorGroup | None:
    """One sighting of the group a failed invocation belongs to."""
    name = group_of(function, invocation)
    if name is None or invocation.ended_at is None:
        return None
    return ErrorGroup(
        place, name, function, _error_type(invocation), invocation.error_message or "", invocation.status,
        first_seen=invocation.ended_at, last_seen=invocation.ended_at,
        first_version=invocation.version, last_version=invocation.version,
        stack=invocation.stack, request_id=invocation.request_id,
    )


def cause_of(function: str, failed: FailedMessage) -> str | None:
    """The fingerprint of the error a message failed with; None when its line names none."""
    if failed.error_type is None:
        return None
    return fingerprint(function, failed.error_type, failed.error_message, failed.stack)


def message_sightings(place: Place, function: str, invocation: Invocation) -> Iterator[ErrorGroup]:
    """One sighting for each message that failed in a batch: the invocation may be ok, the error is known all the
    same, and dead letters point at it."""
    if invocation.ended_at is None or invocation.status.failed:
        return
    for failed in invocation.failed_messages:
        name = cause_of(function, failed)
        if name is not None and failed.error_type is not None:
            yield ErrorGroup(
                place, name, function, failed.error_type, failed.error_message or "", Status.ERROR,
                first_seen=invocation.ended_at, last_seen=invocation.ended_at,
                first_version=invocation.version, last_version=invocation.version,
                stack=failed.stack, request_id=invocation.request_id,
            )


def worth_keeping(place: Place, function: str, invocations: Iterable[Invocation],
                  timeout_s: int | None) -> Iterator[KeptInvocation]:
    """Failed, cold and slow ones, capped by kind and minute.

    Those with the lowest hash of their event id stay: as good as drawn by lot, and the same whenever it is read
    again. All of them are counted; the cap only bounds what is kept whole."""
    kept: dict[tuple[int, str], int] = {}
    for invocation in sorted(invocations, key=lambda one: event_hash(one.event_id or "")):
        if invocation.ended_at is None:
            continue
        group = group_of(function, invocation)
        kind = group or _kind(invocation, timeout_s)
        if kind is None:
            continue
        slot = floor_to(invocation.ended_at, MINUTE_MS), kind
        if kept.get(slot, 0) < (KEPT_FAILURES if group else KEPT_OTHERS):
            kept[slot] = kept.get(slot, 0) + 1
            yield KeptInvocation(place, function, invocation, invocation.ended_at, group)


def _kind(invocation: Invocation, timeout_s: int | None) -> str | None:
    if invocation.cold_start:
        return "cold"
    duration = invocation.duration_ms
    if duration is not None and timeout_s is not None and duration >= SLOW_SHARE * (timeout_s * 1_000):
        return "slow"
    return None


def _error_type(invocation: Invocation) -> str:
    """A failure the function did not name is named for how it ended: timeout, oom, crash, error."""
    return invocation.error_type or str(invocation.status)


def _bucket(value: float | None) -> int | None:
    return None if value is None else bucket_of(value)
