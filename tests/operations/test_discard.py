"""Putting letters aside, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from operations import discard
from operations.errors import NotAllowed, NothingSelected, ReasonRequired, TooMany
from operations.letter_acts import NOTES, ActReport
from operations.permissions import Actor
from operations.plan import Verdict, plan
from store import audit_log, commands, dead_letters, outcomes
from store.commands import Kind
from store.errors import StoreError
from store.recovery import Custody, LetterState, Outcome
from tests.builders import NOW, PLACE, QUEUE
from tests.operations.bench import ADA, Bench

WHY = "sent by a test of a partner"


def discarded(bench: Bench, ids: Sequence[str], actor: Actor = ADA, reason: str = WHY,
              act_id: str = "a-1") -> ActReport:
    return discard.discard(bench.table, PLACE, bench.clock, actor, True, queue=QUEUE, message_ids=ids, reason=reason,
                           act_id=act_id)


def undone(bench: Bench, ids: Sequence[str]) -> ActReport:
    return discard.undo(bench.table, PLACE, bench.clock, ADA, True, queue=QUEUE, message_ids=ids,
                        reason="the partner wants it after all", act_id="a-2")


def test_a_discarded_letter_waits_no_more_keeps_its_body_and_is_never_sent(bench: Bench):
    bench.letters("m-1", "m-2")
    before = bench.letter()
    assert discarded(bench, ["m-1"]).done == ("m-1",)
    letter = bench.letter()
    assert (letter.state, letter.body, letter.discarded_as) == (LetterState.DISCARDED, before.body, LetterState.DEAD)
    assert [(note.did, note.by, note.reason, note.at) for note in letter.notes] == [("discard", ADA.name, WHY, NOW)]
    assert [one.message_id for one in dead_letters.dead_in_queue(bench.table, PLACE, QUEUE)] == ["m-2"]
    assert plan(bench.table, PLACE, QUEUE, ["m-1"]).letters[0].verdict is Verdict.CLOSED


@pytest.mark.parametrize("state", [LetterState.DEAD, LetterState.NEEDS_OPERATOR, LetterState.QUARANTINED])
def test_undone_it_stands_exactly_as_before_but_for_the_notes(bench: Bench, state: LetterState):
    bench.letters("m-1", state=state, problem="refused by the queue", attempts=3, ambiguous=2, job_id="job-0")
    before = bench.letter()
    discarded(bench, ["m-1"])
    bench.clock.advance(30 * 86_400_000)
    assert undone(bench, ["m-1"]).done == ("m-1",)
    after = bench.letter()
    assert replace(after, notes=(), version=0) == replace(before, version=0)
    assert [note.did for note in after.notes] == ["discard", "undo a discard"]
    assert [one.message_id for one in dead_letters.dead_in_queue(bench.table, PLACE, QUEUE)] == ["m-1"]


@pytest.mark.parametrize(("facts", "why"), [
    ({"state": LetterState.CLAIMED, "job_id": "job-0"}, "it is being sent by redrive job-0"),
    ({"state": LetterState.SENT, "job_id": "job-0", "redriven_at": NOW},
     "it was sent by redrive job-0 to orders-fulfil and its outcome is not known yet"),
    ({"state": LetterState.SUCCEEDED}, "it is settled: succeeded"),
    ({"state": LetterState.DISCARDED}, "it is discarded"),
])
def test_what_a_job_has_in_hand_or_is_settled_is_refused_with_the_reason(bench: Bench, facts: dict[str, object],
                                                                          why: str):
    bench.letters("m-1", **facts)
    bench.letters("m-2")
    before = bench.letter()
    report = discarded(bench, ["m-1", "m-9", "m-2"])
    assert report.done == ("m-2",)
    assert report.refused == {why: 1, "no dead letter of this queue has that id": 1}
    assert bench.letter() == before


def test_a_letter_that_a_job_is_about_to_send_is_left_to_it(bench: Bench):
    bench.ask(bench.letters("m-1"))
    assert discarded(bench, ["m-1"]).refused == {"redrive job-1 is about to send it": 1}


def test_of_two_operators_at_once_one_discards_and_the_other_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    bench.letters("m-1")
    save = dead_letters.save

    def late(*args: object) -> object:
        monkeypatch.setattr(dead_letters, "save", save)
        discarded(bench, ["m-1"], Actor("bob", "operator"), act_id="b-1")
        return save(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(dead_letters, "save", late)
    assert discarded(bench, ["m-1"]).refused == {"somebody changed it at the same moment": 1}
    assert [note.by for note in bench.letter().notes] == ["bob"]


def test_intent_and_counted_outcome_are_in_the_audit(bench: Bench):
    bench.letters("m-1", "m-2")
    discarded(bench, ["m-1", "m-2", "m-9"])
    (entry,) = audit_log.entries(bench.table, PLACE, NOW)
    assert (entry.action, entry.subject, entry.reason, entry.actor) == ("discard", QUEUE, WHY, ADA.name)
    assert (entry.details["count"], entry.outcome, entry.outcome_details["done"]) == ("3", "done", "2")
    assert entry.outcome_details["no dead letter of this queue has that id"] == "1"


def test_an_act_cut_off_by_the_table_says_how_far_it_came(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    ids = bench.letters(*(f"m-{number:02d}" for number in range(30)))
    get_many, reads = dead_letters.get_many, []

    def failing(*args: object) -> object:
        reads.append(args)
        if len(reads) == 2:
            raise StoreError("The table does not answer.")
        return get_many(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(dead_letters, "get_many", failing)
    with pytest.raises(StoreError):
        discarded(bench, ids)
    (entry,) = audit_log.entries(bench.table, PLACE, NOW)
    assert (entry.outcome, entry.outcome_details) == ("failed", {"done": "20", "error": "The table does not answer."})


def test_who_may_not_or_gives_no_reason_or_nothing_changes_nothing(bench: Bench):
    ids = bench.letters("m-1")
    for refused, call in ((NotAllowed, lambda: discarded(bench, ids, Actor("eve", "viewer"))),
                          (ReasonRequired, lambda: discarded(bench, ids, reason="ok")),
                          (NothingSelected, lambda: discarded(bench, [])),
                          (TooMany, lambda: discarded(bench, [str(one) for one in range(10_001)]))):
        with pytest.raises(refused):
            call()
    assert bench.letter().state is LetterState.DEAD
    assert audit_log.entries(bench.table, PLACE, NOW) == []


def test_a_watched_letter_is_archived_first_and_the_worker_asked_to_forget_its_copy(bench: Bench):
    bench.letters("m-1", custody=Custody.WATCHED, expires_at=NOW + 1_000)
    bench.letters("m-2")
    discarded(bench, ["m-1", "m-2"])
    assert bench.letter().archived_at == NOW
    (command,) = commands.recent(bench.table, PLACE)
    assert (command.kind, command.subject, command.message_ids) == (Kind.FORGET, QUEUE, ("m-1",))


def test_an_undone_discard_is_ours_to_send_once_its_queue_has_forgotten_it(bench: Bench):
    bench.letters("m-1", custody=Custody.WATCHED, state=LetterState.DISCARDED, discarded_as=LetterState.DEAD,
                  expires_at=NOW + 1_000, deleted_at=NOW)
    undone(bench, ["m-1"])
    letter = bench.letter()
    assert (letter.state, letter.custody, letter.expires_at) == (LetterState.DEAD, Custody.CAPTURED, None)


def test_a_discarded_letter_whose_ambiguous_send_comes_back_is_returned(bench: Bench):
    bench.letters("m-1", state=LetterState.NEEDS_OPERATOR, attempts=3, ambiguous=3, job_id="job-0")
    discarded(bench, ["m-1"])
    back = outcomes.settle(bench.table, bench.letter(), LetterState.RETURNED, "came back", NOW, f"{QUEUE}/m-2")
    assert back is not None
    assert (back.state, back.next, back.discarded_as) == (LetterState.RETURNED, f"{QUEUE}/m-2", None)
    assert bench.results("job-0")["m-1"].outcome is Outcome.RETURNED
    assert undone(bench, ["m-1"]).refused == {"it is not discarded": 1}


def test_a_letter_keeps_its_newest_notes_only(bench: Bench):
    bench.letters("m-1")
    for _ in range(NOTES):
        discarded(bench, ["m-1"], act_id=f"a-{bench.clock()}")
        undone(bench, ["m-1"])
        bench.clock.advance(1)
    assert len(bench.letter().notes) == NOTES
    assert bench.letter().notes[-1].did == "undo a discard"
