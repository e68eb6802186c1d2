from __future__ import annotations

from datetime import UTC

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.letter_detail import SHOWN, Known, custody, pretty, steps, way_back
from dashboard.components.letters_table import Shown
from store.recovery import Custody, Destination, Edit, LetterState, MessageAttribute, Note, Way
from tests.builders import NOW, QUEUE, a_letter
from tests.dashboard.conftest import read

SEEN = Shown(UTC, NOW)


def drawn(letter, shown=SEEN, known=None):
    def script(letter, shown, known):
        from dashboard.components.letter_detail import letter_detail
        letter_detail(letter, shown, known)

    app = AppTest.from_function(script, args=(letter, shown, known)).run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_json_is_indented_and_the_page_says_so():
    app = drawn(a_letter(body='{"b":1,"a":"ä"}'))
    assert app.code[0].value == '{\n  "b": 1,\n  "a": "ä"\n}'
    assert "Indented for reading; the download is exact." in read(app)


@pytest.mark.parametrize("body", ["plain **text**", "{broken", "[" * 200_000, "\u202egnp.exe", "<script>x</script>"])
def test_anything_else_is_shown_as_it_came(body):
    assert pretty(body) == (body, None)
    assert drawn(a_letter(body=body)).code[0].value == body[:SHOWN]


def test_a_body_of_a_mebibyte_is_cut_in_the_page_and_whole_in_the_download():
    app = drawn(a_letter(body="x" * 1_048_576))
    assert len(app.code[0].value) == SHOWN
    assert "The first 20,000 of 1,048,576 characters." in read(app)
    assert len(app.get("download_button")) == 1


@pytest.mark.parametrize("body", ["\ud800 lone", '"\\ud800 lone"'])
def test_half_a_surrogate_pair_is_spelled_out(body):
    assert "\\ud800 lone" in drawn(a_letter(body=body)).code[0].value


def test_an_empty_body_says_so():
    app = drawn(a_letter(body=""))
    assert "The body is empty." in read(app)
    assert not app.code


def test_attributes_of_both_kinds_are_listed():
    letter = a_letter(attributes={"tier": MessageAttribute("String", "**gold**"),
                                  "raw": MessageAttribute("Binary", binary=b"\x00\xff")},
                      system={"SentTimestamp": "1"})
    rows = drawn(letter).dataframe[0].value
    assert list(rows["name"]) == ["raw", "tier", "SentTimestamp"]
    assert list(rows["value"]) == ["b'\\x00\\xff'", "**gold**", "1"]


def test_a_message_without_attributes_says_so():
    assert "carries no attributes" in read(drawn(a_letter()))


def test_history_tells_every_step_that_happened():
    letter = a_letter(claimed_at=NOW + 1, attempts=2, redriven_at=NOW + 2, sent_message_id="n-1", settled_at=NOW + 3,
                      state=LetterState.RETURNED, evidence="it came back", ambiguous=1, problem="no <b>answer</b>",
                      next="dlq/n-1", previous="dlq/m-0", life=2, job_id="job-1", fingerprint="aa00112233445566")
    assert [what for what, *_ in steps(letter)] == [
        "first sent", "died", "claimed", "redriven", "returned"]
    app = drawn(letter)
    said = read(app)
    for part in ("attempt 2", "as message n-1", "it came back", "1 send without an answer", "no <b>answer</b>",
                 "Life 2 of this message; before, it was dlq/m-0", "It came back as dlq/n-1", "4 receives"):
        assert part in said
    assert [link.proto.page for link in app.get("page_link")] == ["error", "redrive"]


def test_what_did_not_happen_is_not_told():
    letter = a_letter(sent_at=None, receive_count=None)
    assert [(what, detail) for what, _, _, detail in steps(letter)] == [
        ("died", "sqs redrive policy, receives unknown")]
    assert not drawn(letter).get("page_link")


@pytest.mark.parametrize(("destination", "said"), [
    (Destination(Way.SEND, "arn:aws:sqs:eu-central-1:1:orders"), "The way back: the queue orders."),
    (Destination(Way.INVOKE, "arn:aws:lambda:eu-central-1:1:function:notify"), "the function notify, with"),
    (Destination(Way.NONE), "No way back: nothing says where it came from."),
    (Destination(Way.NONE, why_not="the rule is gone"), "No way back: the rule is gone."),
])
def test_the_way_back_is_a_sentence(destination, said):
    assert said in way_back(a_letter(destination=destination))


