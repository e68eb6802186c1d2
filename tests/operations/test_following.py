"""What became of the messages: as many as there is time for, then counted."""

from __future__ import annotations

import pytest

from operations import sending
from operations.leased import PRESUME_MS, RESERVE_MS
from store.recovery import JobState
from tests.operations.bench import LONG_MS, Bench


def test_a_slice_settles_what_it_has_time_for_and_the_next_goes_on(bench: Bench):
    bench.ask(bench.letters(*(f"m-{number}" for number in range(50))))
    bench.run()
    bench.clock.advance(PRESUME_MS)
    left = [LONG_MS] * 34
    bench.run(left_ms=lambda: left.pop() if left else RESERVE_MS - 1)
    job = bench.job()
    assert job.state is JobState.FOLLOWING
    assert 20 <= job.counts["presumed"] < 50
    assert sum(job.counts.values()) == 50
    bench.clock.advance(1_000)
    bench.run()
    assert (bench.job().state, bench.job().counts) == (JobState.DONE, {"presumed": 50})


def test_a_job_is_sent_some_at_a_time_and_what_cannot_go_stops_no_others(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """Those of the first pass find their destination busy, those behind go elsewhere."""
    monkeypatch.setattr(sending, "AT_ONCE", 4)
    ids = bench.letters(*(f"m-{number}" for number in range(30)))
    bench.queue.faults = ["busy"] * 8
    bench.ask(ids)
    bench.run()
    assert sorted(bench.queue.arrived) == sorted(ids)
    assert (bench.job().state, bench.job().counts) == (JobState.FOLLOWING, {"sent": 30})
