"""The engine against thousands of histories. `PROOF_EXAMPLES=5000` runs more of them, at random."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operations.redrive_histories import RedriveHistories

EXAMPLES = int(os.environ.get("PROOF_EXAMPLES", "0"))
FEW = 40
STEPS = 25


class StandardHistories(RedriveHistories):
    """Messages go back to a standard queue."""


class FifoHistories(RedriveHistories):
    """Messages go back to a FIFO queue."""

    fifo = True


class InvokeHistories(RedriveHistories):
    """Events go back to their function."""

    invoke = True


class WatchedHistories(RedriveHistories):
    """Messages stay in their queue until they are sent."""

    watched = True


class WatchedFifoHistories(RedriveHistories):
    """The same where a message in hand stops its group."""

    watched = fifo = True


KINDS = {"standard": StandardHistories, "fifo": FifoHistories, "invoke": InvokeHistories,
         "watched": WatchedHistories, "watched fifo": WatchedFifoHistories}


@pytest.mark.parametrize("kind", KINDS)
def test_no_history_of_faults_breaks_a_promise(kind: str):
    assert_no_history_breaks_a_promise(KINDS[kind], EXAMPLES or FEW, derandomize=not EXAMPLES)


def assert_no_history_breaks_a_promise(kind: type[RedriveHistories], examples: int, derandomize: bool) -> None:
    run_state_machine_as_test(kind, settings=settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=derandomize, database=None,
        suppress_health_check=list(HealthCheck)))
