"""Contract of outcomes told late, twice or at once, on moto and on MiniStack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store import dead_letters, jobs, outcomes
from store.recovery import DeadLetter, Job, JobResult, JobState, LetterState, Outcome
from store.table import Table
from tests.builders import NOW, PLACE, QUEUE, a_job, a_letter


def stored(table: Table) -> DeadLetter:
    letter = dead_letters.get(table, PLACE, QUEUE, "m-1")
    assert letter is not None
    return letter


def counts(table: Table) -> dict[str, int]:
    job = jobs.get(table, "job-1")
    assert job is not None
    return dict(job.counts)


def a_finished_redrive(table: Table, outcome: Outcome = Outcome.PRESUMED, state: JobState = JobState.DONE) -> None:
    jobs.create(table, a_job(state=state, finished_at=NOW, total=1, counts={str(outcome): 1}), ["m-1"])
    jobs.put_results(table, "job-1", [JobResult(f"{QUEUE}/m-1", outcome, NOW)])
    dead_letters.capture(table, a_letter(state=LetterState(outcome), job_id="job-1", attempts=1))


@pytest.mark.parametrize(("before", "after"), [
    (Outcome.PRESUMED, LetterState.SUCCEEDED), (Outcome.PRESUMED, LetterState.RETURNED),
    (Outcome.SUCCEEDED, LetterState.RETURNED),
])
def test_a_late_outcome_changes_the_result_and_the_counts_of_a_finished_redrive(table: Table, before: Outcome,
                                                                                 after: LetterState):
    a_finished_redrive(table, before)
    outcomes.settle(table, stored(table), after, "seen late", NOW + 5)
    outcomes.correct(table, ["job-1", None, "no such job"])
    assert counts(table) == {str(after): 1}
    assert [result.outcome for result in jobs.results(table, "job-1")] == [Outcome(after)]


def test_an_open_redrive_is_counted_by_its_worker(table: Table):
    a_finished_redrive(table, state=JobState.FOLLOWING)
    outcomes.settle(table, stored(table), LetterState.RETURNED, "came back", NOW + 5)
    outcomes.correct(table, ["job-1"])
    assert counts(table) == {"presumed": 1}


def test_a_redrive_that_counted_nothing_is_counted_all_the_same(table: Table):
    jobs.create(table, a_job(state=JobState.DONE, counts={}), ["m-1"])
    jobs.put_results(table, "job-1", [JobResult(f"{QUEUE}/m-1", Outcome.RETURNED, NOW)])
    outcomes.correct(table, ["job-1"])
    assert counts(table) == {"returned": 1}


def test_who_counts_with_old_numbers_counts_again(table: Table, monkeypatch: pytest.MonkeyPatch):
    a_finished_redrive(table)
    recount = jobs.recount

    def overtaken(given: Table, job: Job) -> Job:
        stale = recount(given, job)
        monkeypatch.setattr(jobs, "recount", recount)
        outcomes.settle(table, stored(table), LetterState.RETURNED, "came back", NOW + 6)
        outcomes.correct(table, ["job-1"])
        return stale

    outcomes.settle(table, stored(table), LetterState.SUCCEEDED, "seen late", NOW + 5)
    monkeypatch.setattr(jobs, "recount", overtaken)
    outcomes.correct(table, ["job-1"])
    assert counts(table) == {"returned": 1}


def test_told_again_it_finishes_what_was_cut_off_between_letter_and_result(table: Table):
    a_finished_redrive(table)
    dead_letters.save(table, stored(table), replace(stored(table), state=LetterState.RETURNED, settled_at=NOW + 5,
                                                    next=f"{QUEUE}/m-2"))
    assert outcomes.settle(table, stored(table), LetterState.RETURNED, "came back", NOW + 9, f"{QUEUE}/m-2") is None
    (result,) = jobs.results(table, "job-1")
    assert (result.outcome, result.at) == (Outcome.RETURNED, NOW + 5)
