from __future__ import annotations

from datetime import UTC

import pytest

from dashboard import progress
from store.recovery import JobResult, JobState, Outcome
from tests.builders import NOW, a_job

FOLLOWING = {"state": JobState.FOLLOWING, "started_at": NOW, "sent_at": NOW + 80}


@pytest.mark.parametrize(("facts", "now", "said"), [
    ({}, NOW + 3_000, "asked for 3 s ago"),
    ({"state": JobState.RUNNING, "started_at": NOW}, NOW + 4_000, "sending for 4 s"),
    ({"state": JobState.REFUSED, "started_at": NOW, "finished_at": NOW + 50}, NOW + 9_000, "stopped after 50 ms"),
    (FOLLOWING, NOW + 200, "sent in 80 ms"),
    (FOLLOWING, NOW + 40_080, "sent in 80 ms, following for 40 s"),
    ({**FOLLOWING, "state": JobState.DONE, "finished_at": NOW + 60_000}, NOW + 90_000,
     "sent in 80 ms, every outcome known after 1 min"),
    ({**FOLLOWING, "sent_at": NOW + 4_000, "counts": {"sent": 8, "skipped": 3}}, NOW + 4_500,
     "sent in 4 s (2 a second)"),
])
def test_the_pace_names_the_phase_it_is_about(facts, now, said):
    assert progress.pace(a_job(**facts), now) == said


@pytest.mark.parametrize(("facts", "said"), [
    ({}, "2 messages: 2 to send"),
    ({"total": 1, "counts": {"succeeded": 1}}, "1 message: 1 succeeded"),
    ({"total": 4, "counts": {"returned": 1, "presumed": 1, "needs operator": 1}, "state": JobState.CANCELLED},
     "4 messages: 1 presumed processed, 1 returned, 1 needs an operator, 1 not sent"),
    ({"total": 0}, "0 messages: none sent yet"),
])
def test_the_sentence_counts_every_message_once(facts, said):
    assert progress.sentence(a_job(**facts)) == said


def test_shares_are_of_the_selection_and_never_more_than_whole():
    job = a_job(total=4, counts={"sent": 1, "succeeded": 1})
    assert (progress.share_sent(job), progress.share_settled(job)) == (0.5, 0.25)
    nothing, over = a_job(total=0), a_job(total=1, counts={"succeeded": 2})
    assert [progress.share_sent(one) for one in (nothing, over)] == [1.0, 1.0]
    assert [progress.share_settled(one) for one in (nothing, over)] == [1.0, 1.0]


def test_every_phase_and_outcome_has_a_word():
    assert set(progress.PHASES) == set(JobState)
    assert set(progress.OUTCOMES) == set(progress.MEANINGS) == set(Outcome)


def test_results_name_the_message_and_show_unanswered_sends_only_when_there_are_some():
    plain = JobResult("queue/with/m-1", Outcome.SUCCEEDED, NOW, "processed\nby orders", "5d0f3a52-0000-4ee8-9f00-01")
    row = progress.results_frame([plain], UTC).iloc[0]
    assert (row["outcome"], row["message"], row["detail"]) == ("succeeded", "m-1", "processed by orders")
    assert row["sent as"] == "5d0f3a52…8-9f00-01"
    ambiguous = JobResult("queue/m-2", Outcome.PRESUMED, NOW, ambiguous=2)
    frame = progress.results_frame([plain, ambiguous], UTC)
    assert list(frame["no answer"]) == [0, 2]
    assert list(frame["detail"]) == ["processed by orders", "–"]
    assert "no answer" not in progress.results_frame([plain], UTC)


def test_a_redrive_is_one_row_with_what_was_not_sent():
    job = a_job(total=4, counts={"skipped": 1, "needs operator": 1, "returned": 1}, reason="a\nb")
    row = progress.jobs_frame([job], UTC).iloc[0]
    assert (row["not sent"], row["returned"], row["settled"], row["reason"]) == (2, 1, 75, "a b")
