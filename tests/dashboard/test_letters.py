from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from dashboard.letters import UNKNOWN_CAUSE, by_cause, cause_of, causes_frame, expiry, frame, matching
from store.recovery import Custody, LetterState, MessageAttribute
from tests.builders import NOW, a_letter


def test_a_letter_without_an_error_has_an_unknown_cause():
    assert cause_of(a_letter()) == UNKNOWN_CAUSE
    assert cause_of(a_letter(error_type="KeyError")) == "KeyError"
    assert cause_of(a_letter(error_type="KeyError", error_message="'sku'\n")) == "KeyError: 'sku'"


def test_rows_that_would_say_the_same_are_one_cause():
    letters = [a_letter("m-1", error_type="KeyError", fingerprint="aa"), a_letter("m-2", error_type="KeyError"),
               a_letter("m-3", error_type="Timeout"), a_letter("m-4", error_type="KeyError", function="other")]
    first, *others = by_cause(letters)
    assert ([one.message_id for one in first.letters], first.bodies) == (["m-1", "m-2"], 1)
    assert {(cause.name, cause.function) for cause in others} == {("Timeout", None), ("KeyError", "other")}


def test_a_cause_keeps_its_id_when_letters_come_and_go():
    one = by_cause([a_letter("m-1", error_type="KeyError")])[0]
    two = by_cause([a_letter("m-2", error_type="KeyError", captured_at=NOW + 5), a_letter("m-3")])
    assert one.id in {cause.id for cause in two}
    assert len({cause.id for cause in two}) == 2


def test_a_cause_says_when_its_letters_first_and_last_died():
    (cause,) = by_cause([a_letter("m-1", captured_at=NOW), a_letter("m-2", captured_at=NOW - 60_000)])
    row = causes_frame([cause], NOW, UTC).iloc[0]
    assert (row["messages"], row["function"], row["first"], row["last"]) == (2, "–", "18:52", "18:53")


def test_the_filter_wants_every_word_wherever_it_stands():
    letters = [a_letter("m-1", attributes={"tier": MessageAttribute("String", "Gold")}),
               a_letter("m-2", error_message="no GOLD here"), a_letter("m-3", function="gold-api", problem="refused")]
    assert [letter.message_id for letter in matching(letters, "GOLD 88123")] == ["m-1", "m-2", "m-3"]
    assert [letter.message_id for letter in matching(letters, "gold REFUSED")] == ["m-3"]
    assert matching(letters, "gold silver") == []


@given(some.text(max_size=40))
def test_any_part_of_a_body_finds_its_letter(body):
    letter = a_letter(body=f"{body} tail")
    assert matching([letter], body) == [letter]


def test_who_may_not_read_bodies_cannot_find_out_by_searching():
    letter = a_letter(body="ada@example.com", attributes={"to": MessageAttribute("String", "bob@example.com")})
    assert matching([letter], "m-1", revealed=False) == [letter]
    for word in ("ada@", "bob@", "to"):
        assert not matching([letter], word, revealed=False)
    assert "ada" not in frame([letter], UTC, NOW, revealed=False)["body"][0]


def test_a_row_says_when_its_queue_forgets_the_message():
    watched: dict[str, Any] = {"custody": Custody.WATCHED, "expires_at": NOW + 3 * 86_400_000}
    assert expiry(a_letter(), NOW) == "kept here"
    assert expiry(a_letter(**watched), NOW) == "in 3 d"
    assert expiry(a_letter(**watched, archived_at=NOW), NOW) == "kept here"
    assert expiry(a_letter(**{**watched, "expires_at": NOW}), NOW) == "expired"
    assert expiry(a_letter(custody=Custody.WATCHED), NOW) == "unknown"


def test_a_row_is_one_printable_line_in_the_readers_zone():
    letter = a_letter(body="\u202eevil\n" + "x" * 5_000, state=LetterState.NEEDS_OPERATOR, receive_count=None)
    row = frame([letter], ZoneInfo("Europe/Berlin"), NOW).iloc[0]
    assert (len(row["body"]), row["body"][:4], row["state"]) == (120, "evil", "needs an operator")
    assert f"{row['died']:%H:%M}" == "19:53"
    assert frame([letter], UTC, NOW)["receives"].isna().all()


def test_no_letters_make_no_rows():
    assert len(frame([], UTC, NOW)) == 0
    assert by_cause([]) == []
