"""The generator's ledger against what the collectors read: two independent tellings of the same day."""

from dataclasses import replace

import pytest

from collectors.events import LogEvent
from collectors.invocations import Assembler
from demo.fleet import FLEET
from demo.history import environment_events
from demo.history_plan import plan
from store.records import Status
from tests.demo.test_history_plan import NOW

# Every way to fail is rare in a day people believe; here it is common, so that each meets each framing.
NOISY = tuple(replace(profile, per_day=min(profile.per_day, 400), faults=tuple(
    replace(fault, share=min(0.2, fault.share * 25)) for fault in profile.faults)) for profile in FLEET)


def told(fleet, seed):
    """What happened, by the ledger, and what was read from the lines."""
    assembler, ledger, number = Assembler(), [], 0
    for environment in plan(fleet, NOW, seed):
        ledger += [(environment, call) for call in environment.calls]
        for group, stream, at, message in environment_events(environment, seed):
            number += 1
            assembler.feed(LogEvent(str(number), at, message, group, stream))
    return ledger, assembler


def fact(environment, call):
    failed_in_words = call.status in (Status.ERROR, Status.CRASH) and call.fault is not None
    return (environment.stream, call.request_id, call.status, call.cold, call.duration_ms, call.init_ms,
            call.restore_ms, environment.version, call.trace_id, call.used_mb,
            call.fault.error_type if failed_in_words else None, call.error_message if failed_in_words else None)


def reading(seen):
    failed_in_words = seen.status in (Status.ERROR, Status.CRASH)
    return (seen.log_stream, seen.request_id, seen.status, bool(seen.cold_start), seen.duration_ms, seen.init_ms,
            seen.restore_ms, seen.version, seen.trace_id, seen.max_memory_mb,
            seen.error_type if failed_in_words else None, seen.error_message if failed_in_words else None)


def ordered(facts):
    return sorted(facts, key=lambda one: tuple(map(str, one)))


@pytest.mark.parametrize(("fleet", "seed"), [(FLEET, 7), (NOISY, 3)], ids=["the day", "a noisy day"])
def test_the_collectors_read_every_invocation_of_the_day_as_it_was(fleet, seed):
    ledger, assembler = told(fleet, seed)
    assert ordered(map(reading, assembler.closed())) == ordered(fact(*row) for row in ledger)
    assert assembler.open() == []
    assert assembler.unrecognised() == []


def test_the_collectors_read_two_failures_of_every_init_that_failed_and_each_metric_with_its_invocation():
    ledger, assembler = told(NOISY, 3)
    assembler.closed()
    broken = [call for _, call in ledger if call.fault and call.fault.at_init]
    failed = [init for init in assembler.inits() if init.status == "error"]
    assert broken
    assert len(failed) == 2 * len(broken)
    assert {said.request_id for said in assembler.metrics()} == {
        call.request_id for environment, call in ledger if environment.profile.metrics}
