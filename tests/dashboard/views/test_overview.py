from __future__ import annotations

from tests.dashboard.conftest import read


def test_an_empty_table_says_what_will_appear_and_where_to_look(cloud, opened):
    page = opened("overview")
    assert "No invocation has been read yet" in read(page)
    assert not page.metric
    assert [link.proto.page for link in page.get("page_link")] == ["health"]


def test_the_worst_function_comes_first_with_its_cause(bad_day, opened):
    page = opened("overview")
    words = read(page)
    assert words.index("checkout-fulfil") < words.index("thumbnails")
    assert "first seen 5 h ago with version 31" in words
    assert "KeyError: 'sku' (" in words


def test_every_kind_of_trouble_has_its_line(bad_day, opened):
    words = read(opened("overview"))
    for expected in ("out of memory", "timed out", "dead letters waiting", "oldest message expires in 5 h"):
        assert expected in words


def test_a_finding_leads_to_its_error_group_or_queue(bad_day, opened):
    page = opened("overview", range="12h")
    targets = {(link.proto.page, link.proto.query_string) for link in page.get("page_link")}
    assert ("error", "id=aa00112233445566") in targets
    assert ("dead_letters", "queue=checkout-fulfil-dlq") in targets


def test_headline_numbers_are_compared_with_the_period_before(bad_day, opened):
    metrics = {metric.label: metric for metric in opened("overview", range="12h").metric}
    assert {"Invocations", "Errors", "p95 duration", "Cold starts", "Dead letters"} <= set(metrics)
    assert "%" in metrics["Errors"].value
    assert metrics["Errors"].delta.startswith("+")
    assert metrics["Dead letters"].value == "42"


def test_minutes_and_days_tell_the_same_story(bad_day, opened):
    for name in ("1h", "30d"):
        page = opened("overview", range=name)
        assert list(page.dataframe[0].value["name"])[0] == "checkout-fulfil"


def test_a_hostile_range_falls_back_to_a_day(bad_day, opened):
    hostile, usual = opened("overview", range="9999999d"), opened("overview", range="24h")
    shorter = opened("overview", range="1h")
    assert [metric.value for metric in hostile.metric] == [metric.value for metric in usual.metric]
    assert [metric.value for metric in hostile.metric] != [metric.value for metric in shorter.metric]


def test_numbers_are_compared_with_the_period_before_when_it_was_recorded(bad_day, opened):
    compared = [metric.proto.delta_description for metric in opened("overview", range="12h").metric]
    unrecorded = [metric.proto.delta_description for metric in opened("overview", range="24h").metric]
    assert "vs previous 12 h" in compared
    assert "vs previous 24 h" not in unrecorded
