"""Editing what is sent, as previewed; the original is never touched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import pytest

from operations import edit, payloads
from operations.edit_preview import EditChange, EditPreview, preview
from operations.errors import BadPatch, EditMoved, NotAllowed, NothingSelected
from operations.letter_acts import ActReport
from operations.permissions import Actor
from operations.plan import plan
from operations.queue_sender import deduplication_id
from operations.senders import SendResult
from store import audit_log, dead_letters, edits
from store.recovery import DeadLetter, Destination, LetterState, Shape, Way
from tests.builders import NOW, PLACE, QUEUE, a_letter
from tests.operations.bench import ADA, Bench

ROOT = Actor("grace@example.com", "admin")
BODY = '{"order_id": "88123", "n": 1e400}'
FIX = EditChange('[{"op": "replace", "path": "/order_id", "value": "99"}]')
FIXED = '{"order_id": "99", "n": 1e400}'
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:orders-notify"


def shown(bench: Bench, ids: Sequence[str], change: EditChange = FIX) -> EditPreview:
    return preview(bench.table, PLACE, QUEUE, ids, change)


def edited(bench: Bench, ids: Sequence[str], change: EditChange = FIX, digest: str | None = None,
           actor: Actor = ROOT) -> ActReport:
    digest = shown(bench, ids, change).digest if digest is None else digest
    return edit.edit(bench.table, PLACE, bench.clock, actor, True, queue=QUEUE, message_ids=ids, change=change,
                     digest=digest, reason="the id was cut short", act_id=f"e-{bench.clock()}")


def test_the_edit_is_sent_and_the_original_kept_with_who_when_why_and_the_patch(bench: Bench):
    bench.letters("m-1", body=BODY)
    assert edited(bench, ["m-1"]).done == ("m-1",)
    letter = bench.letter()
    assert (letter.body, payloads.text(letter), letter.state) == (BODY, FIXED, LetterState.DEAD)
    assert letter.edit is not None
    assert letter.edit.original_sha256 == hashlib.sha256(BODY.encode()).hexdigest()
    assert (letter.edit.by, letter.edit.at, letter.edit.reason) == (ROOT.name, NOW, "the id was cut short")
    assert (letter.edit.patch, letter.edit.text) == (FIX.patch, FIXED)
    assert letter.notes[-1].detail == f"edit {letter.edit.id}"


def test_an_edited_letter_is_marked_in_its_plan_and_in_its_marker_and_deduplicates_as_before(bench: Bench):
    bench.letters("m-1", body=BODY)
    before = bench.letter()
    edited(bench, ["m-1"])
    letter = bench.letter()
    assert letter.edit is not None
    assert plan(bench.table, PLACE, QUEUE, ["m-1"]).letters[0].edit == letter.edit.id
    assert payloads.attributes(letter)[payloads.MARKER].string == f"{QUEUE}/m-1;edit={letter.edit.id}"
    assert deduplication_id(letter) == deduplication_id(before)


def test_a_restored_letter_sends_its_original_and_the_edit_stays_in_the_table(bench: Bench):
    bench.letters("m-1", body=BODY)
    edited(bench, ["m-1"])
    bench.clock.advance(5)
    report = edit.restore(bench.table, PLACE, bench.clock, ROOT, True, queue=QUEUE, message_ids=["m-1", "m-9"],
                          reason="the edit was wrong", act_id="e-2")
    letter = bench.letter()
    assert report.done == ("m-1",)
    assert (letter.edit, payloads.text(letter)) == (None, BODY)
    assert [one.text for one in edits.of_letter(bench.table, letter)] == [FIXED]
    assert [note.did for note in letter.notes] == ["edit", "restore the original"]


def test_a_second_edit_begins_from_the_first_and_names_the_first_original(bench: Bench):
    bench.letters("m-1", body=BODY)
    edited(bench, ["m-1"])
    bench.clock.advance(5)
    edited(bench, ["m-1"], EditChange('[{"op": "add", "path": "/again", "value": true}]'))
    letter = bench.letter()
    assert payloads.text(letter) == '{"order_id": "99", "n": 1e400, "again": true}'
    assert letter.edit is not None
    assert letter.edit.original_sha256 == hashlib.sha256(BODY.encode()).hexdigest()
    assert len(list(edits.of_letter(bench.table, letter))) == 2


def test_one_patch_for_many_edits_those_it_fits_and_says_why_the_others_stay(bench: Bench):
    bench.letters("m-1", body=BODY)
    bench.letters("m-2", body="not json")
    bench.letters("m-3", body='{"other": 1}')
    bench.letters("m-4", body='{"order_id": "99"}')
    bench.letters("m-5", body=BODY, state=LetterState.SENT, redriven_at=NOW)
    report = edited(bench, ["m-1", "m-2", "m-3", "m-4", "m-5"])
    assert report.done == ("m-1",)
    why = {one.message_id: one.why for one in report.results if not one.done}
    assert "not JSON; put a whole new text instead" in why["m-2"]
    assert "there is no /order_id" in why["m-3"]
    assert why["m-4"] == "nothing would change"
    assert why["m-5"].startswith("it was sent")


def test_what_was_not_shown_is_not_done(bench: Bench):
    bench.letters("m-1", "m-2", body=BODY)
    digest = shown(bench, ["m-1", "m-2"]).digest
    edited(bench, ["m-1"])
    with pytest.raises(EditMoved):
        edited(bench, ["m-1", "m-2"], digest=digest)
    assert bench.letter("m-2").edit is None


def test_a_letter_changed_between_the_check_and_its_write_stays(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    bench.letters("m-1", body=BODY)
    save = dead_letters.save

    def late(*args: object) -> object:
        monkeypatch.setattr(dead_letters, "save", save)
        bench.clock.advance(1)
        edited(bench, ["m-1"])
        return save(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(dead_letters, "save", late)
    assert edited(bench, ["m-1"]).refused == {"somebody changed it at the same moment": 1}
    assert payloads.text(bench.letter()) == FIXED


def test_editing_takes_a_permission_of_its_own_and_is_audited_with_the_digest_of_the_differences(bench: Bench):
    bench.letters("m-1", body=BODY)
    with pytest.raises(NotAllowed, match="takes admin"):
        edited(bench, ["m-1"], actor=ADA)
    digest = shown(bench, ["m-1"]).digest
    edited(bench, ["m-1"])
    (entry,) = audit_log.entries(bench.table, PLACE, NOW)
    assert (entry.action, entry.outcome, entry.details["diff sha256"]) == ("edit", "done", digest)
    assert entry.details["change"] == f"patch {FIX.patch}"


def test_an_edit_that_fits_no_letter_is_refused_with_the_reasons(bench: Bench):
    bench.letters("m-1", body="{}")
    with pytest.raises(NothingSelected, match="there is no /order_id"):
        edited(bench, ["m-1"])
    assert audit_log.entries(bench.table, PLACE, NOW) == []


def test_an_edited_letter_goes_out_as_edited(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    bench.letters("m-1", body=BODY)
    edited(bench, ["m-1"])
    bench.ask(["m-1"])
    seen: list[str] = []
    take = bench.queue._take

    def noted(letter: DeadLetter) -> SendResult:
        seen.append(payloads.text(letter))
        return take(letter)

    monkeypatch.setattr(bench.queue, "_take", noted)
    bench.run()
    assert seen == [FIXED]
    assert bench.letter().edit is not None
    assert bench.results()["m-1"].edit == bench.letter().edit.id  # type: ignore[union-attr]


def test_of_a_failed_invocation_the_event_inside_the_record_is_edited(bench: Bench):
    record = json.dumps({"requestContext": {"functionArn": FUNCTION}, "requestPayload": {"id": 1}})
    bench.letters("m-1", body=record, shape=Shape.LAMBDA_DESTINATION, destination=Destination(Way.INVOKE, FUNCTION))
    change = EditChange('[{"op": "replace", "path": "/id", "value": 2}]')
    (one,) = shown(bench, ["m-1"], change).letters
    assert one.of.startswith("the event inside the record of the failed invocation")
    edited(bench, ["m-1"], change)
    assert (payloads.text(bench.letter()), bench.letter().body) == ('{"id": 2}', record)


@pytest.mark.parametrize(("body", "text", "problem"), [
    ("plain", "also plain", ""), ("plain", "bell \x07", "U+0007"), (BODY, "plain", "not JSON, as the old one is"),
    ("plain", "x" * 1_048_577, "SQS takes 1,048,576"), ("plain", "", "empty"),
    ("plain", "plain", "nothing would change"),
])
def test_a_whole_new_text_is_checked_against_the_destination(bench: Bench, body: str, text: str, problem: str):
    bench.letters("m-1", body=body)
    (one,) = shown(bench, ["m-1"], EditChange(text=text)).letters
    assert problem in one.problem
    assert one.runs is (problem == "")


def test_the_difference_is_shown_by_line_of_the_indented_text(bench: Bench):
    bench.letters("m-1", body=BODY, ambiguous=1)
    (one,) = shown(bench, ["m-1"]).letters
    assert '-  "order_id": "88123",' in one.diff.splitlines()
    assert '+  "order_id": "99",' in one.diff.splitlines()
    assert "may have arrived already" in one.caution


def test_a_change_is_a_patch_or_a_text(bench: Bench):
    for change in (EditChange(), EditChange("[]", "x")):
        with pytest.raises(BadPatch, match="one of them"):
            shown(bench, ["m-1"], change)


def test_a_large_edit_comes_back_whole(bench: Bench):
    text = "".join(chr(33 + number * 7_919 % 90) for number in range(900_000))
    dead_letters.capture(bench.table, a_letter("m-1", body="plain"))
    edited(bench, ["m-1"], EditChange(text=text))
    assert payloads.text(bench.letter()) == text
