from __future__ import annotations

from store import error_groups, triage
from store.triage import Triage, TriageState
from tests.builders import NOW, PLACE, a_group
from tests.dashboard.conftest import read


def test_no_error_ever_is_good_news(cloud, opened):
    assert "No error has been seen" in read(opened("errors"))


def test_groups_say_what_where_how_often_and_since_when(bad_day, opened):
    first = opened("errors").dataframe[0].value.iloc[0]
    assert (first["what"], first["function"], first["versions"]) == ("KeyError: 'sku'", "checkout-fulfil", "31")
    assert first["times"] == sum(first["over_time"])
    assert (first["last"], first["first"]) == ("4 min ago", "13:53")


def test_new_leaves_only_what_began_in_the_range(bad_day, opened):
    assert list(opened("errors", show="New").dataframe[0].value["function"]) == ["checkout-fulfil"]


def test_hostile_messages_stay_text(bad_day, opened):
    page = opened("errors", q="evil")
    assert list(page.dataframe[0].value["what"]) == ["ValidationError: [x](http://evil) **bold** <b>html</b>"]


def test_a_filter_that_finds_nothing_says_how_to_go_on(bad_day, opened):
    assert "No error matches in the last 24 h" in read(opened("errors", q="nothing like it"))


def test_what_somebody_resolved_waits_under_its_state(desk, opened):
    group = a_group(last_seen=NOW - 60_000, first_seen=NOW - 120_000)
    error_groups.observe(desk.table, group)
    triage.save(desk.table, None, Triage(PLACE, group.fingerprint, group.function, TriageState.RESOLVED, "ada", NOW))
    words = read(opened("errors"))
    assert "No error matches" in words
    assert "not shown: 1 resolved" in words
    (row,) = opened("errors", state="Resolved").dataframe[0].value.to_dict("records")
    assert (row["what"], row["state"]) == ("KeyError: 'sku'", "✓ resolved")
    assert len(opened("errors", state="All").dataframe[0].value) == 1
