from __future__ import annotations

from dashboard.views.health import state_words
from store.clock import MINUTE_MS
from store.records import CollectorRun
from tests.builders import NOW, PLACE
from tests.dashboard.conftest import read


def a_run(**facts):
    return CollectorRun(**{"place": PLACE, "collector": "logs", "finished_at": NOW, "took_ms": 840, "read": 10,
                           "wrote": 2, **facts})


def test_before_the_first_run_the_page_says_who_would_run(cloud, opened):
    words = read(opened("health"))
    assert "No collector has run yet" in words
    assert "Everything was understood" in words


def test_a_problem_names_the_permission_that_is_missing(bad_day, opened):
    page = opened("health")
    assert "sqs:\u2060GetQueueAttributes" in page.warning[0].value.replace("\\", "")
    assert "▲ 1 problem" in list(page.dataframe[0].value["state"])


def test_log_groups_show_their_lag_the_unreadable_first(bad_day, opened):
    groups = opened("health").dataframe[1].value
    assert [(row["group"].rpartition("/")[2], row["state"]) for _, row in groups.iterrows()] == [
        ("payroll", "▲ not read"), ("ledger-post", "▲ behind"), ("checkout-fulfil", "○ read")]
    assert list(groups["lag"])[1:] == ["25 min", "2 s"]
    assert "Not allowed" in groups["problem"].iloc[0]


def test_hours_that_differ_from_cloudwatch_are_shown_with_their_reason(bad_day, opened):
    drifts = opened("health").dataframe[2].value
    assert [(row["function"], row["state"], row["cloudwatch"] - row["counted"]) for _, row in drifts.iterrows()] == [
        ("ledger-post", "◆ explained", 172), ("checkout-fulfil", "○ healed", 0)]
    assert drifts["why"].iloc[1] == "Complete since it was read again"


def test_what_could_not_be_read_is_shown_with_its_reason(bad_day, opened):
    row = opened("health").dataframe[3].value.iloc[0]
    assert row["reason"] == "a REPORT line without a duration"
    assert row["sample"] == "REPORT RequestId: 3f1 Duration: NaN ms"


def test_a_run_is_running_late_troubled_or_behind():
    assert state_words(a_run(), NOW) == "○ running"
    assert state_words(a_run(), NOW + 4 * MINUTE_MS) == "● stale"
    assert state_words(a_run(problems=("denied", "throttled")), NOW) == "▲ 2 problems"
    assert state_words(a_run(behind_ms=11 * MINUTE_MS), NOW) == "▲ behind"
