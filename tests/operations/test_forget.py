"""The queue's copy of a discarded letter is deleted by the worker, and only that copy."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from operations import commands, discard
from operations.errors import CommandNotPossible
from operations.forget import Forget, forgotten
from operations.queue_inbox import QueueInbox
from store import dead_letters, queues
from store.commands import Command, CommandState, Kind
from store.recovery import Custody, DeadLetter, LetterState
from tests.builders import NOW, PLACE, QUEUE, a_letter
from tests.operations.bench import ADA, DLQ_ARN, LONG_MS, Bench, a_queue
from tests.operations.fake_sqs import FakeSqs
from tests.operations.fake_sqs_queue import FakeSqsQueue


class Watched:
    """A watched queue with messages, each a letter of the table."""

    def __init__(self, bench: Bench, count: int = 3) -> None:
        self.bench = bench
        self.sqs = FakeSqs(bench.clock)
        self.queue: FakeSqsQueue = self.sqs.add(QUEUE)
        queues.put(bench.table, a_queue(url=self.queue.url, custody=Custody.WATCHED))
        self.ids = [self.queue.take(f"body {number}", {}, {}, None, None).id for number in range(count)]
        for number, message_id in enumerate(self.ids):
            dead_letters.capture(bench.table, a_letter(message_id, body=f"body {number}", custody=Custody.WATCHED,
                                                       body_sha256=_sha(f"body {number}"), expires_at=NOW + 10**9))

    def discard(self, *message_ids: str) -> None:
        discard.discard(self.bench.table, PLACE, self.bench.clock, ADA, True, queue=QUEUE, message_ids=message_ids,
                        reason="the partner's test", act_id=f"a-{self.bench.clock()}")

    def undo(self, *message_ids: str) -> None:
        discard.undo(self.bench.table, PLACE, self.bench.clock, ADA, True, queue=QUEUE, message_ids=message_ids,
                     reason="wanted after all", act_id="u-1")

    def work(self, left_ms: int = LONG_MS, allowed: tuple[str, ...] = (DLQ_ARN,)) -> list[Command]:
        forget = Forget(self.bench.table, self.bench.clock, QueueInbox(self.sqs), allowed)  # type: ignore[arg-type]
        return commands.run(self.bench.table, self.bench.clock, {Kind.FORGET: forget}, "w-1", lambda: left_ms)

    def letter(self, number: int = 0) -> DeadLetter:
        return self.bench.letter(self.ids[number])


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def watched(bench: Bench) -> Watched:
    return Watched(bench)


def test_the_copy_of_a_discarded_letter_is_deleted_and_the_others_given_back(watched: Watched):
    watched.discard(watched.ids[0])
    (done,) = watched.work()
    assert (done.state, done.details) == (CommandState.DONE, {"deleted": "1"})
    assert done.outcome == f"Copies deleted from {QUEUE}: 1. The table keeps all of it."
    assert set(watched.queue.messages) == set(watched.ids[1:])
    assert (watched.queue.visible(), watched.queue.in_flight()) == (2, 0)
    assert (watched.letter().deleted_at is not None, watched.letter().body) == (True, "body 0")


def test_undone_afterwards_the_letter_is_sent_from_the_table(watched: Watched):
    watched.discard(watched.ids[0])
    watched.work()
    watched.undo(watched.ids[0])
    assert (watched.letter().state, watched.letter().custody) == (LetterState.DEAD, Custody.CAPTURED)


def test_undone_before_the_worker_came_it_keeps_its_copy(watched: Watched):
    watched.discard(*watched.ids[:2])
    watched.undo(watched.ids[0])
    (done,) = watched.work()
    assert done.details == {"deleted": "1", "kept": "1"}
    assert set(watched.queue.messages) == {watched.ids[0], watched.ids[2]}
    assert (watched.letter().custody, watched.letter().deleted_at) == (Custody.WATCHED, None)


def test_undone_while_its_copy_was_being_deleted_it_is_ours(watched: Watched):
    watched.discard(watched.ids[0])
    watched.queue.on_delete = lambda _: watched.undo(watched.ids[0])
    watched.work()
    letter = watched.letter()
    assert (letter.state, letter.custody) == (LetterState.DEAD, Custody.CAPTURED)
    assert letter.deleted_at is not None


def test_a_copy_that_is_proved_not_to_be_there_counts_as_forgotten(watched: Watched):
    watched.discard(watched.ids[0])
    del watched.queue.messages[watched.ids[0]]
    (done,) = watched.work()
    assert done.details == {"not there": "1"}
    assert watched.letter().deleted_at is not None


def test_a_copy_with_another_body_than_the_table_has_is_left(watched: Watched):
    dead_letters.capture(watched.bench.table, a_letter("other"))
    watched.discard(watched.ids[0])
    watched.queue.messages[watched.ids[0]].body = "something else"
    (done,) = watched.work()
    assert done.details == {"kept": "1"}
    assert watched.ids[0] in watched.queue.messages


def test_a_worker_that_died_in_it_leaves_it_to_the_next(watched: Watched):
    watched.discard(watched.ids[0])
    for message in list(watched.queue.messages.values()):
        if message.id == watched.ids[0]:
            del watched.queue.messages[message.id]  # deleted, and killed before it was written down
    watched.work()
    assert watched.letter().deleted_at is not None


def test_a_queue_with_a_redrive_policy_or_out_of_bounds_is_refused(watched: Watched):
    watched.discard(watched.ids[0])
    (refused,) = watched.work(allowed=())
    assert refused.state is CommandState.REFUSED
    queues.put(watched.bench.table, a_queue(url=watched.queue.url, dead_letter_arn="arn:aws:sqs:r:1:worse"))
    command = replace(refused, message_ids=tuple(watched.ids))
    forget = Forget(watched.bench.table, watched.bench.clock, QueueInbox(watched.sqs), (DLQ_ARN,))  # type: ignore[arg-type]
    with pytest.raises(CommandNotPossible, match="redrive policy of its own"):
        forget(command, lambda: LONG_MS)
    assert len(watched.queue.messages) == 3


def test_a_letter_in_a_jobs_hands_only_learns_that_its_queue_forgot_it():
    claimed = a_letter(state=LetterState.CLAIMED, custody=Custody.WATCHED)
    assert forgotten(claimed, NOW) == replace(claimed, deleted_at=NOW)
