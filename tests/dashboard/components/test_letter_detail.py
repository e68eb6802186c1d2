from __future__ import annotations

from datetime import UTC

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.letter_detail import SHOWN, pretty, steps, way_back
from store.recovery import Destination, LetterState, MessageAttribute, Way
from tests.builders import NOW, a_letter
from tests.dashboard.conftest import read


def drawn(letter):
    def script(letter, zone):
        from dashboard.components.letter_detail import letter_detail
        letter_detail(letter, zone)

    app = AppTest.from_function(script, args=(letter, UTC)).run()
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
    assert [what for what, at, _ in steps(letter) if at is not None] == [
        "first sent", "died", "claimed", "redriven", "returned"]
    app = drawn(letter)
    said = read(app)
    for part in ("attempt 2", "as message n-1", "it came back", "1 send without an answer", "no <b>answer</b>",
                 "Life 2 of this message; before, it was dlq/m-0", "It came back as dlq/n-1", "4 receives"):
        assert part in said
    assert [link.proto.page for link in app.get("page_link")] == ["error", "redrive"]


def test_what_did_not_happen_is_not_told():
    letter = a_letter(sent_at=None, receive_count=None)
    assert [(what, detail) for what, at, detail in steps(letter) if at is not None] == [
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
