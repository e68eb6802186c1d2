"""A queue is switched from one custody to the other while a redrive of its letters runs: at every call of the worker,
with and without a stall that brings hidden messages back. Nothing is lost, and every duplicate is listed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store import jobs, queues
from store.recovery import Custody, JobState
from tests.builders import PLACE
from tests.operations.redrive_invariants import (
    r1_every_message_is_somewhere,
    r2_every_duplicate_is_listed,
    r4_every_letter_of_a_job_has_one_result,
    r5_what_arrives_is_what_died,
)
from tests.operations.redrive_world import World

CHECKS = (r1_every_message_is_somewhere, r2_every_duplicate_is_listed, r4_every_letter_of_a_job_has_one_result,
          r5_what_arrives_is_what_died)
STALL_MS = 121_000
"""Past the lease and past the time a received message is hidden."""
MESSAGES = 3


class Switching(World):
    """Another process switches the custody at call number `at` of the worker, and the capture gets its first batch."""

    def __init__(self, *, fifo: bool = False) -> None:
        super().__init__(fifo=fifo, watched=True)
        self.at, self.stall_ms, self.seen = -1, 0, 0

    def switch(self, custody: Custody) -> None:
        known = queues.get(self.eye, PLACE, self.dead.name)
        assert known is not None
        queues.put(self.eye, replace(known, custody=custody))
        self.watched = custody is Custody.WATCHED

    def captured_quietly(self, wanted: int = 10) -> None:
        mine, self.table = self.table, self.eye
        self.capture(wanted)
        self.table = mine

    def between(self, _: str) -> None:
        self.seen += 1
        if self.seen == self.at:
            self.clock.advance(self.stall_ms)
            self.switch(Custody.CAPTURED)
            self.captured_quietly()

    def finish(self) -> None:
        for _ in range(6):
            self.work()
            self.clock.advance(STALL_MS)
            self.captured_quietly()
            self.consume()
        self.clock.advance(31 * 60_000)
        self.work()


def switched_at(call: int, stall_ms: int, *, fifo: bool) -> Switching:
    world = Switching(fifo=fifo)
    world.die(MESSAGES)
    while len(world.letters()) < MESSAGES:  # a FIFO queue is looked into a batch at a time
        world.capture()
    world.ask([letter.message_id for letter in world.letters()], "job-1")
    world.at, world.stall_ms = call, stall_ms
    world.calls.between = world.between
    world.work()
    return world


@pytest.mark.parametrize("fifo", [False, True])
@pytest.mark.parametrize("stall_ms", [0, STALL_MS])
def test_a_redrive_goes_on_when_its_queue_is_captured_at_any_call(stall_ms, fifo):
    calls = switched_at(-1, 0, fifo=fifo).seen
    assert calls > 20
    for call in range(1, calls + 1):
        world = switched_at(call, stall_ms, fifo=fifo)
        world.finish()
        for check in CHECKS:
            check(world)
        job = jobs.get(world.eye, "job-1")
        assert job is not None
        assert (call, job.state, job.problem) == (call, JobState.DONE, None)
        assert sum(world.copies().values()) == MESSAGES + sum(letter.ambiguous for letter in world.letters())
        assert stall_ms or sum(world.copies().values()) == MESSAGES
        assert world.dead.messages == {}
        assert {letter.life for letter in world.letters()} == {1}


def test_a_redrive_takes_letters_of_both_custodies_each_from_where_it_is():
    world = Switching()
    world.switch(Custody.CAPTURED)
    world.die(4)
    world.captured_quietly(2)
    world.switch(Custody.WATCHED)
    world.capture()
    assert sorted(letter.custody for letter in world.letters()) == ["captured"] * 2 + ["watched"] * 2
    world.ask([letter.message_id for letter in world.letters()], "job-1")
    world.finish()
    assert (sorted(world.copies().values()), world.dead.messages) == ([1, 1, 1, 1], {})
    for check in CHECKS:
        check(world)
