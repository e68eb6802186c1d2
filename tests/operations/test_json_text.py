"""Where things stand in a JSON text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import json_text

TEXTS = st.text(max_size=4)
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=3)
                      | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8)


def test_members_come_with_repeated_names_and_their_places():
    text = ' {"a": 1e400 ,"a":[1, 2] } '
    found = json_text.members(text, json_text.whole(text))
    assert [(one.name, text[one.value.start:one.value.end]) for one in found] == [("a", "1e400"), ("a", "[1, 2]")]
    assert text[found[0].key.start:found[0].key.end] == '"a"'


def test_elements_come_in_order_with_the_space_before_them():
    text = "[1,  -0, []]"
    found = json_text.elements(text, json_text.whole(text))
    assert [text[one.lead:one.value.end] for one in found] == ["1", "  -0", " []"]


@given(VALUES)
def test_indenting_changes_nothing_but_space(value: object):
    text = json.dumps(value)
    assert json_text.indented(text) == json.dumps(value, indent=2)


@pytest.mark.parametrize("text", ["", "NaN", "[1,]", "{'a': 1}", "1 2", "[" * 100_000, '{"a":-Infinity}', "\ufeff1"])
def test_what_is_no_json_is_told(text: str):
    assert not json_text.is_json(text)


@pytest.mark.parametrize("text", ["-0", "1" * 5_000, "1e400", '"\\ud800"', '{"a":1,"a":2}', " \n[]\t"])
def test_what_python_cannot_hold_is_json_all_the_same(text: str):
    assert json_text.is_json(text)
