"""Any history of faults and crashes keeps the promises: nothing lost, every duplicate listed, every letter told."""

from __future__ import annotations

import uuid
from functools import cache

import boto3
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from operations.leased import LEASE_MS
from store import jobs
from store.clock import MINUTE_MS
from store.recovery import JobState, LetterState
from store.table import Table
from tests.builders import FakeClock
from tests.operations.bench import Bench, FakeQueue
from tests.operations.test_worker_crashes import assert_nothing_lost_and_duplicates_listed, killed_at
from tests.tables import create_table

FAULTS = st.lists(st.sampled_from(["ok", "lost", "dropped", "failed", "busy"]), max_size=12)
DEATHS = st.lists(st.integers(0, 25), max_size=4)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(count=st.integers(1, 4), faults=FAULTS, deaths=DEATHS)
@example(count=3, faults=["lost"] * 9, deaths=[])
@example(count=2, faults=["busy"] * 12, deaths=[7, 7, 7])
@example(count=1, faults=[], deaths=[8, 8, 8, 8])
def test_any_history_of_faults_and_crashes_keeps_the_promises(aws: boto3.Session, count: int, faults: list[str],
                                                              deaths: list[int]):
    bench = a_bench(aws)
    bench.queue = FakeQueue(faults)
    ids = bench.letters(*(f"m-{n}" for n in range(count)))
    bench.ask(ids)
    for step in deaths:
        killed_at(bench, step)
        bench.clock.advance(LEASE_MS + 1)
    while bench.job().state in (JobState.QUEUED, JobState.RUNNING):
        bench.run("heir")
        bench.clock.advance(MINUTE_MS)
    assert set(bench.results()) == set(ids)
    assert sum(bench.job().counts.values()) == count
    assert_nothing_lost_and_duplicates_listed(bench)
    bench.clock.advance(30 * MINUTE_MS)
    bench.run("heir")
    assert bench.job().state is JobState.DONE
    assert {bench.letter(one).state for one in ids} <= {LetterState.PRESUMED, LetterState.NEEDS_OPERATOR}
    assert list(jobs.open_jobs(bench.table)) == []


@cache
def client_of(session: boto3.Session):
    """Making a client takes longer than an example."""
    return session.client("dynamodb")


def a_bench(session: boto3.Session) -> Bench:
    name = f"lamplight-{uuid.uuid4().hex}"
    create_table(client_of(session), name)
    clock = FakeClock()
    return Bench(Table(client_of(session), name, clock), clock)
