from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from store.errors import Throttled
from store.recovery import JobResult, JobState, Outcome
from tests.builders import NOW, PLACE, QUEUE
from tests.dashboard.conftest import read
from tests.dashboard.desk import choose

ENDED = {"started_at": NOW, "sent_at": NOW + 80, "finished_at": NOW + 60_000}


def a_result(message_id, outcome=Outcome.SUCCEEDED, **facts):
    return JobResult(f"{QUEUE}/{message_id}", outcome, NOW, **facts)


@pytest.mark.parametrize("job_id", ["", "no-such-job", "../../etc", "<b>", "x" * 5_000, "job-1\u202e"])
def test_a_link_that_names_no_redrive_says_so(desk, opened, job_id):
    page = opened("redrive", id=job_id)
    assert "This link names no known redrive" in read(page)
    assert page.get("page_link")[0].proto.page == "redrives"


def test_a_redrive_of_another_account_is_not_shown(desk, opened):
    desk.job(place=type(PLACE)("999999999999", PLACE.region))
    assert "This link names no known redrive" in read(opened("redrive", id="job-1"))


def test_a_redrive_that_waits_says_for_whom_and_can_be_cancelled(desk, opened):
    desk.job(rate_per_s=10)
    page = opened("redrive", id="job-1")
    said = read(page)
    assert page.title[0].value.replace("\\", "") == "Redrive of 2 messages from orders-fulfil-dlq"
    assert "waiting for the worker" in said
    assert "at 10 a second" in said
    assert "Each message appears here as it is sent" in said
    assert page.text[0].value == "“the warehouse is back”"
    page.button(key="cancel_redrive").click().run()
    assert desk.jobs()[0].cancel_asked
    assert "Cancel asked for: the worker stops after the batch in its hands" in read(page)
    assert not page.button


def test_a_redrive_is_paused_and_resumed_by_its_buttons(desk, opened):
    desk.job(a_result("m-1", Outcome.SENT), state=JobState.RUNNING, started_at=NOW)
    page = opened("redrive", id="job-1")
    page.button(key="pause_redrive").click().run()
    assert desk.jobs()[0].pause_asked
    assert "Pause asked for" in read(page)
    page.button(key="resume_redrive").click().run()
    assert not desk.jobs()[0].pause_asked


def test_a_canary_that_stopped_says_why_and_waits_for_a_person(desk, opened):
    desk.job(a_result("m-1", Outcome.RETURNED), state=JobState.PAUSED, pause_asked=True, ramp=(1, 10), started_at=NOW,
             problem="canary: 1 of 1 came back")
    page = opened("redrive", id="job-1")
    said = read(page)
    assert "paused" in said
    assert "canary 1 → 10 → the rest, stage 1" in said
    assert "canary: 1 of 1 came back" in page.warning[0].value
    assert [button.key for button in page.button] == ["resume_redrive", "cancel_redrive"]


def test_a_scheduled_redrive_says_when_it_begins(desk, opened):
    desk.job(not_before=NOW + 45 * 60_000)
    assert "begins in 45 min" in read(opened("redrive", id="job-1"))


def test_progress_is_counted_from_the_results(desk, opened):
    desk.job(a_result("m-1", Outcome.SENT), state=JobState.RUNNING, started_at=NOW)
    page = opened("redrive", id="job-1")
    assert "2 messages: 1 on the way, 1 to send" in read(page)
    assert [bar.proto.text for bar in page.get("progress")] == ["Sent or put aside: 1 of 2", "Outcome known: 0 of 2"]


def test_while_following_nothing_is_left_to_cancel(desk, opened):
    desk.job(a_result("m-1", Outcome.SENT), a_result("m-2"), state=JobState.FOLLOWING, started_at=NOW,
             sent_at=NOW + 80)
    desk.clock.advance(40_080)
    page = opened("redrive", id="job-1")
    assert "1 on the way, 1 succeeded" in read(page)
    assert "sent in 80 ms, following for 40 s" in read(page)
    assert not page.button


