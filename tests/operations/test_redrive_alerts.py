"""A redrive that stops by itself is told, once, with why."""

from __future__ import annotations

from operations import redrive
from operations.permissions import Actor
from store import alerts, jobs, outcomes
from store.alerts import Alert, AlertKind
from store.recovery import LetterState
from tests.builders import PLACE, QUEUE, a_job
from tests.operations.bench import ADA, Bench


def told(bench: Bench) -> list[Alert]:
    return alerts.newest(bench.table, PLACE, 10)


def test_a_canary_that_stops_is_told_and_once_more_when_the_next_stage_stops_too(bench: Bench):
    bench.ask(bench.letters("m-1", "m-2", "m-3", "m-4"), ramp=(1, 1))
    bench.run()
    outcomes.settle(bench.table, bench.letter("m-1"), LetterState.RETURNED, "seen", bench.clock())
    bench.run()
    bench.run()
    (alert,) = told(bench)
    assert (alert.kind, alert.queue, alert.job_id, alert.count) == (AlertKind.STOPPED, QUEUE, "job-1", 4)
    assert alert.message == "canary: 1 of 1 came back"
    redrive.resume(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    outcomes.settle(bench.table, bench.letter("m-2"), LetterState.RETURNED, "seen", bench.clock())
    bench.run()
    assert {one.message for one in told(bench)} == {alert.message, "canary: 1 of 2 came back"}


def test_a_redrive_the_worker_refuses_is_told(bench: Bench):
    jobs.create(bench.table, a_job(role="viewer", actor=Actor("eve", "viewer").name), bench.letters("m-1"))
    bench.run()
    (alert,) = told(bench)
    assert alert.message.startswith("eve is viewer")


def test_one_that_ends_well_or_was_paused_by_somebody_is_not_told(bench: Bench):
    bench.ask(bench.letters("m-1", "m-2"))
    redrive.pause(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    redrive.resume(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    assert told(bench) == []
