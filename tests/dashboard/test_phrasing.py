from __future__ import annotations

import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import phrasing
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS
from store.histogram import Histogram
from tests.builders import NOW


@pytest.mark.parametrize(("number", "words"), [
    (None, "–"), (0, "0"), (1_284, "1,284"), (9_999, "9,999"), (12_840, "12.8 k"), (1_284_000, "1.28 M"),
    (3_000_000_000, "3 G"),
])
def test_counts_keep_three_digits_when_they_are_large(number, words):
    assert phrasing.compact(number) == words


@pytest.mark.parametrize(("share", "words"), [
    (None, "–"), (0, "0 %"), (0.00001, "< 0.01 %"), (0.0004, "0.04 %"), (0.032, "3.2 %"), (0.9999, "> 99.9 %"),
    (1, "100 %"),
])
def test_a_share_is_never_rounded_to_nothing_or_everything(share, words):
    assert phrasing.rate(share) == words


@pytest.mark.parametrize(("ms", "words"), [
    (None, "–"), (0, "0 ms"), (0.42, "0.4 ms"), (88.4, "88 ms"), (2_100, "2.1 s"), (45_000, "45 s"),
    (250_000, "4 min 10 s"), (5 * HOUR_MS + 12 * MINUTE_MS, "5 h 12 min"), (3 * DAY_MS + 20 * HOUR_MS, "3 d 20 h"),
    (HOUR_MS, "1 h"),
])
def test_durations_carry_their_unit(ms, words):
    assert phrasing.duration(ms) == words


@pytest.mark.parametrize(("distance", "words"), [
    (0, "just now"), (40_000, "40 s ago"), (12 * MINUTE_MS, "12 min ago"), (4 * HOUR_MS, "4 h ago"),
    (30 * HOUR_MS, "30 h ago"), (3 * DAY_MS, "3 d ago"), (-2 * HOUR_MS, "in 2 h"),
])
def test_relative_time_has_one_unit(distance, words):
    assert phrasing.ago(NOW - distance, NOW) == words


def test_a_percentile_of_few_values_is_how_few_they_are():
    assert phrasing.percentile(Histogram.of([5.0] * 12), 0.95) == "n = 12"
    assert phrasing.percentile(Histogram(), 0.95) == "–"
    assert phrasing.percentile(Histogram.of([100.0] * 20), 0.95).endswith(" ms")


@pytest.mark.parametrize(("dollars", "words"), [
    (None, "–"), (0.004, "< $0.01"), (4.123, "~$4.12"), (12_345.6, "~$12,346"),
])
def test_money_is_marked_as_an_estimate(dollars, words):
    assert phrasing.money(dollars) == words


def test_plurals_and_memory_read_like_sentences():
    assert phrasing.plural(1, "message") == "1 message"
    assert phrasing.plural(1_284, "entry", "entries") == "1,284 entries"
    assert phrasing.megabytes(1024) == "1,024 MB"
    assert phrasing.megabytes(None) == "–"


def test_changes_are_signed_and_large_ones_are_factors():
    assert phrasing.signed_rate(0.04) == "+4 %"
    assert phrasing.signed_rate(-0.123) == "-12 %"
    assert phrasing.signed_rate(2.4) == "×3.4"
    assert phrasing.signed_points(-0.021) == "-2.1 pt"
    assert phrasing.change(5, 0) is None
    assert phrasing.change(6, 4) == 0.5


def test_moments_stand_in_the_zone_of_the_reader():
    kathmandu = ZoneInfo("Asia/Kathmandu")
    assert phrasing.moment(NOW, UTC) == "23 Nov 18:53:20"
    assert phrasing.moment(None, UTC) == "–"
    assert phrasing.minute(NOW - DAY_MS, NOW, UTC) == "22 Nov 18:53"
    assert phrasing.minute(NOW, NOW, kathmandu) == "00:38"
    assert phrasing.zone_name(NOW, UTC) == "UTC"
    assert phrasing.zone_name(NOW, kathmandu) == "UTC+5:45"
    assert phrasing.zone_name(NOW, ZoneInfo("America/New_York")) == "UTC−5"


def test_long_names_lose_their_middle():
    arn = "arn:aws:sqs:eu-central-1:123456789012:checkout-fulfil-dlq"
    assert phrasing.middle(arn, 24) == "arn:aws:sqs…t-fulfil-dlq"
    assert phrasing.middle("short", 24) == "short"


@given(st.text(max_size=200))
def test_a_line_is_one_printable_line_of_bounded_length(text):
    line = phrasing.line(text, 40)
    assert len(line) <= 40
    assert line == "" or line.isprintable()


@given(st.text(alphabet="[]()!*_`<>#:abc/$\\\n.~|@-", max_size=60))
def test_untrusted_text_has_no_markdown_left(text):
    plain = phrasing.plain_markdown(text)
    bare = plain
    for escaped in "\\`*_{}[]()#+-.!|~><$@&^=":
        bare = bare.replace(f"\\{escaped}", "")
    assert not set(bare) & set("`*[]()<>#!$@")
    assert not re.search(r":[a-z0-9/+-]", plain)
    assert "\n" not in plain
