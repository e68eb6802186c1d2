"""JSON Patch on text: RFC 6902's own examples, a library beside it, and what no library leaves as it was."""

from __future__ import annotations

import json
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.errors import BadPatch
from operations.json_patch import MAX_PATCH, apply, parse

ODD = ('{"big": 1234567890123456789012345678901234567890, "far":1e400 ,\n "minus": -0, "money": 1.10,\n'
       ' "twice": 1, "twice": 2, "half": "\\ud800", "slash": "\\/", "order_id": "88123"}')


def patched(document: str, *operations: Any) -> str:
    return apply(document, parse(json.dumps(operations)))


@pytest.mark.parametrize(("document", "operation", "after"), [  # RFC 6902, appendix A
    ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": "qux"}, {"foo": "bar", "baz": "qux"}),
    ({"foo": ["bar", "baz"]}, {"op": "add", "path": "/foo/1", "value": "qux"}, {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, {"op": "remove", "path": "/baz"}, {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, {"op": "remove", "path": "/foo/1"}, {"foo": ["bar", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, {"op": "replace", "path": "/baz", "value": "boo"}, {"baz": "boo", "foo": "bar"}),
    ({"foo": {"bar": 1, "waldo": 2}, "qux": {"corge": 3}}, {"op": "move", "from": "/foo/waldo", "path": "/qux/thud"},
     {"foo": {"bar": 1}, "qux": {"corge": 3, "thud": 2}}),
    ({"foo": ["all", "grass", "cows", "eat"]}, {"op": "move", "from": "/foo/1", "path": "/foo/3"},
     {"foo": ["all", "cows", "eat", "grass"]}),
    ({"foo": "bar"}, {"op": "add", "path": "/child", "value": {"grandchild": {}}, "xyz": 1},
     {"foo": "bar", "child": {"grandchild": {}}}),
    ({"foo": ["bar"]}, {"op": "add", "path": "/foo/-", "value": ["abc"]}, {"foo": ["bar", ["abc"]]}),
    ({"/": 9, "~1": 10}, {"op": "replace", "path": "/~01", "value": 11}, {"/": 9, "~1": 11}),
    ({"a": {}}, {"op": "add", "path": "/a/b", "value": 1}, {"a": {"b": 1}}),
    ({"a": []}, {"op": "add", "path": "/a/0", "value": 1}, {"a": [1]}),
    ({"a": 1}, {"op": "replace", "path": "", "value": [2]}, [2]),
    ({"a": 1}, {"op": "copy", "from": "/a", "path": "/b"}, {"a": 1, "b": 1}),
    ({"a": [1]}, {"op": "remove", "path": "/a/0"}, {"a": []}),
])
def test_each_operation_does_what_the_standard_says(document: Any, operation: Any, after: Any):
    for indent in (None, 2):
        assert json.loads(patched(json.dumps(document, indent=indent), operation)) == after


@pytest.mark.parametrize(("document", "operation", "said"), [
    ({"a": 1}, {"op": "remove", "path": "/b"}, "there is no /b"),
    ({"a": 1}, {"op": "replace", "path": "/b/c", "value": 1}, "there is no /b"),
    ({"a": 1}, {"op": "add", "path": "/a/b", "value": 1}, "/a holds no members"),
    ({"a": [1]}, {"op": "add", "path": "/a/2", "value": 1}, "there is no /a/2"),
    ({"a": [1]}, {"op": "remove", "path": "/a/-"}, "there is no /a/-"),
    ({"a": [1]}, {"op": "remove", "path": "/a/00"}, "there is no /a/00"),
    ({"a": 1}, {"op": "remove", "path": ""}, "the whole document cannot be removed"),
    ({"a": 1}, {"op": "test", "path": "/a", "value": "1"}, "/a is not what the test says"),
    ({"a": True}, {"op": "test", "path": "/a", "value": 1}, "/a is not what the test says"),
])
def test_what_does_not_fit_is_refused_with_its_number(document: Any, operation: Any, said: str):
    with pytest.raises(BadPatch, match=f"Operation 2: {said}"):
        patched(json.dumps(document), {"op": "test", "path": "", "value": document}, operation)


@pytest.mark.parametrize(("patch", "said"), [
    ("", "not a JSON list"), ('["\ud800"]', "not a JSON list"), ("{}", "not a JSON list"),
    ("[]", "0 operations"), ("[1]", "not an object"),
    ('[{"op": "add", "path": "/a"}]', "needs a value"), ('[{"op": "grow", "path": "/a"}]', "no operation grow"),
    ('[{"op": "remove", "path": "a"}]', "begins with a slash"), ('[{"op": "remove", "path": "/~2"}]', "tilde"),
    ('[{"op": "remove"}]', "path is missing"), ('[{"op": "remove", "op": "add", "path": "/a"}]', "op stands twice"),
    ('[{"op": "move", "from": "/a", "path": "/a/b"}]', "into itself"), ("[" + " " * MAX_PATCH + "]", "characters"),
    (json.dumps([{"op": "remove", "path": "/a"}] * 101), "101 operations"),
])
def test_what_is_no_patch_is_refused(patch: str, said: str):
    with pytest.raises(BadPatch, match=said):
        parse(patch)


def test_every_byte_that_no_operation_names_stays_as_it_was():
    after = patched(ODD, {"op": "replace", "path": "/order_id", "value": "99"})
    assert after == ODD.replace('"88123"', '"99"')
    assert patched(ODD, {"op": "add", "path": "/x", "value": 1}) == ODD[:-1] + ', "x": 1}'


def test_a_number_is_put_as_the_patch_spells_it():
    patch = '[{"op": "add", "path": "/n", "value": 1.0000000000000000000000000000000000000001e+400}]'
    assert apply('{"a":1}', parse(patch)) == '{"a":1,"n":1.0000000000000000000000000000000000000001e+400}'


def test_a_path_through_a_repeated_name_is_refused():
    with pytest.raises(BadPatch, match="/twice stands 2 times"):
        patched(ODD, {"op": "replace", "path": "/twice", "value": 3})


def test_an_indented_document_stays_indented():
    document = json.dumps({"a": [1, 2], "b": {"c": 1}}, indent=2)
    after = patched(document, {"op": "add", "path": "/b/d", "value": 2}, {"op": "add", "path": "/a/0", "value": 0},
                    {"op": "remove", "path": "/a/1"})
    assert after == json.dumps({"a": [0, 2], "b": {"c": 1, "d": 2}}, indent=2)


def test_numbers_are_compared_as_numbers_and_objects_whatever_their_order():
    patched('{"n": 1.0, "z": -0, "o": {"a": 1, "b": 2}}', {"op": "test", "path": "/n", "value": 1},
            {"op": "test", "path": "/z", "value": 0})
    after = patched('{"o": {"a": 1, "b": 2}}', {"op": "test", "path": "/o", "value": {"b": 2, "a": 1}})
    assert after == '{"o": {"a": 1, "b": 2}}'


def test_copies_that_double_a_document_come_to_an_end():
    double = [{"op": "copy", "from": "", "path": f"/{number}"} for number in range(100)]
    with pytest.raises(BadPatch, match="grows beyond"):
        patched('{"a": "' + "x" * 100 + '"}', *double)


LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab/~\u00fc", max_size=3)
DOCUMENTS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3)
                         | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3), max_leaves=10)


@given(DOCUMENTS, DOCUMENTS, st.sampled_from([None, 1]))
def test_a_patch_made_by_a_library_leads_to_the_same_document(before: Any, after: Any, indent: int | None):
    patch = jsonpatch.make_patch(before, after).patch
    text = json.dumps(before, indent=indent)
    assert json.loads(apply(text, parse(json.dumps(patch))) if patch else text) == after
