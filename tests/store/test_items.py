"""Every record survives the way to an item and back."""

from __future__ import annotations

import math

import pytest

from store.errors import StoreError
from store.items import SCHEMA_VERSION, from_item, marshal, to_item, unmarshal
from store.records import ErrorGroup, Invocation, KeptInvocation
from store.recovery import DeadLetter, Job
from tests.builders import a_group, a_job, a_kept_invocation, a_letter, an_invocation


@pytest.mark.parametrize("record", [
    an_invocation(levels={"ERROR": 2}, message_ids=("m-1",)), a_kept_invocation(), a_group(), a_letter(), a_job(),
], ids=lambda record: type(record).__name__)
def test_a_record_comes_back_equal(record: Invocation | KeptInvocation | ErrorGroup | DeadLetter | Job):
    assert from_item(type(record), unmarshal(marshal(to_item(record)))) == record


def test_an_item_of_a_newer_schema_is_refused_not_misread():
    item = {**to_item(a_group()), "v": SCHEMA_VERSION + 1}
    with pytest.raises(StoreError, match="schema version 2") as refused:
        from_item(ErrorGroup, item)
    assert "Update Lamplight" in refused.value.advice


def test_an_item_of_an_earlier_day_with_fewer_facts_is_read_with_defaults():
    item = to_item(a_group())
    del item["last_version"]
    assert from_item(ErrorGroup, item).last_version is None


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_dynamodb_cannot_hold_is_refused(number: float):
    with pytest.raises(ValueError, match="DynamoDB has no number"):
        marshal({"n": number})


def test_a_type_dynamodb_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="set"):
        marshal({"n": {1, 2}})
