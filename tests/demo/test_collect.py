"""The first collection runs beside the start, and its failure is told in the function's own words."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import pytest

from demo.collect import COLLECTORS, FirstCollection, run
from demo.errors import DemoError

LAMPLIGHT = {key: key.lower() for key in COLLECTORS}


class FakeFunctions:
    """Answers every invocation alike, once it may."""

    def __init__(self, payload: Any, error: str | None = None) -> None:
        self.payload, self.error = payload, error
        self.may_answer = threading.Event()

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert self.may_answer.wait(10)
        answer: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(self.payload).encode())}
        return answer | ({"FunctionError": self.error} if self.error else {})


def test_what_three_collectors_read_is_added_up():
    functions: Any = FakeFunctions({"read": 1_000})
    functions.may_answer.set()
    collection = FirstCollection(functions, LAMPLIGHT)

    collection.wait(10)

    assert collection.done()
    assert collection.outcome() == "3,000 events, metrics and queues read"


def test_a_collection_that_takes_long_is_not_waited_for():
    functions: Any = FakeFunctions({"read": 1})
    collection = FirstCollection(functions, LAMPLIGHT)

    collection.wait(0.01)

    assert not collection.done()
    assert "still reading" in collection.outcome()
    functions.may_answer.set()
    collection.wait(10)


def test_a_collector_that_fails_is_told_by_name_and_in_its_own_words():
    functions: Any = FakeFunctions({"errorMessage": "no table"}, error="Unhandled")
    functions.may_answer.set()
    collection = FirstCollection(functions, LAMPLIGHT)
    collection.wait(10)

    with pytest.raises(DemoError, match=r"collect\w+function failed: no table"):
        collection.outcome()


def test_a_function_that_answers_nothing_has_an_empty_answer():
    functions: Any = FakeFunctions(None)
    functions.may_answer.set()

    assert run(functions, "quiet") == {}
