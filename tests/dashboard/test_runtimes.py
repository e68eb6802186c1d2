from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.runtimes import ENDS, ending


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(("runtime", "day", "words"), [
    ("python3.9", "2026-11-24",
     "python3.9 is deprecated since 15 Dec 2025; from 3 Mar 2027 its code cannot be changed any more"),
    ("python3.9", "2027-03-03", "python3.9 is deprecated; since 3 Mar 2027 its code cannot be changed any more"),
    ("nodejs22.x", "2027-02-01",
     "nodejs22.x will be deprecated on 30 Apr 2027; from 1 Jul 2027 its code cannot be changed any more"),
    ("nodejs22.x", "2026-11-24", ""),
    ("python3.13", "2026-11-24", ""),
    ("Image", "2026-11-24", ""),
    (None, "2026-11-24", ""),
])
def test_a_runtime_that_ends_is_told_with_its_dates(runtime, day, words):
    assert ending(runtime, at(day)) == words


def test_code_can_be_changed_for_a_while_after_every_deprecation():
    assert [name for name, end in ENDS.items() if at(end.frozen) < at(end.deprecated)] == []
