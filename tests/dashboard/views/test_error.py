from __future__ import annotations

import pytest

from tests.dashboard.conftest import read


@pytest.mark.parametrize("link", ["", "aa", "../../etc", "0123456789abcdef"])
def test_a_link_that_names_no_group_leads_back_to_all(cloud, opened, link):
    page = opened("error", id=link)
    assert "This link names no known error" in read(page)
    assert [one.proto.page for one in page.get("page_link")] == ["errors"]


def test_a_group_shows_its_stack_and_samples(bad_day, opened):
    page = opened("error", id="aa00112233445566")
    assert "KeyError: 'sku'" in page.title[0].value.replace("\\", "")
    assert any(code.value.startswith("Traceback (most recent call last):") for code in page.code)
    assert len(page.dataframe[0].value) == 12


def test_a_group_without_a_stack_says_why(bad_day, opened):
    assert "A process that was stopped leaves no stack." in read(opened("error", id="cc00112233445566"))


def test_facts_are_counted_in_the_chosen_range(bad_day, opened):
    metrics = {metric.label: metric.value for metric in opened("error", id="aa00112233445566", range="1h").metric}
    assert int(metrics["Times in the last 1 h"]) > 0
    assert metrics["First seen"] == "5 h ago"
    assert metrics["Versions"] == "31"