def test_who_may_not_read_bodies_sees_names_and_no_values():
    letter = a_letter(body='{"email": "ada@example.com"}', attributes={"tier": MessageAttribute("String", "gold")},
                      edit=Edit("e-1", '{"email": "bob@example.com"}', "cd", "ab", NOW, "ada", "a typo"))
    app = drawn(letter, Shown(UTC, NOW, revealed=False))
    said = read(app)
    assert '"email": "•••"' in said
    assert "shown to operators" in said
    for value in ("ada@example.com", "bob@example.com", "gold"):
        assert value not in said
    assert not app.get("download_button")


def test_an_edit_is_shown_against_the_original():
    edit = Edit("e-1", '{"sku": "A-1"}', "cd", "ab", NOW, "ada@example.com", "the shop sent no SKU")
    earlier = Edit("e-0", "{}", "cd", "ab", NOW - 1, "bob@example.com", "a first try")
    app = drawn(a_letter(body='{"sku": null}', edit=edit), known=Known(edits=(edit, earlier)))
    assert [tab.label for tab in app.tabs] == ["Body", "Edit", "Attributes", "History"]
    assert '-  "sku": null' in app.code[1].value
    assert '+  "sku": "A-1"' in app.code[1].value
    said = read(app)
    assert "edited by ada@example.com on 23 Nov 18:53:20: the shop sent no SKU" in said
    assert "a first try" in said
    assert "This is the original" in said


def test_an_edit_that_was_taken_back_says_so():
    edit = Edit("e-1", "x", "cd", "ab", NOW, "ada@example.com", "the shop sent no SKU")
    assert "A redrive sends the original." in read(drawn(a_letter(), known=Known(edits=(edit,))))


@pytest.mark.parametrize(("facts", "said"), [
    ({}, "Captured: it is kept here, out of its queue, and does not expire."),
    ({"custody": Custody.WATCHED}, "Its queue does not say until when."),
    ({"custody": Custody.WATCHED, "expires_at": NOW + 3 * 86_400_000}, "expires there in 3 d, on 26 Nov 18:53:20."),
    ({"custody": Custody.WATCHED, "expires_at": NOW - 60_000}, "should have expired there 1 min ago"),
    ({"custody": Custody.WATCHED, "expires_at": NOW + 1, "archived_at": NOW}, "kept here whatever happens there"),
    ({"custody": Custody.WATCHED, "deleted_at": NOW}, "its queue was told to forget it on 23 Nov 18:53:20"),
])
def test_who_keeps_it_and_until_when_is_a_sentence(facts, said):
    assert said in custody(a_letter(**facts), SEEN)


def test_what_operators_did_stands_in_its_history_in_order():
    notes = (Note(NOW + 5, "ada@example.com", "discard", "a test order"),
             Note(NOW + 9, "bob@example.com", "undo a discard", "no, it was real", "detail"))
    told = steps(a_letter(notes=notes, archived_at=NOW + 7))
    assert [(what, by, detail) for what, _, by, detail in told[2:]] == [
        ("discard", "ada@example.com", "a test order"), ("kept here", "", "its queue may forget it"),
        ("undo a discard", "bob@example.com", "no, it was real, detail")]


def test_a_quarantined_letter_says_why_and_lists_its_lives():
    lives = [a_letter(f"m-{life}", life=life, state=LetterState.RETURNED) for life in (1, 2, 3)]
    letter = a_letter("m-4", life=4, state=LetterState.QUARANTINED, problem="three redrives")
    app = drawn(letter, known=Known(lives=(*lives, letter)))
    assert "Under quarantine: three redrives. No redrive takes it" in read(app)
    table = app.dataframe[-1]
    assert list(table.value["message"]) == ["m-1", "m-2", "m-3", "m-4"]
    app.session_state[table.key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    (link,) = app.run().get("page_link")
    assert (link.proto.page, link.proto.query_string) == ("dead_letters", f"queue={QUEUE}&show=All&q=m-2")
