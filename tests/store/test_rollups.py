"""Contract of rollups and deltas, on moto and on MiniStack."""

from __future__ import annotations

import base64
import json
import struct
import zlib

import pytest

from store import deltas, keys, minutes, rollups
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to, utc
from store.errors import StoreError
from store.fact_pack import Fact
from store.histogram import Histogram, bucket_of
from store.records import Place, Status
from store.rollups import Rollup, Span
from store.table import Table
from tests.builders import NOW, PLACE

HOUR = floor_to(NOW, HOUR_MS)
NAME = "orders-fulfil"


def a_rollup(start: int = HOUR, span: Span = Span.HOUR, n: int = 3, **facts) -> Rollup:
    defaults = {
        "invocations": n, "by_status": {"ok": n - 1, "timeout": 1}, "cold_starts": 1, "billed_ms": 300.0,
        "gb_ms": 150.0, "memory_mb": 512, "max_memory_mb": 91, "duration": Histogram.of([120.0] * n),
        "init": Histogram.of([240.0]), "groups": {"00112233aabbccdd": 1}, "versions": {"7": n}, "weight": n,
    }
    return Rollup(PLACE, NAME, start, span, **{**defaults, **facts})


def a_fact(number: int, **facts) -> Fact:
    defaults = {"event_hash": f"{number:012x}", "at": NOW, "status": Status.OK, "duration_bucket": bucket_of(120.0),
                "billed_ms": 121, "memory_mb": 512, "max_memory_mb": 91, "version": "7"}
    return Fact(**{**defaults, **facts})


def test_a_rollup_comes_back_as_it_was_at_every_level(table: Table):
    for span, read in ((Span.HOUR, rollups.hours), (Span.DAY, rollups.days)):
        start = floor_to(NOW, span.ms)
        rollup = a_rollup(start, span)
        assert rollups.put(table, rollup)
        assert list(read(table, PLACE, NAME, start, start + span.ms)) == [rollup]


def test_a_rollup_of_fewer_events_never_replaces_one_of_more(table: Table):
    rollups.put(table, a_rollup(n=5))
    assert not rollups.put(table, a_rollup(n=4))
    (standing,) = rollups.hours(table, PLACE, NAME, HOUR, HOUR + HOUR_MS)
    assert standing.invocations == 5


def test_hours_are_read_across_days_and_months_and_stop_before_the_end(table: Table):
    starts = [HOUR - hours * HOUR_MS for hours in range(24 * 30, -1, -24)]
    for start in starts:
        rollups.put(table, a_rollup(start))
    read = [rollup.start for rollup in rollups.hours(table, PLACE, NAME, starts[0], HOUR)]
    assert read == starts[:-1]


def test_minutes_are_read_across_midnight(table: Table):
    midnight = floor_to(NOW, DAY_MS)
    minutes.put_block(table, midnight - deltas.BLOCK_MS, [a_rollup(midnight - MINUTE_MS, Span.MINUTE)])
    minutes.put_block(table, midnight, [a_rollup(midnight + n * MINUTE_MS, Span.MINUTE) for n in range(2)])
    read = minutes.between(table, PLACE, NAME, midnight - MINUTE_MS, midnight + MINUTE_MS)
    assert [rollup.start for rollup in read] == [midnight - MINUTE_MS, midnight]


def test_the_fleet_shows_every_function_of_one_place_only(table: Table):
    rollups.put(table, a_rollup())
    other = Rollup(Place("999999999999", "eu-central-1"), NAME, HOUR, Span.HOUR, 1, {"ok": 1})
    rollups.put(table, other)
    assert [rollup.function for rollup in rollups.fleet(table, PLACE, HOUR, HOUR + 1)] == [NAME]


def test_disjoint_windows_add_up(table: Table):
    whole = rollups.total(PLACE, NAME, HOUR, Span.HOUR, [a_rollup(n=3), a_rollup(n=4, max_memory_mb=200)])
    assert (whole.invocations, whole.failures, whole.cold_starts, whole.max_memory_mb) == (7, 2, 2, 200)
    assert whole.by_status == {"ok": 5, "timeout": 2}
    assert whole.duration.n == 7
    assert whole.failure_rate == 2 / 7
    assert rollups.total(PLACE, NAME, HOUR, Span.HOUR, []).failure_rate is None


def test_facts_come_back_as_they_were_packed(table: Table):
    facts = [
        a_fact(1),
        a_fact(2, status=Status.TIMEOUT, fingerprint="00112233aabbccdd", duration_bucket=None, version=None),
        a_fact(3, cold=True, init_bucket=bucket_of(240.0), at=NOW + 59_000 - NOW % MINUTE_MS),
        a_fact(4, cold=True, restored=True, status=Status.OOM, memory_mb=None, max_memory_mb=None,
               fingerprint="ffffffffffffffff", init_bucket=bucket_of(0.0)),
    ]
    deltas.put(table, PLACE, NAME, facts)
    assert sorted(deltas.of_hour(table, PLACE, NAME, HOUR).values(), key=lambda f: f.event_hash) == facts


