"""The SDK takes an answer that was cut on its way for an empty one. No number is made of it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, cast

import pytest

from store.errors import EndpointUnreachable
from store.keys import Key
from store.table import Table
from tests.builders import FakeClock

KEY = Key("a", "b")
ASKED: dict[str, Callable[[Table], object]] = {
    "get": lambda table: table.get(KEY),
    "query": lambda table: list(table.query("a")),
    "open work": lambda table: list(table.query_open("JOB")),
    "count": lambda table: table.count_open("JOB"),
    "many": lambda table: table.get_many([KEY]),
    "update": lambda table: table.update(KEY, {"n": 1}),
    "put many": lambda table: table.put_many([(KEY, {"v": 1})]),
}


class Cutting:
    """Answers every call with nothing, and the checksum of `sent`."""

    def __init__(self, sent: bytes) -> None:
        self.answer = {"ResponseMetadata": {"HTTPHeaders": {"x-amz-crc32": str(zlib.crc32(sent))}}}

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        return lambda **asked: self.answer


def table(sent: bytes) -> Table:
    return Table(cast(Any, Cutting(sent)), "lamplight", FakeClock())


@pytest.mark.parametrize("call", ASKED)
def test_an_answer_that_was_cut_is_told(call: str):
    with pytest.raises(EndpointUnreachable, match="cut short"):
        ASKED[call](table(b'{"Item": {}}'))


def test_an_item_that_is_not_there_is_no_cut_answer():
    assert table(b"{}").get(KEY) is None
