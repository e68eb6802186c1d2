"""Quarantine: no redrive takes a letter whose lineage came back three times, until a person lets it out."""

from __future__ import annotations

import pytest

from operations import quarantine
from operations.errors import NotAllowed, NothingSelected
from operations.permissions import Actor
from operations.plan import Verdict, plan
from store import audit_log
from store.recovery import LetterState, Outcome
from tests.builders import NOW, PLACE, QUEUE
from tests.operations.bench import ADA, Bench

ROOT = Actor("grace@example.com", "admin")


def released(bench: Bench, *message_ids: str, actor: Actor = ROOT):
    return quarantine.release(bench.table, PLACE, bench.clock, actor, True, queue=QUEUE, message_ids=message_ids,
                              reason="the sku exists since noon", act_id="r-1")


def test_a_letter_under_quarantine_is_planned_skipped_and_refused_alone(bench: Bench):
    bench.letters("m-1", state=LetterState.QUARANTINED, problem="It came back 3 times", life=4)
    bench.letters("m-2")
    found = plan(bench.table, PLACE, QUEUE, ["m-1", "m-2"])
    assert [(one.verdict, one.reason) for one in found.letters][0] == (Verdict.QUARANTINED, "It came back 3 times")
    with pytest.raises(NothingSelected, match="came back 3 times"):
        bench.ask(["m-1"])
    bench.ask(["m-1", "m-2"])
    bench.run()
    assert bench.queue.arrived == ["m-2"]
    assert bench.results()["m-1"].outcome is Outcome.SKIPPED


def test_released_it_can_be_sent_and_both_are_in_the_audit(bench: Bench):
    bench.letters("m-1", state=LetterState.QUARANTINED, problem="It came back 3 times", life=4)
    assert released(bench, "m-1").done == ("m-1",)
    letter = bench.letter()
    assert (letter.state, letter.problem, letter.notes[-1].did) == (LetterState.DEAD, None, "release from quarantine")
    (entry,) = audit_log.entries(bench.table, PLACE, NOW)
    assert (entry.action, entry.outcome) == ("release from quarantine", "done")
    assert entry.reason == "the sku exists since noon"
    bench.ask(["m-1"])
    bench.run()
    assert bench.queue.arrived == ["m-1"]


def test_releasing_takes_a_permission_of_its_own(bench: Bench):
    bench.letters("m-1", state=LetterState.QUARANTINED)
    with pytest.raises(NotAllowed, match="takes admin"):
        released(bench, "m-1", actor=ADA)
    assert bench.letter().state is LetterState.QUARANTINED


def test_what_is_not_under_quarantine_is_left_as_it_is(bench: Bench):
    bench.letters("m-1")
    bench.letters("m-2", state=LetterState.CLAIMED)
    assert released(bench, "m-1", "m-2").refused == {"it is not under quarantine": 1, "it is being sent": 1}
