from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.masking import MASK, READ_THROUGH, masked


def test_names_stay_and_values_go():
    body = {"order_id": "88123", "lines": [{"sku": "A-1", "count": 2}, None, True], "note": {}}
    assert json.loads(masked(json.dumps(body))) == {
        "order_id": MASK, "lines": [{"sku": MASK, "count": MASK}, MASK, MASK], "note": {}}


@pytest.mark.parametrize("name", ["ada@example.com", "+49 151 234", "", "x" * 41, "7be0aa00-0000"])
def test_a_name_that_is_a_fact_itself_goes_too(name):
    assert json.loads(masked(json.dumps({name: 1}))) == {MASK: MASK}


@pytest.mark.parametrize("body", ["plain text", "{broken", "[" * 20_000, '"' + "x" * READ_THROUGH + '"'])
def test_of_anything_else_only_its_length_is_told(body):
    assert masked(body) == f"{MASK} ({len(body):,} characters)"


@given(some.dictionaries(some.just("sku"), some.text(min_size=4, alphabet="äöü0123456789")))
def test_no_value_shines_through(body):
    assert not set(masked(json.dumps(body))) & set("äöü0123456789")