def test_overlapping_and_repeated_deltas_are_one_set(table: Table):
    deltas.put(table, PLACE, NAME, [a_fact(1), a_fact(2)])
    deltas.put(table, PLACE, NAME, [a_fact(2), a_fact(1)])
    deltas.put(table, PLACE, NAME, [a_fact(2), a_fact(3), a_fact(3)])
    assert sorted(deltas.of_hour(table, PLACE, NAME, HOUR)) == [f"{n:012x}" for n in (1, 2, 3)]
    assert len(list(table.query(f"D#{PLACE}#{NAME}#2026112318#0"))) == 2


def test_an_hour_of_minutes_written_at_once_reads_like_minutes_written_one_by_one(table: Table):
    parts = [a_rollup(HOUR + number * MINUTE_MS, Span.MINUTE) for number in range(60)]
    assert minutes.put_hour(table, HOUR, parts)
    assert not minutes.put_hour(table, HOUR, parts[:59])
    assert list(minutes.between(table, PLACE, NAME, HOUR, HOUR + HOUR_MS)) == parts
    assert list(minutes.between(table, PLACE, NAME, HOUR + MINUTE_MS, HOUR + 3 * MINUTE_MS)) == parts[1:3]


def test_of_a_minute_that_stands_twice_the_heavier_is_the_newer(table: Table):
    old, new = a_rollup(HOUR, Span.MINUTE, n=3), a_rollup(HOUR, Span.MINUTE, n=5)
    minutes.put_hour(table, HOUR, [old, a_rollup(HOUR + MINUTE_MS, Span.MINUTE)])
    minutes.put_block(table, floor_to(HOUR, deltas.BLOCK_MS), [new])
    assert next(iter(minutes.between(table, PLACE, NAME, HOUR, HOUR + MINUTE_MS))) == new
    minutes.put_hour(table, HOUR, [a_rollup(HOUR, Span.MINUTE, n=9)])
    assert [part.invocations for part in minutes.between(table, PLACE, NAME, HOUR, HOUR + HOUR_MS)] == [9]


def test_of_two_facts_about_one_invocation_the_one_that_saw_more_stands_in_any_order(table: Table):
    cut, whole = a_fact(1, evidence=2), a_fact(1, evidence=6, status=Status.ERROR, fingerprint="00112233aabbccdd")
    for order in ([cut, whole], [whole, cut]):
        for fact in order:
            deltas.put(table, PLACE, NAME, [fact])
        assert list(deltas.of_hour(table, PLACE, NAME, HOUR).values()) == [whole]


def test_counts_of_the_layout_before_evidence_are_read_as_resting_on_none(table: Table):
    old = struct.pack(">8sHBhIHHB", bytes.fromhex("00112233aabbccdd"), 1_500, 0, -32_768, 121, 512, 91, 1)
    table.put(keys.delta(PLACE, NAME, HOUR, "old"), {"v": 1, "minute": HOUR, "versions": ["7"], "facts": old})
    (read,) = deltas.of_hour(table, PLACE, NAME, HOUR).values()
    assert (read.at, read.billed_ms, read.version, read.evidence) == (HOUR + 1_500, 121, "7", 0)


def test_counts_of_a_newer_layout_are_refused_and_not_misread(table: Table):
    table.put(keys.delta(PLACE, NAME, HOUR, "new"), {"v": 4, "minute": HOUR, "facts": b"?"})
    with pytest.raises(StoreError, match="this Lamplight knows 3"):
        deltas.of_hour(table, PLACE, NAME, HOUR)


def test_minutes_of_the_first_release_are_read_one_by_one_and_by_the_hour(table: Table):
    one, other = a_rollup(HOUR + MINUTE_MS, Span.MINUTE), a_rollup(HOUR + 2 * MINUTE_MS, Span.MINUTE, n=4)
    pk = keys.minute_block(PLACE, NAME, HOUR).pk
    table.put(keys.Key(pk, f"m#{utc(one.start):%H%M}"), rollups.item(one))
    plain = {**rollups.item(other), "duration": base64.b64encode(other.duration.pack()).decode(),
             "init": base64.b64encode(other.init.pack()).decode()}
    table.put(keys.minutes_of_hour(PLACE, NAME, HOUR), {
        "v": 1, "weight": 4, "minutes": zlib.compress(json.dumps([plain]).encode())})
    assert list(minutes.between(table, PLACE, NAME, HOUR, HOUR + HOUR_MS)) == [one, other]
