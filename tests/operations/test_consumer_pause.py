"""The consumers of a destination rest while it is sent, and are resumed whoever died."""

from __future__ import annotations

import pytest

from operations import consumer_pause, redrive
from operations.consumer_pause import LONGEST_MS
from store import audit_log, keys
from store.clock import MINUTE_MS
from store.errors import Throttled
from store.recovery import JobState
from tests.builders import NOW, PLACE, SOURCE_ARN
from tests.operations.bench import ADA, Bench, Killed


class FakeConsumers:
    """Mappings of one queue: those that are enabled, and what was done to them."""

    def __init__(self, *mappings: str) -> None:
        self.enabled = dict.fromkeys(mappings, True)
        self.refuses = False

    def reading(self, queue_arn: str) -> list[str]:
        return [one for one, on in self.enabled.items() if on] if queue_arn == SOURCE_ARN else []

    def pause(self, mapping: str) -> None:
        self._switch(mapping, False)

    def resume(self, mapping: str) -> None:
        self._switch(mapping, True)

    def _switch(self, mapping: str, on: bool) -> None:
        if self.refuses:
            raise Throttled("Lambda is throttled.")
        self.enabled[mapping] = on


@pytest.fixture
def consumers(bench: Bench) -> FakeConsumers:
    bench.consumers = FakeConsumers("map-1", "map-2")
    return bench.consumers


def ask(bench: Bench, count: int = 3) -> list[str]:
    ids = bench.letters(*(f"m-{n}" for n in range(count)))
    bench.ask(ids, pause_consumer=True)
    return ids


def rows(bench: Bench) -> list[str]:
    return [row["mapping"] for row in bench.table.query(keys.paused_consumers(PLACE))]


def test_consumers_rest_while_it_is_sent_and_go_on_afterwards(bench: Bench, consumers: FakeConsumers):
    ask(bench)
    seen: list[dict[str, bool]] = []
    bench.queue.during = lambda: seen.append(dict(consumers.enabled))
    bench.run()
    assert seen == [{"map-1": False, "map-2": False}]
    assert consumers.enabled == {"map-1": True, "map-2": True}
    assert (bench.job().paused_consumer, rows(bench)) == ((), [])


def test_each_pause_and_resume_is_in_the_audit_with_who_asked_for_the_redrive(bench: Bench, consumers: FakeConsumers):
    ask(bench)
    bench.run()
    told = [(entry.action, entry.actor, entry.outcome) for entry in audit_log.entries(bench.table, PLACE, NOW)
            if entry.subject == "map-1"]
    assert sorted(told) == [("pause a consumer", "ada@example.com", "paused"),
                            ("resume a consumer", "ada@example.com", "resumed")]


def test_a_consumer_somebody_else_disabled_stays_as_it_was(bench: Bench, consumers: FakeConsumers):
    consumers.enabled["map-2"] = False
    ask(bench)
    bench.run()
    assert consumers.enabled == {"map-1": True, "map-2": False}


def test_a_paused_or_cancelled_redrive_lets_its_consumers_go_on(bench: Bench, consumers: FakeConsumers):
    ask(bench, 25)
    bench.queue.after = lambda: redrive.pause(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    bench.queue.after = lambda: None
    assert (bench.job().state, consumers.enabled) == (JobState.PAUSED, {"map-1": True, "map-2": True})
    redrive.resume(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    assert (bench.job().state, rows(bench)) == (JobState.FOLLOWING, [])


def die(bench: Bench) -> None:
    def killed() -> None:
        raise Killed

    bench.queue.during = killed
    with pytest.raises(Killed):
        bench.run("doomed")
    bench.queue.during = lambda: None


def test_any_later_run_resumes_what_a_dead_worker_left_at_rest(bench: Bench, consumers: FakeConsumers):
    ask(bench)
    die(bench)
    assert (consumers.enabled, rows(bench)) == ({"map-1": False, "map-2": False}, ["map-1", "map-2"])
    bench.clock.advance(LONGEST_MS)
    assert consumer_pause.resume_forgotten(bench.table, bench.clock, consumers) == 2
    assert (consumers.enabled, rows(bench)) == ({"map-1": True, "map-2": True}, [])


def test_before_the_deadline_they_rest_and_the_heir_resumes_them_at_the_end(bench: Bench, consumers: FakeConsumers):
    ask(bench)
    die(bench)
    bench.clock.advance(2 * MINUTE_MS)
    seen: list[dict[str, bool]] = []
    bench.queue.during = lambda: seen.append(dict(consumers.enabled))
    bench.run("heir")
    assert seen[0] == {"map-1": False, "map-2": False}
    assert (consumers.enabled, rows(bench)) == ({"map-1": True, "map-2": True}, [])


def test_a_redrive_that_only_waits_does_not_keep_a_consumer_at_rest_for_ever(bench: Bench, consumers: FakeConsumers):
    ask(bench)
    bench.queue.faults = ["busy"] * 30
    bench.run()
    assert consumers.enabled["map-1"] is False
    for _ in range(16):
        bench.clock.advance(MINUTE_MS)
        bench.queue.faults = ["busy"] * 30
        bench.run()
    assert consumers.enabled["map-1"] is True


def test_nothing_is_sent_when_a_consumer_cannot_be_paused(bench: Bench, consumers: FakeConsumers):
    ask(bench)
    consumers.refuses = True
    bench.run()
    assert (bench.queue.arrived, bench.job().problem) == ([], "Lambda is throttled.")


def test_what_cannot_be_resumed_now_is_tried_by_the_next_run(bench: Bench, consumers: FakeConsumers):
    ask(bench)
    die(bench)
    bench.clock.advance(LONGEST_MS)
    consumers.refuses = True
    assert consumer_pause.resume_forgotten(bench.table, bench.clock, consumers) == 0
    consumers.refuses = False
    assert consumer_pause.resume_forgotten(bench.table, bench.clock, consumers) == 2


def test_a_consumer_two_redrives_paused_is_resumed_by_the_last(bench: Bench, consumers: FakeConsumers):
    ask(bench, 1)
    bench.letters("n-1")
    bench.ask(["n-1"], "job-2", pause_consumer=True)
    die(bench)
    bench.run("other")  # finishes the second while the first is in the dead worker's hands
    assert (consumers.enabled["map-1"], rows(bench)) == (False, ["map-1", "map-2"])
    bench.clock.advance(2 * MINUTE_MS)
    bench.run("heir")
    assert (consumers.enabled["map-1"], rows(bench)) == (True, [])


def test_a_worker_without_the_means_to_pause_says_so(bench: Bench):
    ask(bench)
    bench.run()
    assert (bench.queue.arrived, bench.job().problem) == (
        [], "Nothing here can pause a consumer. Give the worker the means to, or redrive without.")
