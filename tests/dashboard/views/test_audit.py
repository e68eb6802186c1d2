from __future__ import annotations

from streamlit.testing.v1 import AppTest

from store.recovery import AuditEntry
from tests.builders import NOW, PLACE
from tests.dashboard.conftest import read


def test_a_month_without_acts_says_what_would_be_written(cloud, opened):
    assert "Nothing was done in November 2026" in read(opened("audit"))


def test_acts_are_listed_newest_first_with_how_they_ended(bad_day, opened):
    rows = opened("audit").dataframe[0].value
    assert list(rows["action"]) == ["redrive", "release", "cancel", "redrive"]
    assert list(rows["outcome"]) == ["done", "done", "cancelled", "▲ no outcome"]


def test_an_act_without_an_outcome_is_a_warning(bad_day, opened):
    assert "1 act without an outcome" in opened("audit").warning[0].value


def test_the_link_filters_by_person_and_act(bad_day, opened):
    rows = opened("audit", actor="grace@example.com", action="release").dataframe[0].value
    assert list(rows["actor"]) == ["grace@example.com"]
    assert list(rows["action"]) == ["release"]


def test_another_month_is_a_link_away(bad_day, opened):
    assert "Nothing was done in October 2026" in read(opened("audit", month="2026-10"))


def test_an_entry_is_shown_whole_as_text(bad_day):
    def script(shown):
        from datetime import UTC

        from dashboard.views.audit import detail
        detail(shown, UTC)

    entry = AuditEntry(PLACE, "act-9", NOW, "ada@example.com", "operator", "redrive", "orders-dlq", "**because**",
                       {"job": "job-9"}, "done", NOW + 1_000, {"succeeded": "4"})
    (code,) = AppTest.from_function(script, args=(entry,)).run().code
    for fact in ("ada@example.com (operator)", "**because**", "job-9", "succeeded      4", "23 Nov 18:53:21"):
        assert fact in code.value
