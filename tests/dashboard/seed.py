"""A believable bad day, written through the store: a dozen functions, a bad deploy, dead letters, a redrive.

Seeded, so two runs look alike; relative to `now`. Written as rollups, not as log events: the collectors have
tests of their own."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

from store import (
    audit_log,
    dead_letters,
    drift,
    error_groups,
    functions,
    health,
    invocations,
    jobs,
    metrics,
    minutes,
    queues,
    readings,
    rollups,
)
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to
from store.deltas import BLOCK_MS
from store.drift import Drift, DriftState
from store.histogram import Histogram
from store.readings import SourceReading
from store.records import (
    CollectorRun,
    Deploy,
    ErrorGroup,
    FunctionInfo,
    Invocation,
    KeptInvocation,
    MetricPoint,
    MetricSeries,
    Place,
    Status,
    Unrecognised,
)
from store.recovery import AuditEntry, Custody, JobResult, JobState, LetterState, Outcome, Queue
from store.rollups import Rollup, Span
from store.table import Table
from tests.builders import a_group, a_job, a_letter

BAD_DEPLOY_MS = 5 * HOUR_MS
"""How long ago the bad version of checkout-fulfil went out."""


@dataclass(frozen=True)
class Kind:
    """A function and how it behaves: typical ms, starts, failures by status as shares."""

    name: str
    runtime: str
    memory_mb: int
    per_hour: int
    typical_ms: float
    init_ms: float
    cold: float
    used: float = 0.45
    failing: tuple[tuple[str, float], ...] = ()
    architecture: str = "arm64"


KINDS = (
    Kind("checkout-fulfil", "python3.13", 512, 140, 88, 240, 0.02, 0.61, (("error", 0.22),)),
    Kind("checkout-api", "nodejs22.x", 512, 900, 41, 210, 0.01, 0.38, (("error", 0.002),)),
    Kind("thumbnails", "nodejs22.x", 512, 60, 1_450, 420, 0.06, 1.0, (("oom", 0.03),)),
    Kind("ledger-post", "java21", 1024, 220, 130, 2_400, 0.012, 0.71, (("timeout", 0.006),)),
    Kind("ledger-report-nightly-reconciliation-with-a-rather-long-name", "java21", 2048, 4, 9_400, 3_100, 0.5),
    Kind("notify-email", "python3.13", 256, 310, 62, 190, 0.015, 0.52, (("error", 0.004),)),
    Kind("search-index", "provided.al2023", 256, 700, 12, 120, 0.004, 0.31),
    Kind("geo-lookup", "dotnet8", 512, 180, 33, 610, 0.02, 0.44),
    Kind("session-cleanup", "python3.12", 128, 12, 240, 180, 0.3, 0.57, architecture="x86_64"),
    Kind("orders-stream", "python3.13", 256, 420, 27, 200, 0.006, 0.5),
    Kind("orders-api", "python3.13", 512, 640, 35, 230, 0.011, 0.41, (("error", 0.001),)),
)
GROUPS = {
    ("checkout-fulfil", "error"): ("aa00112233445566", "KeyError", "'sku'"),
    ("checkout-api", "error"): ("bb00112233445566", "ConnectTimeoutError", "connect timeout on <host>:5432"),
    ("thumbnails", "oom"): ("cc00112233445566", "Runtime.OutOfMemory", "used 512 of 512 MB"),
    ("ledger-post", "timeout"): ("dd00112233445566", "Timeout", "Task timed out after 30.00 seconds"),
    ("notify-email", "error"): ("ee00112233445566", "ValidationError", "[x](http://evil) **bold** <b>html</b>"),
    ("orders-api", "error"): ("ff00112233445566", "JSONDecodeError", "Expecting value: line 1 column 1"),
}
"""Function and status: fingerprint, type, message. One message tries to be Markdown and HTML."""
STACK = """Traceback (most recent call last):
  File "/var/task/fulfil.py", line 41, in handler
    reserve(order["sku"], order["quantity"])
            ~~~~~^^^^^^^
