"""What is left to send: a queue of ids that takes little memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from operations.backlog import TOGETHER, Backlog


@given(st.integers(0, 3 * TOGETHER), st.lists(st.tuples(st.integers(0, 2 * TOGETHER), st.floats(0, 1)), max_size=6))
def test_it_is_a_list_whose_front_can_be_taken_and_partly_put_back(count: int, turns: list[tuple[int, float]]):
    ids = [f"m-{number}" for number in range(count)]
    backlog = Backlog(iter(ids))
    for most, share in turns:
        taken = backlog.take(most)
        assert taken == ids[:most]
        back = taken[:int(len(taken) * share)]
        backlog.put_back(back)
        ids = back + ids[most:]
        assert (len(backlog), bool(backlog)) == (len(ids), bool(ids))
    assert backlog.take() == ids
    assert not backlog
