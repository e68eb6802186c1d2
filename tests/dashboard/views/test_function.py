from __future__ import annotations

from dashboard.views.function import belongs
from store.records import MetricSeries
from tests.dashboard.conftest import read


def test_a_link_without_a_name_says_so(cloud, opened):
    assert "This link names no function" in read(opened("function"))


def test_an_unknown_function_is_no_error(cloud, opened):
    assert "No function of this name has been seen here" in read(opened("function", name="no-such-function"))


def test_one_function_tells_how_it_does_and_why_it_fails(bad_day, opened):
    page = opened("function", name="checkout-fulfil")
    words = read(page)
    assert "python3.13 · arm64 · 512 MB · timeout 30 s · version 31" in words
    assert "reserved concurrency 20" in words
    assert "KeyError: 'sku'" in words
    assert len(page.get("plotly_chart")) == 7
    assert "duration: p50" in words


def test_kept_invocations_are_listed_newest_first(bad_day, opened):
    kept = opened("function", name="thumbnails").dataframe[-1].value
    assert list(kept["status"])[:2] == ["out of memory, cold", "out of memory"]
    assert kept["ended"].is_monotonic_decreasing


def test_a_name_that_is_markdown_is_shown_as_it_is(bad_day, opened):
    page = opened("function", name="![x](http://evil/x.png)")
    assert page.title[0].value == r"\!\[x\]\(http:" + "\u2060" + r"//evil/x\.png\)"


def test_a_metric_belongs_to_the_function_or_service_it_names():
    def series(**dimensions):
        return MetricSeries("checkout/Lambda", "Duration", "Milliseconds", dimensions)

    assert belongs(series(function_name="checkout-fulfil"), "checkout-fulfil")
    assert belongs(series(service="checkout"), "checkout-fulfil")
    assert not belongs(series(service="check"), "checkout-fulfil")
    assert not belongs(series(), "checkout-fulfil")
