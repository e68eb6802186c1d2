from __future__ import annotations

import pytest

from dashboard.prices import cost, fleet_cost
from store.records import FunctionInfo
from store.rollups import Rollup, Span
from tests.builders import NOW, PLACE

BILLED = Rollup(PLACE, "f", NOW, Span.DAY, invocations=1_000_000, gb_ms=1_000_000_000.0)


def test_a_million_invocations_of_a_gigabyte_second_cost_what_the_list_says():
    assert cost(BILLED) == pytest.approx(16.6667 + 0.20)
    assert cost(BILLED, "arm64") == pytest.approx(13.3334 + 0.20)


def test_an_unknown_architecture_is_priced_as_x86():
    assert cost(BILLED, "riscv") == cost(BILLED, "x86_64")


def test_what_was_not_billed_has_no_price():
    assert cost(Rollup(PLACE, "f", NOW, Span.DAY)) is None
    assert fleet_cost([(Rollup(PLACE, "f", NOW, Span.DAY), None)]) is None


def test_a_fleet_costs_what_its_functions_cost():
    arm = FunctionInfo(PLACE, "f", "/aws/lambda/f", architecture="arm64")
    assert fleet_cost([(BILLED, None), (BILLED, arm)]) == pytest.approx(16.8667 + 13.5334)
