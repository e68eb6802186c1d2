from __future__ import annotations

from store.errors import TableMissing
from store.recovery import JobResult, JobState, Outcome
from tests.builders import NOW, QUEUE
from tests.dashboard.conftest import read
from tests.dashboard.desk import choose


def test_nothing_redriven_says_where_to_begin(cloud, opened):
    page = opened("redrives")
    assert "Nothing has been redriven yet" in read(page)
    assert page.get("page_link")[0].proto.page == "dead_letters"


def test_each_redrive_is_a_row_with_what_became_of_it(desk, opened):
    desk.job(JobResult(f"{QUEUE}/m-1", Outcome.RETURNED, NOW), state=JobState.FOLLOWING, reason="<b>x</b>\n:red[y]")
    row = opened("redrives").dataframe[0].value.iloc[0]
    assert (row["state"], row["messages"], row["returned"], row["settled"]) == ("following", 2, 1, 50)
    assert (row["reason"], row["by"], row["queue"]) == ("<b>x</b> :red[y]", "ada@example.com", QUEUE)


def test_a_row_leads_to_its_redrive(desk, opened):
    desk.job(id="job-1", asked_at=NOW)
    desk.job(id="job-2", asked_at=NOW + 1)
    page = opened("redrives")
    assert not page.get("page_link")
    (link,) = choose(page, 0, 1).get("page_link")
    assert (link.proto.page, link.proto.query_string) == ("redrive", "id=job-1")
    assert "Open redrive of 2 messages from orders-fulfil-dlq" in read(page)


def test_a_choice_does_not_slip_when_another_redrive_is_asked_for(desk, opened):
    desk.job(id="job-1")
    page = choose(opened("redrives"), 0, 0)
    desk.job(id="job-2", asked_at=NOW + 1)
    from dashboard import reads_recover
    reads_recover.recent_jobs.clear()
    page.run()
    assert list(page.dataframe[0].value["messages"]) == [2, 2]
    assert "Click a row to choose it" in read(page)


def test_a_missing_table_is_a_sentence(desk, opened, monkeypatch):
    def missing(*_):
        raise TableMissing("There is no table lamplight.", "Deploy the stack.")
    monkeypatch.setattr("dashboard.reads_recover.recent_jobs", missing)
    assert "There is no table lamplight" in read(opened("redrives"))