KeyError: 'sku'"""


def seed(table: Table, place: Place, now: int, hours: int = 49) -> None:
    """Everything a page can show, as of `now` (epoch ms), with so many hours of history."""
    dice = random.Random(20)
    for kind in KINDS:
        _function(table, place, now, kind)
        _rollups(table, place, now, kind, dice, hours)
    for (function, status), (name, error, message) in GROUPS.items():
        group = a_group(place=place, fingerprint=name, function=function, error_type=error, message=message,
                        status=Status(status), first_version="31", last_version="31", last_seen=now - 4 * MINUTE_MS,
                        first_seen=now - (BAD_DEPLOY_MS if function == "checkout-fulfil" else 3 * DAY_MS),
                        stack=STACK if status == "error" else None)
        error_groups.observe(table, group)
        invocations.put_many(table, [_failure(group, now, number) for number in range(12)])
    _queues_and_letters(table, place, now)
    _metrics(table, place, now, dice)
    _audit(table, place, now)
    _health(table, place, now)


def _function(table: Table, place: Place, now: int, kind: Kind) -> None:
    functions.put(table, FunctionInfo(
        place, kind.name, f"/aws/lambda/{kind.name}", kind.runtime, kind.memory_mb, 30, kind.architecture, "31",
        last_modified=now - BAD_DEPLOY_MS, reserved_concurrency=20 if kind.name == "checkout-fulfil" else None,
        tracing="Active", log_format="JSON", seen_at=now))
    if kind.name == "checkout-fulfil":
        functions.put_deploy(table, Deploy(place, kind.name, now - 11 * HOUR_MS, "30"))
        functions.put_deploy(table, Deploy(place, kind.name, now - BAD_DEPLOY_MS, "31"))


def _rollups(table: Table, place: Place, now: int, kind: Kind, dice: random.Random,
             hours: int) -> None:
    for hours_ago in range(hours):
        start = floor_to(now, HOUR_MS) - hours_ago * HOUR_MS
        swing = 0.65 + 0.35 * math.sin((start % DAY_MS) / DAY_MS * 2 * math.pi - 2)
        rollups.put(table, _rollup(place, now, kind, start, Span.HOUR, kind.per_hour * swing, dice))
    blocks: dict[int, list[Rollup]] = {}
    for minutes_ago in range(60):
        start = floor_to(now, MINUTE_MS) - minutes_ago * MINUTE_MS
        one = _rollup(place, now, kind, start, Span.MINUTE, kind.per_hour / 60, dice)
        blocks.setdefault(floor_to(start, BLOCK_MS), []).append(one)
    for block, parts in blocks.items():
        minutes.put_block(table, block, parts)
    for days_ago in range(8):
        start = floor_to(now, DAY_MS) - days_ago * DAY_MS
        rollups.put(table, _rollup(place, now, kind, start, Span.DAY, kind.per_hour * 16, dice))


def _rollup(place: Place, now: int, kind: Kind, start: int, span: Span, pace: float, dice: random.Random) -> Rollup:
    count = max(0, round(dice.gauss(pace, pace**0.5)))
    by_status, groups = {}, {}
    bad = start + span.ms > now - BAD_DEPLOY_MS or kind.name != "checkout-fulfil"
    for status, share in kind.failing:
        failed = min(count, round(count * share * dice.uniform(0.4, 1.6))) if bad else 0
        if failed:
            by_status[status], groups[GROUPS[kind.name, status][0]] = failed, failed
    by_status["ok"] = count - sum(by_status.values())
    durations = Histogram.of(dice.lognormvariate(math.log(kind.typical_ms), 0.7) for _ in range(count))
    cold = sum(dice.random() < kind.cold for _ in range(count))
    inits = Histogram.of(dice.lognormvariate(math.log(kind.init_ms), 0.35) for _ in range(cold))
    billed = count * kind.typical_ms * 1.3
    used = round(kind.memory_mb * kind.used * dice.uniform(0.9, 1.0))
    version = "31" if now - start < BAD_DEPLOY_MS else "30"
    return Rollup(place, kind.name, start, span, count, by_status, cold, cold // 2 if "java" in kind.runtime else 0,
                  billed, billed * kind.memory_mb / 1024, kind.memory_mb,
                  used if kind.used < 1 else kind.memory_mb,
                  durations, inits, groups, {version: count})


def _failure(group: ErrorGroup, now: int, number: int) -> KeptInvocation:
    at, cold = now - number * 17 * MINUTE_MS, number % 4 == 0
    return KeptInvocation(group.place, group.function, Invocation(
        f"8f507cfc-{number:04d}-4697-b07a-ac58fc914c95", "2026/11/23/[31]9c1f", group.status, "31", group.error_type,
        group.message, group.stack, cold, 88.0 + number, 89.0, 512, 311, 244.0 if cold else None, ended_at=at,
        event_id=f"{group.fingerprint}{number}",
        lines=("START RequestId: 8f507cfc Version: 31", '{"level":"ERROR","message":"cannot fulfil"}',
               *STACK.splitlines())), at, group.fingerprint)


def _queues_and_letters(table: Table, place: Place, now: int) -> None:
    arn = f"arn:aws:sqs:{place.region}:{place.account}:"
    for name, custody, visible in (("checkout-fulfil-dlq", Custody.CAPTURED, 0), ("ledger-dlq", Custody.WATCHED, 7)):
        queues.put(table, Queue(place, name, arn + name, f"https://sqs/{name}", True, custody, (arn + name[:-4],),
                                visible=visible, retention_s=345_600, oldest_age_s=326_800, seen_at=now))
        queues.put(table, Queue(place, name[:-4], arn + name[:-4], f"https://sqs/{name[:-4]}", visible=3, in_flight=1,
                                dead_letter_arn=arn + name, max_receive_count=4, seen_at=now))
    states = [LetterState.DEAD] * 34 + [LetterState.NEEDS_OPERATOR, LetterState.RETURNED, LetterState.SUCCEEDED,
                                        LetterState.SUCCEEDED, LetterState.SENT, LetterState.DISCARDED]
    for number, state in enumerate(states):
        at = now - number * 7 * MINUTE_MS
        dead_letters.capture(table, a_letter(
            f"51a9c0de-{number:04d}-4ee8-9f00-0123456789ab", place=place, queue="checkout-fulfil-dlq",
            body=f'{{"order_id": "{88_100 + number}", "tier": "gold", "quantity": 2}}', function="checkout-fulfil",
            error_type="KeyError", error_message="'sku'", fingerprint="aa00112233445566", state=state, captured_at=at,
            sent_at=at - MINUTE_MS, redriven_at=at if state is LetterState.SENT else None,
            job_id="job-seeded" if state not in (LetterState.DEAD, LetterState.DISCARDED) else None,
            lineage=f"51a9c0de-{number:04d}"))
    job = a_job(place=place, id="job-seeded", queue="checkout-fulfil-dlq", total=4, asked_at=now - HOUR_MS)
    jobs.create(table, job, [f"51a9c0de-{number:04d}-4ee8-9f00-0123456789ab" for number in range(34, 38)])
    outcomes = (Outcome.NEEDS_OPERATOR, Outcome.RETURNED, Outcome.SUCCEEDED, Outcome.SUCCEEDED)
    jobs.put_results(table, job.id, [JobResult(f"checkout-fulfil-dlq/51a9c0de-{34 + number:04d}-4ee8-9f00-0123456789ab",
                                               outcome, now - HOUR_MS) for number, outcome in enumerate(outcomes)])
    jobs.save(table, jobs.recount(table, replace(job, state=JobState.DONE, started_at=now - HOUR_MS,
                                                 finished_at=now - 50 * MINUTE_MS)))


def _metrics(table: Table, place: Place, now: int, dice: random.Random) -> None:
    for name, unit in (("FulfilDuration", "Milliseconds"), ("FulfilSuccess", "Count"), ("FulfilError", "Count")):
        series = MetricSeries("checkout/Lambda", name, unit, {"service": "checkout"})
        metrics.put(table, place, series, [
            MetricPoint(floor_to(now, MINUTE_MS) - ago * 10 * MINUTE_MS, 10, dice.uniform(200, 900), 8.0, 140.0)
            for ago in range(140)])


def _audit(table: Table, place: Place, now: int) -> None:
    for number, (actor, action, outcome) in enumerate((
            ("ada@example.com", "redrive", "done"), ("grace@example.com", "release", "done"),
            ("ada@example.com", "cancel", "cancelled"), ("grace@example.com", "redrive", None))):
        entry = AuditEntry(place, f"act-{number}", now - (number + 1) * HOUR_MS, actor, "operator", action,
                           "checkout-fulfil-dlq, 4 messages", "the warehouse is back", {"job": "job-seeded"})
        audit_log.put_intent(table, entry)
        if outcome:
            audit_log.put_outcome(table, entry, outcome, entry.at + 1_200, {"succeeded": "2"})


def _health(table: Table, place: Place, now: int) -> None:
    for name, ago, problems in (("logs", 40_000, ()), ("metrics", 55_000, ()), ("queues", 35_000, (
            "Not allowed: sqs:GetQueueAttributes on payments-dlq. Give this role sqs:GetQueueAttributes.",))):
        health.put_run(table, CollectorRun(place, name, now - ago, 840, 1_284, 96, 2, 42_000, problems))
    readings.put(table, place, "logs", [
        SourceReading("/aws/lambda/checkout-fulfil", now - 2_000, now, 1_284),
        SourceReading("/aws/lambda/ledger-post", now - 25 * MINUTE_MS, now, 90_000),
        SourceReading("/aws/lambda/payroll", None, now, 0, "Not allowed: FilterLogEvents on /aws/lambda/payroll."),
    ], {})
    hour = floor_to(now, HOUR_MS) - 2 * HOUR_MS
    drift.put(table, Drift(place, "ledger-post", hour, DriftState.EXPLAINED, 812, 640, 9, 7, 3, 220.0, 224.5, 3,
                           "Read three times, still missing. The lines are not in the log group.", now))
    drift.put(table, Drift(place, "checkout-fulfil", hour - HOUR_MS, DriftState.HEALED, 90, 90, 0, 0, 0, readings=1))
    health.put_unrecognised(table, Unrecognised(
        place, "/aws/lambda/notify-email", "a REPORT line without a duration",
        "REPORT RequestId: 3f1 Duration: NaN ms", now - 12 * MINUTE_MS, "event-1"))
