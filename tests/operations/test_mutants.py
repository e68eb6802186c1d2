"""The proof is proved: an engine with one of these mistakes in it does not pass."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operations.mutants import MUTANTS
from tests.operations.redrive_invariants import Broken
from tests.operations.redrive_stories import STORIES
from tests.operations.test_redrive_machine import KINDS

AT_MOST = 400
SEARCH = settings(max_examples=AT_MOST, stateful_step_count=25, deadline=None, derandomize=True, database=None,
                  phases=[Phase.generate], suppress_health_check=list(HealthCheck))
"""Found is enough: the shortest way to it is of no use here, and takes longest."""


@pytest.mark.parametrize("name", MUTANTS)
def test_an_engine_with_a_known_mistake_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch):
    mutant = MUTANTS[name]
    mutant.apply(monkeypatch)
    with pytest.raises(Broken) as found:
        if mutant.story:
            list(STORIES[mutant.story](mutant.kind))
        else:
            run_state_machine_as_test(KINDS[mutant.kind], settings=SEARCH)
    assert found.value.verdict in mutant.verdict.split(), str(found.value)
