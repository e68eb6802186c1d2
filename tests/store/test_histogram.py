"""Histograms against the exact answer."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from store.histogram import ALPHA, MIN_SAMPLES, Histogram

DURATIONS = st.floats(min_value=0.02, max_value=900_000, allow_nan=False)


@given(st.lists(DURATIONS, min_size=1, max_size=300), st.floats(0, 1))
def test_any_quantile_is_within_two_percent_of_the_exact_one(values: list[float], q: float):
    exact = sorted(values)[max(1, math.ceil(q * len(values))) - 1]
    estimate = Histogram.of(values).quantile(q)
    assert estimate is not None
    assert abs(estimate - exact) <= ALPHA * exact * (1 + 1e-6)


@given(st.lists(DURATIONS, max_size=80), st.lists(DURATIONS, max_size=80))
def test_merging_is_the_same_as_counting_together(one: list[float], other: list[float]):
    assert Histogram.of(one).merge(Histogram.of(other)) == Histogram.of(one + other)


@given(st.lists(st.floats(min_value=0, max_value=900_000), max_size=200))
def test_packing_loses_nothing(values: list[float]):
    histogram = Histogram.of(values)
    assert Histogram.unpack(histogram.pack()) == histogram


def test_percentiles_of_a_bimodal_load_land_in_the_right_mode():
    warm_and_cold = Histogram.of([12.0] * 900 + [2_400.0] * 100)
    assert abs((warm_and_cold.quantile(0.89) or 0) - 12) <= 0.24
    assert abs((warm_and_cold.quantile(0.95) or 0) - 2_400) <= 48


def test_too_few_values_have_no_percentile_and_none_have_no_quantile():
    assert Histogram.of([1.0] * (MIN_SAMPLES - 1)).percentile(0.5) is None
    assert Histogram.of([1.0] * MIN_SAMPLES).percentile(0.5) is not None
    assert Histogram().quantile(0.5) is None


def test_zero_is_counted_and_is_zero():
    assert Histogram.of([0.0, 0.0]).quantile(0.5) == 0.0


def test_a_busy_day_packs_into_under_a_kilobyte():
    values = [1.02**n for n in range(700)] * 10
    assert len(Histogram.of(values).pack()) < 1_500
