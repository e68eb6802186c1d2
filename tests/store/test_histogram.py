"""Histograms against the exact answer."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from ddsketch import DDSketch
from hypothesis import example, given
from hypothesis import strategies as st

from store.errors import StoreError
from store.histogram import ALPHA, MAX_VALUE, MIN_SAMPLES, Histogram

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


SHAPES: dict[str, Callable[[random.Random], float]] = {
    "bimodal": lambda chance: chance.gauss(12, 1) if chance.random() < 0.9 else chance.gauss(2_400, 200),
    "lognormal": lambda chance: chance.lognormvariate(4, 1.5),
    "constant": lambda chance: 100.0,
    "tiny": lambda chance: chance.uniform(0.011, 0.5),
    "huge": lambda chance: chance.uniform(800_000, 900_000),
    "all there is": lambda chance: math.exp(chance.uniform(math.log(0.011), math.log(MAX_VALUE))),
}
QUANTILES = (0.0, 0.001, 0.05, 0.5, 0.89, 0.9, 0.91, 0.95, 0.99, 0.999, 1.0)


def drawn(shape: str, count: int = 5_000) -> list[float]:
    chance = random.Random(shape)  # noqa: S311
    return [abs(SHAPES[shape](chance)) + 0.011 for _ in range(count)]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_quantile_of_any_shape_is_within_two_percent_of_the_exact_one(shape: str):
    values = sorted(drawn(shape))
    counted = Histogram.of(values)
    for q in QUANTILES:
        exact = values[max(1, math.ceil(q * len(values))) - 1]
        assert abs((counted.quantile(q) or 0) - exact) <= ALPHA * exact * (1 + 1e-6), q


@pytest.mark.parametrize("shape", SHAPES)
def test_quantiles_are_those_of_an_independent_sketch_of_the_same_accuracy(shape: str):
    values, sketch = drawn(shape), DDSketch(relative_accuracy=ALPHA)
    for value in values:
        sketch.add(value)
    counted = Histogram.of(values)
    for q in QUANTILES:
        theirs = sketch.get_quantile_value(q) or 0.0
        # Each is within 2 % of the exact one at its rank. Ranks differ by one at most: between two modes that is much.
        near = {counted.quantile(max(0.0, min(1.0, q + shift / len(values)))) or 0.0 for shift in (-1, 0, 1)}
        assert min(abs(ours - theirs) for ours in near) <= 2 * ALPHA * theirs * (1 + 1e-6), q


@given(*[st.lists(DURATIONS, max_size=30)] * 3)
def test_merging_is_addition_in_any_order(one: list[float], other: list[float], third: list[float]):
    a, b, c = map(Histogram.of, (one, other, third))
    assert a.merge(b).merge(c) == a.merge(b.merge(c)) == c.merge(b).merge(a)
    assert a.merge(Histogram()) == a
    assert a.merge(b).n == a.n + b.n


@given(st.lists(DURATIONS, min_size=1, max_size=200))
def test_percentiles_grow_with_their_rank_and_count_every_value(values: list[float]):
    counted = Histogram.of(values)
    told = [counted.quantile(q) or 0.0 for q in (0.5, 0.95, 0.99, 1.0)]
    assert told == sorted(told)
    assert told[-1] <= max(values) * (1 + ALPHA) * (1 + 1e-6)
    assert counted.n == len(values)


@given(st.binary(max_size=40))
@example(b"\x80" * 30)
@example(Histogram({3: 4, 9: 1}).pack() + b"\x00\x01")
def test_bytes_that_nobody_packed_are_refused_and_never_misread(packed: bytes):
    with suppress(StoreError):
        assert Histogram.unpack(packed).pack() == packed


@given(st.lists(DURATIONS, min_size=1, max_size=20), st.data())
def test_a_histogram_that_was_cut_is_refused(values: list[float], data: st.DataObject):
    packed = Histogram.of(values).pack()
    cut = packed[:data.draw(st.integers(1, len(packed) - 1))]
    with suppress(StoreError):
        assert Histogram.unpack(cut).n < len(values), "cut between two buckets, it holds fewer"