def test_the_end_names_what_became_of_each(desk, opened):
    desk.job(a_result("m-1", Outcome.RETURNED, detail="came back as m-9"),
             a_result("m-2", Outcome.PRESUMED, ambiguous=1), state=JobState.DONE, **ENDED)
    page = opened("redrive", id="job-1")
    said = read(page)
    assert "2 messages: 1 presumed processed, 1 returned" in said
    assert "every outcome known after 1 min" in said
    assert "1 send had no answer; each may have made one duplicate" in said
    rows = page.dataframe[0].value.set_index("message")
    assert rows.loc["m-2", "no answer"] == 1
    assert rows.loc["m-1", "detail"] == "came back as m-9"


@pytest.mark.parametrize(("state", "problem"), [
    (JobState.CANCELLED, "cancelled before it was sent"), (JobState.REFUSED, "eve is viewer; <b>to</b> redrive")])
def test_a_redrive_that_was_stopped_says_why(desk, opened, state, problem):
    desk.job(state=state, problem=problem, started_at=NOW, finished_at=NOW + 50)
    page = opened("redrive", id="job-1")
    assert state in read(page)
    assert "2 not sent" in read(page)
    assert problem in page.warning[0].value.replace("\\", "")
    assert "\\<b" in page.warning[0].value or "<b" not in problem


def test_a_message_is_one_click_away(desk, opened):
    desk.job(a_result("m-1"), a_result("m-2", Outcome.RETURNED), state=JobState.DONE, **ENDED)
    page = opened("redrive", id="job-1")
    name = page.dataframe[0].value["message"][1]
    link = next(link.proto for link in choose(page, 0, 1).get("page_link") if "Open" in link.proto.label)
    assert (link.page, link.query_string) == ("dead_letters", f"queue={QUEUE}&show=All&q={name}")


def test_many_results_are_listed_up_to_a_limit_that_is_said(desk, opened, monkeypatch):
    monkeypatch.setattr("dashboard.views.redrive.SHOWN", 1)
    desk.job(a_result("m-1"), a_result("m-2"), state=JobState.DONE, **ENDED)
    assert "The newest 1 of 2 are listed" in read(opened("redrive", id="job-1"))


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_only_those_who_may_can_cancel(desk, opened, role, writes):
    desk.job()
    allowed = writes and role != "viewer"
    page = opened("redrive", id="job-1")
    desk.become(role=role, writes=writes)
    page.button(key="cancel_redrive").click().run()  # drawn while it was allowed, pressed when it may not be
    assert desk.jobs()[0].cancel_asked is allowed
    if not allowed:
        assert page.button(key="cancel_redrive").disabled
        assert ("cancel takes operator" if writes else "Writes are off") in read(page)


def test_a_hostile_reason_stays_text(desk, opened):
    desk.job(reason=":red[x] <script>alert(1)</script> **b**", actor="[eve](http://evil) @here")
    page = opened("redrive", id="job-1")
    assert page.text[0].value == "“:red[x] <script>alert(1)</script> **b**”"
    assert "\\[eve\\]" in page.caption[0].value


def test_a_redrive_that_ends_is_drawn_once_more_without_the_clock(desk, opened, monkeypatch):
    from dashboard import reads_recover
    going = desk.job(a_result("m-1"), a_result("m-2"), state=JobState.FOLLOWING, started_at=NOW, sent_at=NOW + 80)
    ended = going.__class__(**{**{name: getattr(going, name) for name in going.__dataclass_fields__}, **ENDED,
                               "state": JobState.DONE, "counts": {"succeeded": 2}})
    answers: Iterator[Any] = iter([(going, []), (ended, [])])
    monkeypatch.setattr(reads_recover, "job", lambda *_: next(answers, (ended, [])))
    assert "done" in read(opened("redrive", id="job-1"))


def test_a_redrive_that_vanishes_meanwhile_leaves_its_head(desk, opened, monkeypatch):
    from dashboard import reads_recover
    answers: Iterator[Any] = iter([(desk.job(), [])])
    monkeypatch.setattr(reads_recover, "job", lambda *_: next(answers, None))
    assert not opened("redrive", id="job-1").dataframe


def test_a_busy_table_is_a_sentence_under_the_head(desk, opened, monkeypatch):
    from dashboard import reads_recover
    answers: Iterator[Any] = iter([(desk.job(), [])])

    def read_job(*_):
        for answer in answers:
            return answer
        raise Throttled("The table is busy.", "Try again in a minute.")
    monkeypatch.setattr(reads_recover, "job", read_job)
    page = opened("redrive", id="job-1")
    assert "Redrive of 2 messages" in read(page)
    assert "The table is busy" in read(page)
