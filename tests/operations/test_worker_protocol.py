"""Any history of faults and crashes keeps the promises: nothing lost, every duplicate listed, every letter told."""

from __future__ import annotations

import boto3
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from operations.sending import LEASE_MS
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


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(1, 6), FAULTS, DEATHS)
@example(3, ["lost", "lost", "lost", "lost", "lost", "lost", "lost", "lost", "lost"], [])
@example(2, ["busy"] * 12, [7, 7, 7])
@example(1, [], [8, 8, 8, 8])
def test_any_history_of_faults_and_crashes_keeps_the_promises(count: int, faults: list[str], deaths: list[int]):
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1", aws_access_key_id="test",
                              aws_secret_access_key="test")  # noqa: S106
        create_table(client, "lamplight")
        clock = FakeClock()
        bench = Bench(Table(client, "lamplight", clock), clock)
        bench.queue = FakeQueue(faults)
        ids = bench.letters(*(f"m-{n}" for n in range(count)))
        bench.ask(ids)
        for step in deaths:
            killed_at(bench, step)
            clock.advance(LEASE_MS + 1)
        while bench.job().state in (JobState.QUEUED, JobState.RUNNING):
            bench.run("heir")
            clock.advance(MINUTE_MS)
        assert set(bench.results()) == set(ids)
        assert sum(bench.job().counts.values()) == count
        assert_nothing_lost_and_duplicates_listed(bench)
        clock.advance(30 * MINUTE_MS)
        bench.run("heir")
        assert bench.job().state is JobState.DONE
        assert {bench.letter(one).state for one in ids} <= {LetterState.PRESUMED, LetterState.NEEDS_OPERATOR}
        assert list(jobs.open_jobs(bench.table)) == []
