"""DynamoDB does less of a batch than it was asked: the rest is asked for again until it is done, or it is told."""

from __future__ import annotations

from typing import Any, cast

import pytest

from store.errors import Throttled
from store.items import marshal
from store.keys import Key
from store.table import IN_VAIN, Table
from tests.builders import FakeClock

KEYS = [Key("a", f"{number:03d}") for number in range(130)]


class Stingy:
    """Does `done` of each batch; nothing for the first `idle` calls."""

    def __init__(self, done: int, idle: int = 0) -> None:
        self.done, self.idle = done, idle
        self.items: dict[str, Any] = {}
        self.calls = 0

    def _share(self) -> int:
        self.calls += 1
        return 0 if self.calls <= self.idle else self.done

    def batch_write_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((name, asked),) = RequestItems.items()
        share = self._share()
        for one in asked[:share]:
            self.items[one["PutRequest"]["Item"]["sk"]["S"]] = one["PutRequest"]["Item"]
        return {"UnprocessedItems": {name: asked[share:]} if asked[share:] else {}}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((name, asked),) = RequestItems.items()
        share, keys = self._share(), asked["Keys"]
        left = {name: {**asked, "Keys": keys[share:]}} if keys[share:] else {}
        return {"Responses": {name: [self.items[key["sk"]["S"]] for key in keys[:share]]}, "UnprocessedKeys": left}

    def table(self) -> Table:
        return Table(cast(Any, self), "stingy", FakeClock())


def filled(done: int, idle: int = 0) -> Stingy:
    stingy = Stingy(done, idle)
    stingy.items = {key.sk: marshal({"pk": key.pk, "sk": key.sk, "v": 1}) for key in KEYS}
    return stingy


@pytest.mark.parametrize(("done", "idle"), [(25, 0), (7, 0), (1, 0), (7, IN_VAIN - 1)])
def test_what_was_not_written_is_written_again(done: int, idle: int):
    stingy = Stingy(done, idle)
    stingy.table().put_many((key, {"v": 1}) for key in KEYS)
    assert sorted(stingy.items) == [key.sk for key in KEYS]


@pytest.mark.parametrize(("done", "idle"), [(100, 0), (40, 0), (1, 0), (40, IN_VAIN - 1)])
def test_what_was_not_read_is_read_again(done: int, idle: int):
    assert sorted(one["sk"] for one in filled(done, idle).table().get_many(KEYS)) == [key.sk for key in KEYS]


def test_what_is_never_done_is_told_as_throttling():
    stingy = filled(0)
    for attempt in (lambda: stingy.table().put_many([(KEYS[0], {"v": 1})]), lambda: stingy.table().get_many(KEYS)):
        stingy.calls = 0
        with pytest.raises(Throttled, match="unprocessed"):
            attempt()
        assert stingy.calls == IN_VAIN
