"""A set of names by their hashes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.seen import Seen


@given(st.lists(st.text(max_size=3)), st.lists(st.text(max_size=3)))
def test_what_was_added_is_in_it_and_nothing_else(names: list[str], others: list[str]):
    seen = Seen()
    for name in names:
        seen.add(name)
    assert [one in seen for one in (*names, *others)] == [one in names for one in (*names, *others)]
    seen.add("one more")
    assert "one more" in seen
