"""Contract of redrive jobs: frozen selections, leases with fencing, results; on moto and on MiniStack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store import jobs
from store.errors import ConditionLost
from store.recovery import Job, JobResult, JobState, Outcome
from store.table import Table
from tests.builders import NOW, PLACE, a_job


def leased(table: Table, owner: str = "worker-a", now: int = NOW) -> Job:
    job = jobs.get(table, "job-1")
    assert job is not None
    held = jobs.lease(table, job, owner, now, now + 60_000)
    assert held is not None
    return held


def test_the_same_job_asked_for_twice_is_one_job_with_the_first_selection(table: Table):
    assert jobs.create(table, a_job(), ["m-1", "m-2"])
    assert not jobs.create(table, a_job(reason="a double click"), ["m-9"])
    assert jobs.selection(table, "job-1") == ["m-1", "m-2"]
    assert jobs.get(table, "job-1") == a_job()


def test_a_selection_of_ten_thousand_messages_comes_back_in_order(table: Table):
    ids = [f"00000000-0000-0000-0000-{n:012d}" for n in range(10_000)]
    jobs.create(table, a_job(total=10_000), ids)
    assert jobs.selection(table, "job-1") == ids


def test_while_one_worker_holds_a_job_another_gets_none(table: Table):
    jobs.create(table, a_job(), ["m-1"])
    held = leased(table)
    assert jobs.lease(table, held, "worker-b", NOW + 1, NOW + 60_000) is None
    assert jobs.lease(table, held, "worker-a", NOW + 1, NOW + 60_000) is not None


def test_two_workers_that_read_the_same_free_job_get_one_lease(table: Table):
    jobs.create(table, a_job(), ["m-1"])
    seen = a_job()
    assert jobs.lease(table, seen, "worker-a", NOW, NOW + 60_000) is not None
    assert jobs.lease(table, seen, "worker-b", NOW, NOW + 60_000) is None


def test_a_worker_that_stalled_past_its_lease_can_write_the_job_no_more(table: Table):
    jobs.create(table, a_job(), ["m-1"])
    stalled = leased(table)
    later = NOW + 60_001
    taken = jobs.lease(table, stalled, "worker-b", later, later + 60_000)
    assert taken is not None
    with pytest.raises(ConditionLost):
        jobs.save(table, replace(stalled, state=JobState.FOLLOWING))
    assert jobs.save(table, replace(taken, state=JobState.FOLLOWING)).state is JobState.FOLLOWING


def test_a_cancel_asked_for_meanwhile_reaches_the_worker_with_its_next_save(table: Table):
    jobs.create(table, a_job(), ["m-1"])
    held = leased(table)
    jobs.ask_cancel(table, held)
    assert jobs.save(table, replace(held, state=JobState.RUNNING)).cancel_asked


def test_a_finished_job_is_open_no_more_but_stays_in_the_history(table: Table):
    jobs.create(table, a_job(), ["m-1"])
    jobs.create(table, a_job(id="job-2", asked_at=NOW + 1), ["m-2"])
    jobs.save(table, replace(leased(table), state=JobState.DONE, finished_at=NOW + 5, lease_owner=None, lease_until=0))
    assert [job.id for job in jobs.open_jobs(table)] == ["job-2"]
    assert [(job.id, job.state) for job in jobs.recent(table, PLACE)] == [
        ("job-2", JobState.QUEUED), ("job-1", JobState.DONE)]


def test_counts_come_from_the_results_and_a_result_written_twice_counts_once(table: Table):
    jobs.create(table, a_job(), ["m-1", "m-2", "m-3"])
    first = JobResult("q/m-1", Outcome.SENT, NOW, sent_message_id="n-1")
    jobs.put_results(table, "job-1", [first, JobResult("q/m-2", Outcome.SKIPPED, NOW, "gone")])
    jobs.put_results(table, "job-1", [first])
    job = jobs.recount(table, a_job())
    assert (job.count(Outcome.SENT), job.count(Outcome.SKIPPED), job.handled, job.settled) == (1, 1, 2, 1)
