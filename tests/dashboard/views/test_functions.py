from __future__ import annotations

from tests.dashboard.conftest import read


def test_without_functions_the_page_says_who_would_find_them(cloud, opened):
    assert "No function is known yet" in read(opened("functions"))


def test_every_function_stands_with_its_configuration(bad_day, opened):
    rows = opened("functions").dataframe[0].value.set_index("name")
    assert len(rows) == 11
    assert rows.loc["checkout-fulfil", "runtime"] == "python3.13"
    assert rows.loc["thumbnails", "memory"] == 100
    assert rows.loc["ledger-post", "timeout_s"] == 30


def test_the_filter_in_the_link_narrows_the_list(bad_day, opened):
    page = opened("functions", q="java21 ledger-post")
    assert list(page.dataframe[0].value["name"]) == ["ledger-post"]
    assert "1 of 11 functions" in read(page)


def test_failing_shows_only_functions_that_failed(bad_day, opened):
    rows = opened("functions", show="Failing").dataframe[0].value
    assert (rows["failures"] > 0).all()
    assert "search-index" not in set(rows["name"])


def test_a_filter_that_finds_nothing_says_how_to_undo_it(bad_day, opened):
    page = opened("functions", q="no such thing")
    assert "No function matches" in read(page)
    assert not page.dataframe


def test_percentiles_of_few_samples_stay_empty(bad_day, opened):
    rows = opened("functions", range="1h").dataframe[0].value.set_index("name")
    assert rows["p95"].isna()["ledger-report-nightly-reconciliation-with-a-rather-long-name"]
    assert rows.loc["checkout-api", "p95"] > 0
