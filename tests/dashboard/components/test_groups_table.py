from __future__ import annotations

from datetime import UTC

from dashboard.components.groups_table import frame, struck, title, versions
from dashboard.summaries import steps
from dashboard.windows import window
from store.rollups import Rollup, Span
from tests.builders import NOW, PLACE, a_group

WINDOW = window("12h", NOW)


def test_groups_come_most_frequent_first_then_the_latest():
    rare, often, silent = a_group(fingerprint="aa" * 8), a_group(fingerprint="bb" * 8), a_group(fingerprint="cc" * 8)
    counted = Rollup(PLACE, "f", WINDOW.starts[-1], Span.HOUR, groups={"aa" * 8: 1, "bb" * 8: 5})
    found = struck([silent, rare, often], steps(PLACE, WINDOW, [counted]))
    assert [one.times for one in found] == [5, 1, 0]
    assert found[0].over_time[-1] == 5


def test_a_row_says_what_where_and_since_when():
    (row,) = frame(struck([a_group()], []), UTC, NOW).to_dict("records")
    assert (row["what"], row["kind"], row["function"], row["last"]) == ("KeyError: 'sku'", "error", "orders-fulfil",
                                                                       "just now")


def test_versions_are_one_or_from_to_or_unknown():
    assert versions(a_group(first_version="29", last_version="31")) == "29 – 31"
    assert versions(a_group(first_version="31", last_version="31")) == "31"
    assert versions(a_group(first_version=None, last_version=None)) == "–"
    assert title(a_group(error_type="", message="")) == "unknown error"
