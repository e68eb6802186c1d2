"""A suite that catches nothing proves nothing: an engine with one of these mistakes in it does not pass."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operations.mutants import FIVE, MUTANTS
from tests.operations.redrive_invariants import Broken
from tests.operations.redrive_stories import STORIES
from tests.operations.test_redrive_machine import KINDS

SEARCHED = ("attributes dropped", "deleted first")
"""Mistakes that random histories come upon at once: they look, too. Others take them up to a minute."""
SEARCH = settings(max_examples=400, stateful_step_count=25, deadline=None, derandomize=True, database=None,
                  phases=[Phase.generate], suppress_health_check=list(HealthCheck))
"""Found is enough: the shortest way to it is of no use here, and takes longest."""


@pytest.mark.parametrize("name", MUTANTS)
def test_an_engine_with_a_known_mistake_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch):
    mutant = MUTANTS[name]
    mutant.apply(monkeypatch)
    with pytest.raises(Broken) as found:
        list(STORIES[mutant.story](mutant.kind))
    assert found.value.verdict == mutant.verdict, str(found.value)


@pytest.mark.parametrize("name", SEARCHED)
def test_random_histories_find_it_out_too(name: str, monkeypatch: pytest.MonkeyPatch):
    mutant = MUTANTS[name]
    mutant.apply(monkeypatch)
    with pytest.raises(Broken) as found:
        run_state_machine_as_test(KINDS[mutant.kind], settings=SEARCH)
    assert found.value.verdict == mutant.verdict, str(found.value)


def test_the_mistakes_that_tools_really_make_are_among_them():
    assert set(FIVE) < set(MUTANTS)
