"""An hour at 10,000 invocations a second, pushed: which key is hottest, and what it takes to keep up.

Too much to be lived through, so it is put together from what is measured of one batch and of one fold: their units
and seconds, times how many there are. Functions share the traffic as they do in a fleet: the n-th busiest has 1/n of
the first."""

from __future__ import annotations

import time
from random import Random

from benchmarks.cost import AS_OF, BATCH, PLACE, READ_DOLLARS, WRITE_DOLLARS, Clock, Subscription
from benchmarks.meter import Meter
from benchmarks.target import Report, Target
from benchmarks.traffic import Function
from collectors import joined
from collectors.ledger import Ledger
from collectors.pushed import Push
from store import batches, functions
from store.clock import HOUR_MS, MINUTE_MS
from store.fact_pack import Fact
from store.histogram import bucket_of
from store.records import FunctionInfo, Status

PER_SECOND, FUNCTIONS = 10_000, 200
PARTITION_UNITS = 1_000
"""Write units a second that one partition takes."""
SAMPLE_PER_SECOND = 100
"""The pace that a fold is measured at; it takes time in proportion."""
LAMBDA_GB_SECOND, LAMBDA_CALL, MEMORY_GB = 0.0000133334, 0.20e-6, 1.769
"""Arm, first tier, us-east-1, dollars; the memory that comes with one whole core."""


def received() -> tuple[float, float, str]:
    """Write units and seconds a batch of ten invocations takes, and which key most of them go to."""
    clock = Clock()
    table = Meter(clock)
    one = Function("busiest", 6_000, Random(5))
    one.run(clock.now)
    clock.now += MINUTE_MS
    push, found = Push(table, clock), list(Subscription(one).batches(clock.now - MINUTE_MS))
    push.take(PLACE, found[0])
    table.reset()
    began = time.perf_counter()
    for batch in found:
        push.take(PLACE, batch)
    seconds = (time.perf_counter() - began) / len(found)
    (hottest, _), units = max(table.heat.items(), key=lambda pair: pair[1])
    return units / len(found), seconds, hottest.partition("#")[0]


def folded() -> tuple[float, float, float]:
    """Seconds, write and read units of a minute's fold of a function of `SAMPLE_PER_SECOND`, at the end of an hour."""
    clock, dice = Clock(), Random(6)
    table = Meter(clock)
    info = FunctionInfo(PLACE, "sampled", "/aws/lambda/sampled")
    functions.put(table, info)
    took: list[float] = []
    for _ in range(14):
        start = clock.now
        facts = [Fact(dice.randbytes(6).hex(), start + dice.randrange(MINUTE_MS), Status.OK, billed_ms=90,
                      duration_bucket=bucket_of(dice.lognormvariate(4.5, 0.6)), memory_mb=512, max_memory_mb=90,
                      version="7", evidence=5) for _ in range(SAMPLE_PER_SECOND * 60)]
        for at in range(0, len(facts), BATCH):
            batches.put(table, PLACE, info.name, facts[at:at + BATCH], None, [])
        clock.now = start + MINUTE_MS
        table.reset()
        began = time.perf_counter()
        ledger = Ledger.open(table, PLACE)
        joined.fold_minutes(ledger, info, clock.now - MINUTE_MS - joined.AGAIN_MS, clock.now)
        ledger.close()
        took.append(time.perf_counter() - began)
    return min(took[-3:]), sum(table.written.values()), sum(table.read.values())


def run() -> Report:
    shares = [1 / rank for rank in range(1, FUNCTIONS + 1)]
    busiest = PER_SECOND * shares[0] / sum(shares)
    units, seconds, hottest = received()
    fold_s, writes, reads = folded()
    batches_s = PER_SECOND / BATCH
    whole_fold_s = fold_s * PER_SECOND / SAMPLE_PER_SECOND
    heat = busiest / BATCH * units
    # A fold writes much the same whatever the pace, and reads in proportion.
    write_units = (batches_s * units * 60 + FUNCTIONS * writes) * 60
    read_units = reads * PER_SECOND / SAMPLE_PER_SECOND * 60
    dollars = write_units * WRITE_DOLLARS + read_units * READ_DOLLARS
    lambda_dollars = HOUR_MS / 1000 * (batches_s * (seconds * MEMORY_GB * LAMBDA_GB_SECOND + LAMBDA_CALL)
                                       + whole_fold_s / 60 * MEMORY_GB * LAMBDA_GB_SECOND)
    rows = [
        ["busiest function", f"{busiest:,.0f} invocations/s", f"its hottest key ({hottest}) {heat:,.0f} units/s"],
        ["receivers", f"{batches_s:,.0f} batches/s of {seconds * 1000:.1f} ms",
         f"{batches_s * seconds:.1f} at work at once"],
        ["fold, each minute", f"{whole_fold_s:.0f} s of one core",
         f"{-(-whole_fold_s // 60):.0f} at work, lag {60 + whole_fold_s:.0f} s"],
        ["units in the hour", f"{write_units / 1e6:,.1f} M written", f"{read_units / 1e6:,.1f} M read"],
        ["dollars in the hour", f"${dollars:,.2f} table", f"${lambda_dollars:,.2f} Lambda"],
    ]
    return Report(f"An hour at {PER_SECOND:,} invocations/s over {FUNCTIONS} functions, pushed (prices of {AS_OF})",
                  ["", "", ""], rows,
                  [Target("hottest key, share of a partition's limit", heat / PARTITION_UNITS, 0.5),
                   Target("seconds of a minute's fold", whole_fold_s, 60)])
