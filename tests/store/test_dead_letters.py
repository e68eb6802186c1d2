"""Contract of the dead letters' journal, on moto and on MiniStack."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from store import dead_letters, jobs, outcomes
from store.errors import ConditionLost, StoreError
from store.keys import dead_letter_part
from store.recovery import LetterState, MessageAttribute, Outcome
from store.table import Table
from tests.builders import NOW, PLACE, QUEUE, a_letter


def stored(table: Table, message_id: str = "m-1"):
    letter = dead_letters.get(table, PLACE, QUEUE, message_id)
    assert letter is not None
    return letter


def test_a_captured_letter_comes_back_whole(table: Table):
    letter = a_letter(
        body="grüße \u202e 💡 \x00", system={"SentTimestamp": "1"},
        attributes={"tier": MessageAttribute("String", "gold"), "raw": MessageAttribute("Binary", None, b"\x00\xff")},
    )
    assert dead_letters.capture(table, letter)
    assert stored(table) == letter


def test_capturing_the_same_message_twice_changes_nothing(table: Table):
    dead_letters.capture(table, a_letter())
    claimed = dead_letters.save(table, stored(table), replace(stored(table), state=LetterState.CLAIMED, job_id="j"))
    assert not dead_letters.capture(table, a_letter())
    assert stored(table) == claimed


def test_a_body_of_one_mebibyte_that_does_not_compress_is_kept_whole(table: Table):
    body = random.Random(7).randbytes(524_288).hex()  # 1,048,576 characters, SQS's limit
    noisy = "".join(chr(33 + byte % 90) for byte in random.Random(8).randbytes(1_048_576))
    dead_letters.capture(table, a_letter(body=body))
    dead_letters.capture(table, a_letter("m-2", body=noisy))
    assert stored(table).body == body
    assert stored(table, "m-2").body == noisy
    assert stored(table, "m-2").parts >= 2


def test_attributes_of_one_mebibyte_are_kept_whole_and_through_every_step_of_the_journal(table: Table):
    noise = random.Random(9).randbytes(900_000)
    said = {"raw": MessageAttribute("Binary.png", None, noise), "n": MessageAttribute("Number.custom", "1e400"),
            "none": MessageAttribute("String", ""), "empty": MessageAttribute("Binary", None, b"")}
    letter = a_letter(body="x" * 1_000, attributes=said)
    dead_letters.capture(table, letter)
    assert stored(table).attributes == said
    dead_letters.save(table, stored(table), replace(stored(table), state=LetterState.CLAIMED))
    assert (stored(table).attributes, stored(table).body) == (said, letter.body)


def test_a_body_that_lost_a_part_is_an_error_and_never_a_shorter_body(table: Table):
    noisy = "".join(chr(33 + byte % 90) for byte in random.Random(8).randbytes(1_048_576))
    dead_letters.capture(table, a_letter(body=noisy))
    table.delete(dead_letter_part(PLACE, QUEUE, "m-1", 1))
    with pytest.raises(StoreError, match="lost a part"):
        dead_letters.get(table, PLACE, QUEUE, "m-1")


def test_of_two_workers_that_read_the_same_letter_one_claims_it(table: Table):
    dead_letters.capture(table, a_letter())
    seen = stored(table)
    dead_letters.save(table, seen, replace(seen, state=LetterState.CLAIMED, job_id="first"))
    with pytest.raises(ConditionLost) as lost:
        dead_letters.save(table, seen, replace(seen, state=LetterState.CLAIMED, job_id="second"))
    winner = dead_letters.standing(table, lost.value)
    assert winner is not None
    assert winner.job_id == "first"
    assert winner.body == seen.body


def test_the_journal_can_clear_a_fact(table: Table):
    dead_letters.capture(table, a_letter(problem="denied"))
    saved = dead_letters.save(table, stored(table), replace(stored(table), problem=None))
    assert stored(table) == saved
    assert stored(table).problem is None


def test_a_letter_is_dead_then_awaiting_then_history(table: Table):
    dead_letters.capture(table, a_letter())
    assert dead_letters.count_dead(table, PLACE, QUEUE) == 1
    sent = dead_letters.save(table, stored(table), replace(
        stored(table), state=LetterState.SENT, redriven_at=NOW, job_id="job-1", sent_message_id="new"))
    assert dead_letters.count_dead(table, PLACE, QUEUE) == 0
    assert [letter.key for letter in dead_letters.awaiting(table, PLACE)] == [sent.key]
    outcomes.settle(table, sent, LetterState.SUCCEEDED, "processed by orders-fulfil", NOW + 1)
    assert list(dead_letters.awaiting(table, PLACE)) == []
    assert [letter.state for letter in dead_letters.of_queue(table, PLACE, QUEUE)] == [LetterState.SUCCEEDED]


def test_an_outcome_is_written_to_the_letter_and_to_its_job(table: Table):
    dead_letters.capture(table, a_letter(state=LetterState.SENT, job_id="job-1", sent_message_id="new"))
    outcomes.settle(table, stored(table), LetterState.SUCCEEDED, "processed by orders-fulfil", NOW + 5)
    (result,) = jobs.results(table, "job-1")
    assert (result.letter, result.outcome, result.at) == (f"{QUEUE}/m-1", Outcome.SUCCEEDED, NOW + 5)
    assert result.detail == "processed by orders-fulfil"


def test_a_return_overrules_a_success_and_a_success_never_overrules_a_return(table: Table):
    dead_letters.capture(table, a_letter(state=LetterState.SENT, job_id="job-1"))
    stale = stored(table)
    outcomes.settle(table, stale, LetterState.SUCCEEDED, "seen", NOW)
    returned = outcomes.settle(table, stale, LetterState.RETURNED, "came back", NOW + 1, "m-2")
    assert returned is not None
    assert (returned.state, returned.next) == (LetterState.RETURNED, "m-2")
    assert outcomes.settle(table, stale, LetterState.SUCCEEDED, "seen late", NOW + 2) is None
    assert stored(table).state is LetterState.RETURNED


def test_dead_letters_of_one_queue_never_show_in_another(table: Table):
    dead_letters.capture(table, a_letter())
    dead_letters.capture(table, a_letter("m-2", queue="other-dlq"))
    assert [letter.message_id for letter in dead_letters.dead_in_queue(table, PLACE, QUEUE)] == ["m-1"]
    found = dead_letters.get_many(table, PLACE, QUEUE, ["m-1", "m-2", "m-9"])
    assert list(found) == ["m-1"]


def test_ids_of_what_waits_are_known_without_bodies(table: Table):
    for number in range(5):
        dead_letters.capture(table, a_letter(f"m-{number}", sent_at=NOW + number))
    assert list(dead_letters.dead_ids(table, PLACE, QUEUE, 4)) == ["m-4", "m-3", "m-2", "m-1"]
