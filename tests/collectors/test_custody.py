"""A queue changes hands at any moment: each message keeps one row, one life, one journal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collectors import custody
from collectors.dead_letters import capture
from collectors.snapshots import as_record
from store import dead_letters, health
from store.clock import HOUR_MS
from store.recovery import Custody, LetterState, Queue
from tests.builders import NOW, PLACE, a_letter
from tests.collectors.test_snapshots import RETENTION_S, World

WAITING = (LetterState.DEAD, LetterState.NEEDS_OPERATOR, LetterState.DISCARDED)


class Switched(World):
    """The mapping of the capture hands a batch over, and deletes what the capture did not report as failed."""

    def captured(self):
        messages = self.sqs.receive_message(self.queue.url, 10, 30).get("Messages", [])
        answer = capture({"Records": [as_record(one, self.queue.arn) for one in messages]}, self.connection())
        failed = [one["itemIdentifier"] for one in answer["batchItemFailures"]]
        for one in messages:
            if one["MessageId"] not in failed:
                self.sqs.delete_message(self.queue.url, one["ReceiptHandle"])
        return failed

    def set(self, message_id, **facts):
        standing = self.letter(message_id)
        return dead_letters.save(self.table, standing, replace(standing, **facts))

    def watched(self):
        """A message that was seen where it is."""
        (message_id,) = self.send("a")
        self.look()
        return message_id


@pytest.mark.parametrize("state", WAITING)
def test_the_capture_of_a_watched_letter_keeps_its_row_and_its_journal(state):
    world = Switched()
    message_id = world.watched()
    before = world.set(message_id, state=state, attempts=2, ambiguous=1, job_id="job-1", problem="denied")
    assert world.captured() == []
    assert world.queue.messages == {}
    assert world.letter(message_id) == replace(before, custody=Custody.CAPTURED, expires_at=None,
                                               version=before.version + 1)
    assert len(dead_letters.of_queue(world.table, PLACE, world.queue.name)) == 1


def test_a_letter_that_was_thought_gone_and_is_captured_is_dead_again():
    world = Switched()
    message_id = world.watched()
    world.set(message_id, state=LetterState.GONE, evidence="taken by somebody", settled_at=NOW)
    world.captured()
    letter = world.letter(message_id)
    assert (letter.state, letter.custody, letter.evidence) == (LetterState.DEAD, Custody.CAPTURED, None)


def test_a_message_that_a_redrive_is_sending_stays_in_its_queue_until_that_is_through():
    world = Switched()
    message_id = world.watched()
    claimed = world.set(message_id, state=LetterState.CLAIMED, job_id="job-1", claimed_at=NOW)
    assert world.captured() == [message_id]
    assert (world.letter(message_id), len(world.queue.messages)) == (claimed, 1)
    assert health.unrecognised(world.table, PLACE, NOW) == []
    world.set(message_id, state=LetterState.SENT, redriven_at=NOW)
    world.clock.advance(31_000)
    assert world.captured() == []
    letter = world.letter(message_id)
    assert (letter.state, letter.custody, letter.deleted_at) == (LetterState.SENT, Custody.WATCHED, world.clock.now)
    assert world.queue.messages == {}


def test_a_sent_message_that_is_delivered_once_more_is_deleted_and_nothing_is_written():
    world = Switched()
    message_id = world.watched()
    done = world.set(message_id, state=LetterState.SUCCEEDED, deleted_at=NOW - 5)
    assert (world.captured(), world.letter(message_id)) == ([], done)


def test_the_capture_gives_way_to_a_worker_that_claims_the_letter_first():
    world = Switched()
    message_id = world.watched()
    whole = world.table.update
    claims: list[bool] = []
    def claimed_first(key, changes, condition=None):
        if not claims:
            claims.append(True)
            world.set(message_id, state=LetterState.CLAIMED, job_id="job-1")
        return whole(key, changes, condition)
    world.table.update = claimed_first  # type: ignore[method-assign]
    assert world.captured() == [message_id]
    assert (world.letter(message_id).state, len(world.queue.messages)) == (LetterState.CLAIMED, 1)


def test_a_captured_letter_whose_queue_was_not_told_to_forget_it_is_watched_and_kept():
    world = Switched()
    (message_id,) = world.send("a")
    messages = world.sqs.receive_message(world.queue.url, 10, 30)["Messages"]
    capture({"Records": [as_record(messages[0], world.queue.arn)]}, world.connection())  # killed before the delete
    world.clock.advance(31_000)
    world.look()
    letter = world.letter(message_id)
    assert (letter.custody, letter.archived_at, letter.life) == (Custody.WATCHED, NOW, 1)
    assert letter.expires_at == NOW + RETENTION_S * 1_000
    world.queue.messages.clear()
    world.look()
    letter = world.letter(message_id)
    assert (letter.custody, letter.state, letter.expires_at) == (Custody.CAPTURED, LetterState.DEAD, None)
    assert "look before it is sent again" in (letter.problem or "")


def test_an_archived_letter_is_this_tables_once_its_queue_forgot_it():
    world = Switched()
    message_id = world.watched()
    world.set(message_id, archived_at=NOW)
    world.clock.advance(RETENTION_S * 1_000)
    world.look()
    letter = world.letter(message_id)
    assert (letter.custody, letter.state, letter.problem) == (Custody.CAPTURED, LetterState.DEAD, None)
    assert "expired in its queue at" in (letter.evidence or "")


def test_there_and_back_and_there_again_is_still_one_letter():
    world = Switched()
    (message_id,) = world.send("a")
    world.look()
    messages = world.sqs.receive_message(world.queue.url, 10, 30)["Messages"]
    capture({"Records": [as_record(messages[0], world.queue.arn)]}, world.connection())
    world.clock.advance(31_000)
    world.look()
    world.captured()
    (letter,) = dead_letters.of_queue(world.table, PLACE, world.queue.name)
    assert (letter.message_id, letter.custody, letter.state, letter.life) == (
        message_id, Custody.CAPTURED, LetterState.DEAD, 1)


@pytest.mark.parametrize("state", [LetterState.CLAIMED, *custody.SENT])
def test_a_look_leaves_what_is_on_its_way_alone_and_never_misses_it(state):
    letter = a_letter(state=state, custody=Custody.WATCHED)
    assert custody.watched(letter, NOW) == letter
    assert custody.missing(letter, NOW) == letter


def test_the_reason_for_a_missing_letter_is_as_certain_as_its_deadline():
    letter = a_letter(custody=Custody.WATCHED, expires_at=NOW + HOUR_MS)
    assert "somebody else before" in (custody.missing(letter, NOW).evidence or "")
    assert "expired in its queue at" in (custody.missing(letter, NOW + HOUR_MS).evidence or "")
    unknown = custody.missing(replace(letter, expires_at=None), NOW)
    assert (unknown.evidence, unknown.state) == (
        "no longer in its queue; when it would have expired is not known", LetterState.GONE)


def test_a_deadline_needs_a_time_and_a_retention():
    queue = Queue(PLACE, "q", "arn", "url", retention_s=60)
    assert custody.deadline(NOW, queue) == NOW + 60_000
    assert custody.deadline(None, queue) is None
    assert custody.deadline(NOW, replace(queue, retention_s=None)) is None
