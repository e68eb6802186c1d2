"""Rescue: what would expire is kept here, or kept longer where it is; and nothing is made shorter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from operations import commands
from operations.errors import CommandNotPossible
from operations.rescue import Archive, Extend
from store import dead_letters, queues
from store.clock import DAY_MS, HOUR_MS
from store.commands import Command, Kind
from store.recovery import Custody, LetterState
from tests.builders import NOW, PLACE, QUEUE, a_letter
from tests.operations.bench import DLQ_ARN, LONG_MS, a_queue
from tests.operations.fake_sqs import FakeSqs

FOUR_DAYS_S, TWO_WEEKS_S = 345_600, 1_209_600


def asked(kind, *message_ids, **arguments) -> Command:
    return commands.new(PLACE, "c-1", kind, QUEUE, "the queue forgets them tonight", message_ids=message_ids,
                        arguments=arguments)


def letter(table, message_id):
    found = dead_letters.get(table, PLACE, QUEUE, message_id)
    assert found is not None
    return found


def put(table, message_id, **facts):
    waiting = {"custody": Custody.WATCHED, "expires_at": NOW + HOUR_MS, "sent_at": NOW - FOUR_DAYS_S * 1_000 + HOUR_MS}
    dead_letters.capture(table, a_letter(message_id, **{**waiting, **facts}))


def archive(table, clock, *message_ids, left=LONG_MS):
    return Archive(table, clock)(asked(Kind.ARCHIVE, *message_ids), lambda: left)


def test_archived_letters_are_kept_here_and_doing_it_again_changes_nothing(table, clock):
    put(table, "m-1")
    put(table, "m-2")
    ending = archive(table, clock, "m-1", "m-2", "nobody")
    assert (ending.outcome, ending.details) == (
        "2 of 3 letters are kept here from now on.", {"archived": "2", "not known": "1"})
    first = letter(table, "m-1")
    assert (first.archived_at, first.custody, first.state) == (NOW, Custody.WATCHED, LetterState.DEAD)
    clock.advance(5)
    assert archive(table, clock, "m-1").details == {"kept already": "1"}
    assert letter(table, "m-1") == first


def test_without_names_every_letter_that_waits_in_the_queue_is_archived(table, clock):
    put(table, "m-1")
    put(table, "ours", custody=Custody.CAPTURED)
    assert archive(table, clock).details == {"archived": "1"}
    with pytest.raises(CommandNotPossible, match="No letter is known to wait"):
        Archive(table, clock)(replace(asked(Kind.ARCHIVE), subject="other-dlq"), lambda: LONG_MS)


def test_a_letter_that_is_gone_is_taken_back_from_its_copy_and_can_be_redriven(table, clock, bench):
    put(table, "m-1", state=LetterState.GONE, evidence="expired in its queue", settled_at=NOW)
    assert archive(table, clock, "m-1").details == {"taken back": "1"}
    back = letter(table, "m-1")
    assert (back.custody, back.state, back.expires_at) == (Custody.CAPTURED, LetterState.DEAD, None)
    assert back.problem == "taken back from its copy: expired in its queue"
    bench.ask(["m-1"])
    bench.run()
    assert bench.queue.copies == {"m-1": 1}


def test_an_archive_with_no_time_left_goes_on_in_the_next_slice(table, clock):
    put(table, "m-1")
    assert archive(table, clock, "m-1", left=1_000).over is False
    assert letter(table, "m-1").archived_at is None


def test_an_archive_of_everything_that_was_cut_off_after_its_last_letter_is_done(table, clock):
    again = replace(asked(Kind.ARCHIVE), details={"archived": "20"})
    assert Archive(table, clock)(again, lambda: LONG_MS).details == {"archived": "20"}


@pytest.fixture
def sqs(table, clock):
    sqs = FakeSqs(clock)
    queue = sqs.add(QUEUE, MessageRetentionPeriod=str(FOUR_DAYS_S))
    queues.put(table, a_queue(url=queue.url, retention_s=FOUR_DAYS_S))
    return sqs


def extend(table, clock, sqs, days, allowed=(DLQ_ARN,)):
    return Extend(table, clock, sqs, allowed)(asked(Kind.EXTEND, days=days), lambda: LONG_MS)


def test_a_longer_retention_moves_every_deadline(table, clock, sqs):
    put(table, "m-1")
    put(table, "ours", custody=Custody.CAPTURED, expires_at=None)
    ending = extend(table, clock, sqs, "14")
    assert ending.details == {"before": "4 days", "after": "14 days", "letters with another deadline": "1"}
    assert sqs.queues[QUEUE].attributes["MessageRetentionPeriod"] == str(TWO_WEEKS_S)
    assert letter(table, "m-1").expires_at == NOW + HOUR_MS + 10 * DAY_MS
    assert letter(table, "ours").expires_at is None
    assert extend(table, clock, sqs, "14").details["letters with another deadline"] == "0"
    known = queues.get(table, PLACE, QUEUE)
    assert known is not None
    assert known.retention_s == TWO_WEEKS_S


@pytest.mark.parametrize(("days", "why"), [
    ("3", "keeps messages for 4 days already"), ("15", "15 days is not possible"), ("0", "0 days is not possible"),
    ("", "no days is not possible"), ("-1", "-1 days"), ("1e9", "1e9 days"),
])
def test_a_retention_that_would_delete_or_that_sqs_has_not_is_refused(table, clock, sqs, days, why):
    with pytest.raises(CommandNotPossible, match=why):
        extend(table, clock, sqs, days)
    assert sqs.queues[QUEUE].attributes["MessageRetentionPeriod"] == str(FOUR_DAYS_S)


def test_a_queue_that_was_not_listed_is_not_changed(table, clock, sqs):
    with pytest.raises(CommandNotPossible, match="may not touch"):
        extend(table, clock, sqs, "14", allowed=())
    assert "before SetQueueAttributes" not in sqs.calls.said
