"""What is kept of an invocation: a fact for counting, the whole of it when it is worth a look, its error group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from collectors.fingerprints import fingerprint
from store.clock import HOUR_MS, floor_to
from store.fact_pack import Fact
from store.histogram import Histogram, bucket_of
from store.keys import event_hash, fact_name
from store.live import LiveHour
from store.records import ErrorGroup, FailedMessage, Invocation, KeptInvocation, Place, Status

SLOW_SHARE = 0.8
"""Of the function's timeout: what takes longer is near to being killed."""
KEPT_FAILURES = 5
"""Failed invocations of one error group that are all kept, an hour."""
KEPT_OTHERS = 2
"""Cold ones, and slow ones."""
MAX_CAME = 10_000
"""Hours and kinds counted on at once, of one function."""
COLD, SLOW = "cold", "slow"


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
        event_hash=fact_name(invocation.event_id),
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
                  timeout_s: int | None, counted: Counted) -> Iterator[KeptInvocation]:
    """Failed, cold and slow ones: all while there are few of a kind in an hour, then ever fewer of ever more.

    `counted` says how many of each kind came before. Of n that came, the next is kept with a chance of about
    `KEPT` / n, by its event's hash: as good as drawn by lot, and the same whenever it is read again. All of them are
    counted; only what is kept whole is bounded, to `KEPT` × (1 + ln(n / `KEPT`)) of n."""
    for invocation in sorted(invocations, key=lambda one: event_hash(one.event_id or "")):
        if invocation.ended_at is None:
            continue
        group = group_of(function, invocation)
        kind = group or _kind(invocation, timeout_s)
        if kind is None:
            continue
        hour = floor_to(invocation.ended_at, HOUR_MS)
        before = counted.next(hour, kind, timeout_s)
        enough = KEPT_FAILURES if group else KEPT_OTHERS
        if int(event_hash(invocation.event_id or "")[-8:], 16) % (before // enough + 1) == 0:
            yield KeptInvocation(place, function, invocation, invocation.ended_at, group)


@dataclass
class Counted:
    """How many invocations of a kind came before, of one function. `of_hour` finds what is known of an hour (its
    start, epoch ms) that is not over."""

    of_hour: Callable[[int], LiveHour | None] = lambda _: None
    came: dict[tuple[int, str], int] = field(default_factory=dict)

    def next(self, hour: int, kind: str, timeout_s: int | None) -> int:
        """Count one more. Returns how many there were."""
        before = self.came.get((hour, kind))
        if before is None:
            if len(self.came) >= MAX_CAME:
                self.came.clear()
            before = self._before(hour, kind, timeout_s)
        self.came[hour, kind] = before + 1
        return before

    def _before(self, hour: int, kind: str, timeout_s: int | None) -> int:
        known = self.of_hour(hour)
        if known is None:
            return 0
        if kind == COLD:
            return int(known.rollup["cold_starts"])
        if kind == SLOW:
            edge = bucket_of(SLOW_SHARE * 1_000 * (timeout_s or 0))
            slow = Histogram.unpack(known.rollup["duration"]).counts
            return sum(count for bucket, count in slow.items() if bucket >= edge)
        return int(known.rollup["groups"].get(kind, 0))


def _kind(invocation: Invocation, timeout_s: int | None) -> str | None:
    if invocation.cold_start:
        return COLD
    duration = invocation.duration_ms
    if duration is not None and timeout_s is not None and duration >= SLOW_SHARE * (timeout_s * 1_000):
        return SLOW
    return None


def _error_type(invocation: Invocation) -> str:
    """A failure the function did not name is named for how it ended: timeout, oom, crash, error."""
    return invocation.error_type or str(invocation.status)


def _bucket(value: float | None) -> int | None:
    return None if value is None else bucket_of(value)
