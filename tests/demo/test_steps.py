"""Each step is one line with its time."""

from __future__ import annotations

import pytest

from demo.steps import Steps


def test_a_step_prints_its_name_its_seconds_and_its_notes():
    said: list[str] = []
    ticks = iter([0.0, 1.0, 3.5])
    steps = Steps(said.append, lambda: next(ticks))

    with steps.step("embedded cloud") as notes:
        notes.append("http://127.0.0.1:4566")

    assert "".join(said).split() == ["embedded", "cloud", "2.5", "s", "http://127.0.0.1:4566"]


def test_a_step_that_fails_ends_its_line_and_lets_the_error_through():
    said: list[str] = []

    with pytest.raises(ValueError, match="broken"), Steps(said.append).step("doomed"):
        raise ValueError("broken")

    assert "".join(said).endswith("\n")
    assert " s " not in "".join(said)
