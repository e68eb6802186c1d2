"""Who ran when, where and how it ended: the ledger of the believable day, before a single line is written.

The shape of the day depends on the seed alone and hangs on `now`; ids depend on both, so that two days in one
log group never share a stream. Invocations run in environments the way Lambda runs them: the most recently
used free one, a new one (a cold start) when none is free, gone after minutes of idling, hours of age, a
deploy, or a failure that ends the process."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from demo.fleet import Fault, FunctionProfile
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, utc
from store.records import Status

QUIET_MS = 2 * MINUTE_MS
"""History ends this long before now; live traffic has the rest."""
PEAK_MINUTES_AGO = 500
TROUGH = 0.3
"""Traffic at the quietest minute, as a share of the busiest."""
NIGHT_MINUTES_AGO = (1_230, 1_090)
IDLE_MS = 10 * MINUTE_MS
"""Observed on Lambda: idle environments go after 5 to 15 minutes, any after a few hours."""
MAX_AGE_MS = 3 * HOUR_MS
BURST_SHARE = 0.025
"""Share of arrivals that bring company within a second; they make concurrency, hence cold starts."""
RETRIES_MS = (60_000, 120_000)
"""Lambda's waits before the two retries of an asynchronous invocation."""
GOLDEN = (math.sqrt(5) - 1) / 2
CARRIAGE, SPLIT, FRAMED = "carriage", "split", "framed"
MODEST_QUANTILES = (0.005, 0.994)
"""A day's extremes stay inside a distribution's believable part, however few its samples."""


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation. It arrived at `arrived_at`; its handler began, after any init, at `began_at` (epoch ms)."""

    request_id: str
    arrived_at: int
    began_at: int
    duration_ms: float
    status: Status = Status.OK
    fault: Fault | None = None
    number: int = 0
    init_ms: float | None = None
    restore_ms: float | None = None
    cold: bool = False
    attempt: int = 0
    trace_id: str | None = None
    used_mb: int = 0

    @property
    def ended_at(self) -> int:
        return self.began_at + math.ceil(self.duration_ms)

    @property
    def error_message(self) -> str:
        """The fault's message with this call's number in it."""
        return self.fault.message.replace("{n}", str(self.number)) if self.fault else ""


@dataclass(slots=True)
class Environment:
    """One execution environment, hence one log stream. `framing` is how its runtime writes several lines:
    framed (one event), carriage (one event, joined by CR), split (one event each)."""

    profile: FunctionProfile
    version: str
    stream: str
    number: int
    generation: int
    born_at: int
    lifetime_ms: int
    free_at: int
    framing: str = FRAMED
    old_style: bool = False
    published_in_ms: float | None = None
    retired: bool = False
    calls: list[Call] = field(default_factory=list)

    def usable(self, at: int, generation: int) -> bool:
        """Whether it still exists at `at` for the given generation of the function."""
        return (not self.retired and self.generation == generation
                and at - self.free_at <= IDLE_MS and at - self.born_at <= self.lifetime_ms)


def plan(fleet: Iterable[FunctionProfile], now_ms: int, seed: int) -> Iterator[Environment]:
    """Every environment of the day that ends `QUIET_MS` before now, function by function."""
    for profile in fleet:
        yield from _FunctionDay(profile, now_ms, seed).environments()


@dataclass(order=True, slots=True)
class _Arrival:
    at: int
    order: int
    attempt: int = 0
    request_id: str = ""
    fault: Fault | None = field(default=None, compare=False)


class _FunctionDay:
    """One function's day, played once from its first arrival to its last."""

    def __init__(self, profile: FunctionProfile, now_ms: int, seed: int) -> None:
        self.profile = profile
        self.now = now_ms
        self.start = now_ms - DAY_MS
        self.end = now_ms - QUIET_MS
        self.rng = Random(f"{seed}:{profile.name}")
        self.ids = Random(f"{seed}:{now_ms}:{profile.name}")
        self.quantile = self.rng.random()
        self.made: list[Environment] = []
        self.alive: list[Environment] = []

    def environments(self) -> Iterator[Environment]:
        """Play the day; environments in the order they were made."""
        self._already_warm()
        self._published()
        waiting = [_Arrival(at, order) for order, at in enumerate(self._arrivals())]
        order = len(waiting)
        while waiting:
            arrival = heapq.heappop(waiting)
            call = self._serve(arrival)
            wait = self._retry_after(arrival, call)
            if wait is not None:
                heapq.heappush(waiting, _Arrival(call.ended_at + wait, order, arrival.attempt + 1,
                                                 call.request_id, call.fault))
                order += 1
        for environment in self.made:
            environment.calls = [call for call in environment.calls if call.ended_at <= self.end]
            if environment.calls or environment.published_in_ms is not None:
                yield environment

    def _arrivals(self) -> list[int]:
        minutes = range(1_440, QUIET_MS // MINUTE_MS, -1)
        weights = [_curve(minute, self.profile.nightly) for minute in minutes]
        per_weight = self.profile.per_day / (1 + BURST_SHARE * 2) / sum(weights)
        arrivals = []
        for minute, weight in zip(minutes, weights, strict=True):
            busy = self.rng.gammavariate(5, 1 / 5)
            for _ in range(_poisson(self.rng, per_weight * weight * busy)):
                at = self.now - minute * MINUTE_MS + self.rng.randrange(MINUTE_MS)
                company = self.rng.randint(1, 3) if self.rng.random() < BURST_SHARE else 0
                arrivals += [at + self.rng.randrange(800) for _ in range(company)] + [at]
        return sorted(arrivals)

    def _serve(self, arrival: _Arrival) -> Call:
        generation = self._generation(arrival.at)
        self.alive = [one for one in self.alive if one.usable(arrival.at, generation)]
        free = [one for one in self.alive if one.free_at <= arrival.at]
        cold = not free
        environment = self._new(arrival.at, generation) if cold else max(free, key=lambda one: one.free_at)
        call = self._call(arrival, environment, cold)
        environment.calls.append(call)
        environment.free_at = call.ended_at
        environment.retired = call.status in (Status.TIMEOUT, Status.OOM, Status.CRASH) or _failed_init(call)
        return call

    def _call(self, arrival: _Arrival, environment: Environment, cold: bool) -> Call:
        fault = self._fault(arrival, environment.generation, cold)
        init = self.profile.init.at(self._next_quantile()) if cold else None
        snap, broken = self.profile.snap_start, fault is not None and fault.at_init
        memory = self.profile.memory_mb
        used = memory if fault and fault.status is Status.OOM else int(
            memory * (0.38 + 0.1 * self.rng.random()) + min(len(environment.calls), 60))
        return Call(
            request_id=arrival.request_id or _uuid(self.ids),
            arrived_at=arrival.at,
            began_at=arrival.at + (math.ceil(init) if init else 0),
            duration_ms=round(self._duration(fault, environment.old_style), 2),
            status=fault.status if fault else Status.OK,
            fault=fault,
            number=self.rng.randrange(1_000, 99_999),
            init_ms=None if init is None or snap or broken else round(init, 2),
            restore_ms=round(init, 2) if init is not None and snap else None,
            cold=cold,
            attempt=arrival.attempt,
            trace_id=self._trace_id(arrival.at),
            used_mb=used,
        )

    def _fault(self, arrival: _Arrival, generation: int, cold: bool) -> Fault | None:
        if arrival.fault and self.rng.random() < 0.7:  # most failures of an event repeat with the event
            return arrival.fault
        bad = self.profile.deploys[generation].fault
        if bad and self.rng.random() < bad.share:
            return bad
        draw = self.rng.random()
        for fault in self.profile.faults:
            if draw < fault.share:
                return fault if cold or not fault.at_init else None
            draw -= fault.share
        return None

    def _duration(self, fault: Fault | None, old_style: bool) -> float:
        limit = self.profile.timeout_s * 1000
        usual = self.profile.duration.at(min(max(self.rng.random(), 0.0005), 0.9995))
        if fault is None:
            return min(usual, 0.9 * limit)
        if fault.status is Status.TIMEOUT:
            return limit + (self.rng.uniform(1, 9) if old_style else 0)
        if fault.status is Status.OOM:
            return min(usual * 2.5, 0.9 * limit)
        return min(usual * 0.6, 0.9 * limit)

    def _retry_after(self, arrival: _Arrival, call: Call) -> int | None:
        if not self.profile.asynchronous or not call.status.failed or arrival.attempt >= len(RETRIES_MS):
            return None
        return RETRIES_MS[arrival.attempt]

    def _new(self, at: int, generation: int) -> Environment:
        version = self.profile.deploys[generation].version
        stream = f"{utc(at):%Y/%m/%d}/[{version}]{self.ids.getrandbits(128):032x}"
        framing = self.rng.choices((FRAMED, CARRIAGE, SPLIT), (70, 15, 15))[0]
        environment = Environment(self.profile, version, stream, len(self.made), generation, at,
                                  int(MAX_AGE_MS * self.rng.uniform(0.6, 1.4)), free_at=at, framing=framing,
                                  old_style=self.rng.random() < self.profile.old_style)
        self.made.append(environment)
        self.alive.append(environment)
        return environment

    def _already_warm(self) -> None:
        """Busy functions begin the day in an environment whose init was written yesterday."""
        if self.profile.per_day >= 1_000:
            environment = self._new(self.start - self.rng.randrange(HOUR_MS), 0)
            environment.free_at = self.start

    def _published(self) -> None:
        """SnapStart takes its snapshot when a version is published: an init that serves nobody."""
        for generation, deploy in enumerate(self.profile.deploys):
            if self.profile.snap_start and deploy.minutes_ago < DAY_MS // MINUTE_MS:
                environment = self._new(self.now - deploy.minutes_ago * MINUTE_MS - MINUTE_MS, generation)
                environment.published_in_ms = round(self.rng.uniform(9_000, 14_000), 2)
                environment.retired = True

    def _generation(self, at: int) -> int:
        live = [index for index, deploy in enumerate(self.profile.deploys)
                if at >= self.now - deploy.minutes_ago * MINUTE_MS]
        return live[-1] if live else 0

    def _next_quantile(self) -> float:
        """Steps by the golden ratio, which covers (0, 1) evenly however few steps are taken."""
        self.quantile = (self.quantile + GOLDEN) % 1
        low, high = MODEST_QUANTILES
        return low + (high - low) * self.quantile

    def _trace_id(self, at: int) -> str | None:
        if not self.profile.tracing:
            return None
        return f"1-{at // 1000:08x}-{self.ids.getrandbits(96):024x}"


def _failed_init(call: Call) -> bool:
    return call.fault is not None and call.fault.at_init


def _curve(minutes_ago: int, nightly: bool) -> float:
    if nightly:
        return 1.0 if NIGHT_MINUTES_AGO[1] <= minutes_ago < NIGHT_MINUTES_AGO[0] else 0.0
    wave = 0.5 + 0.5 * math.cos(2 * math.pi * (minutes_ago - PEAK_MINUTES_AGO) / 1_440)
    return TROUGH + (1 - TROUGH) * wave


def _poisson(rng: Random, mean: float) -> int:
    """Knuth's method; means here are a few per minute at most."""
    floor, product, count = math.exp(-mean), rng.random(), 0
    while product > floor:
        product *= rng.random()
        count += 1
    return count


def _uuid(rng: Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
