"""Watched custody: received again, written down, sent, deleted; what is not selected goes back unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from operations import redrive
from operations.inbox import VISIBILITY_S
from operations.leased import LEASE_MS
from operations.queue_inbox import QueueInbox
from store import dead_letters, queues
from store.clock import MINUTE_MS
from store.recovery import Custody, Destination, JobState, LetterState, Outcome, Way
from tests.builders import PLACE, QUEUE, SOURCE_ARN, a_letter
from tests.operations.bench import ADA, Bench, Killed, a_queue
from tests.operations.fake_sqs import FakeSqs
from tests.operations.fake_sqs_queue import FakeSqsQueue
from tests.operations.test_worker_crashes import DyingTable, Fuse


class Watched:
    """A dead-letter queue in SQS, and the table that has looked into it."""

    def __init__(self, bench: Bench, fifo: bool = False) -> None:
        self.bench, self.sqs = bench, FakeSqs(bench.clock)
        self.name = f"{QUEUE}.fifo" if fifo else QUEUE
        self.source = f"{SOURCE_ARN}.fifo" if fifo else SOURCE_ARN
        self.queue: FakeSqsQueue = self.sqs.add(self.name)
        bench.inbox = QueueInbox(self.sqs)  # type: ignore[arg-type]
        queues.put(bench.table, a_queue(name=self.name, arn=self.queue.arn, url=self.queue.url, fifo=fifo,
                                        custody=Custody.WATCHED, sources=(self.source,)))

    def dead(self, *bodies: str, group: str | None = None) -> list[str]:
        """Messages in the queue, each with its row in the table; their ids."""
        return [self._dead(body, group) for body in bodies]

    def _dead(self, body: str, group: str | None) -> str:
        asked = {"MessageGroupId": group, "MessageDeduplicationId": body} if group else {}
        sent = self.sqs.send_message(self.queue.url, MessageBody=body, **asked)
        system = {"MessageGroupId": group, "SequenceNumber": str(len(self.queue.arrivals))} if group else {}
        dead_letters.capture(self.bench.table, a_letter(
            sent["MessageId"], queue=self.name, body=body, body_sha256=hashlib.sha256(body.encode()).hexdigest(),
            custody=Custody.WATCHED, destination=Destination(Way.SEND, self.source), system=system))
        return str(sent["MessageId"])

    def ask(self, ids: Sequence[str], **facts: Any) -> None:
        self.bench.ask(ids, queue=self.name, **facts)

    def state(self, message_id: str) -> LetterState:
        letter = dead_letters.get(self.bench.table, PLACE, self.name, message_id)
        assert letter is not None
        return letter.state

    @property
    def left(self) -> list[str]:
        """Bodies still in the queue."""
        return [message.body for message in self.queue.messages.values() if not message.deleted]


@pytest.fixture
def watched(bench: Bench) -> Watched:
    return Watched(bench)


def test_what_is_selected_is_sent_deleted_and_written_down(watched: Watched, bench: Bench):
    ids = watched.dead(*(f"body {n}" for n in range(25)))
    watched.ask(ids)
    bench.run()
    assert sorted(bench.queue.arrived) == sorted(ids)
    assert watched.left == []
    letter = bench.letter(ids[0])
    assert (letter.state, letter.deleted_at, letter.attempts) == (LetterState.SENT, bench.clock(), 1)
    job = bench.job()
    assert (job.state, job.counts, job.deleting) == (JobState.FOLLOWING, {"sent": 25}, ())


def test_nothing_is_deleted_before_it_is_written_down_as_sent(watched: Watched, bench: Bench):
    (one,) = watched.dead("body")
    watched.ask([one])
    seen = []
    watched.queue.on_delete = lambda message: seen.append((bench.letter(one).state, bench.job().deleting))
    bench.run()
    assert seen == [(LetterState.SENT, (one,))]


def test_what_is_not_selected_is_given_back_at_once_and_counted(watched: Watched, bench: Bench):
    ids = watched.dead(*(f"body {n}" for n in range(8)))
    watched.ask([ids[6]])
    bench.run()
    assert bench.queue.arrived == [ids[6]]
    assert len(watched.left) == 7
    assert watched.queue.visible() == 7
    assert bench.job().given_back == 7


def test_a_refused_message_stays_in_its_queue(watched: Watched, bench: Bench):
    ids = watched.dead("a", "b")
    bench.queue.faults = ["failed"]
    watched.ask(ids)
    bench.run()
    assert len(watched.left) == watched.queue.visible() == 1
    assert bench.job().counts == {"sent": 1, "needs operator": 1}


def test_a_busy_destination_leaves_the_message_where_it_was(watched: Watched, bench: Bench):
    ids = watched.dead("a")
    bench.queue.faults = ["busy"]
    watched.ask(ids)
    bench.run()
    assert (watched.queue.visible(), bench.job().problem) == (1, "Waiting: RequestThrottled")
    bench.run()
    assert (watched.left, bench.job().state) == ([], JobState.FOLLOWING)


def test_an_empty_receive_is_no_proof_while_somebody_else_has_a_message_in_hand(watched: Watched, bench: Bench):
    ids = watched.dead("a")
    watched.sqs.receive_message(watched.queue.url, VisibilityTimeout=300)
    watched.ask(ids)
    bench.run()
    job = bench.job()
    assert (job.state, job.counts) == (JobState.RUNNING, {})
    assert job.problem == f"Waiting: 1 messages that {QUEUE} does not show; somebody else may have them in hand"
    bench.clock.advance(5 * MINUTE_MS)
    bench.run()
    assert (bench.queue.arrived, bench.job().state) == (ids, JobState.FOLLOWING)


def test_what_its_queue_provably_holds_no_more_is_skipped_and_said_so(watched: Watched, bench: Bench):
    ids = watched.dead("a", "b")
    del watched.queue.messages[ids[0]]
    watched.ask(ids)
    bench.run()
    assert bench.job().counts == {"skipped": 1, "sent": 1}
    assert bench.results()[ids[0]].detail == "it is no longer in its queue: expired, or taken by somebody else"


def test_another_body_under_the_same_id_waits_for_a_person(watched: Watched, bench: Bench):
    ids = watched.dead("a")
    watched.queue.messages[ids[0]].body = "b"
    watched.ask(ids)
    bench.run()
    assert bench.results()[ids[0]].outcome is Outcome.NEEDS_OPERATOR
    assert (bench.queue.arrived, watched.left) == ([], ["b"])


def test_a_letter_captured_meanwhile_is_sent_from_the_table(watched: Watched, bench: Bench):
    ids = watched.dead("a", "b")
    watched.ask(ids)
    letter = bench.letter(ids[0])
    del watched.queue.messages[ids[0]]
    dead_letters.save(bench.table, letter, replace(letter, custody=Custody.CAPTURED))
    bench.run()
    assert sorted(bench.queue.arrived) == sorted(ids)
    assert (watched.left, bench.job().counts) == ([], {"sent": 2})


def test_a_group_keeps_its_order_and_is_let_go_when_the_worker_is_through(bench: Bench):
    watched = Watched(bench, fifo=True)
    ids = watched.dead(*(f"a{n}" for n in range(12)), group="a")
    other = watched.dead("b0", group="b")
    watched.ask([*ids, *other])
    bench.run()
    assert [one for one in bench.queue.arrived if one in ids] == ids
    assert (watched.left, bench.job().counts) == ([], {"sent": 13})


def test_a_pause_gives_back_what_was_in_hand(watched: Watched, bench: Bench):
    ids = watched.dead(*(f"body {n}" for n in range(25)))
    watched.ask(ids)
    bench.queue.after = lambda: redrive.pause(bench.table, PLACE, bench.clock, ADA, True, "job-1")
    bench.run()
    assert bench.job().state is JobState.PAUSED
    assert len(watched.left) == watched.queue.visible() == 15


def test_a_queue_with_a_redrive_policy_of_its_own_is_never_received_from(watched: Watched, bench: Bench):
    ids = watched.dead("a")
    watched.ask(ids)
    queues.put(bench.table, a_queue(url=watched.queue.url, arn=watched.queue.arn, custody=Custody.CAPTURED,
                                    dead_letter_arn=f"{SOURCE_ARN}-more"))
    bench.run()
    assert "redrive policy of its own" in bench.results()[ids[0]].detail
    assert watched.queue.receives == 0


def killed_at(bench: Bench, watched: Watched, step: int) -> bool:
    """Run a worker that dies at this step: around a write, a send, or a delete."""
    fuse = Fuse(step)
    bench.queue.during = bench.queue.after = fuse.step
    watched.queue.on_delete = lambda message: fuse.step()
    try:
        bench.run("doomed", table=DyingTable(bench.table, fuse))
    except Killed:
        return True
    finally:
        bench.queue.during = bench.queue.after = lambda: None
        watched.queue.on_delete = lambda message: None
    return False


@pytest.mark.parametrize("step", range(0, 26))
def test_whatever_step_a_worker_dies_at_nothing_is_lost_and_another_ends_it(watched: Watched, bench: Bench, step: int):
    ids = watched.dead("a", "b", "c")
    watched.ask(ids)
    died = killed_at(bench, watched, step)
    letters = {one: bench.letter(one) for one in ids}
    here = {message.id for message in watched.queue.messages.values() if not message.deleted}
    for one, letter in letters.items():
        assert one in here or letter.state is LetterState.SENT, "deleted before it was written down as sent"
    bench.clock.advance(LEASE_MS + VISIBILITY_S * 1_000 + 1)
    bench.run("heir")
    bench.clock.advance(MINUTE_MS)
    bench.run("heir")
    assert (bench.job().state, bench.job().counts) == (JobState.FOLLOWING, {"sent": 3})
    assert watched.left == []
    for one in ids:
        letter = bench.letter(one)
        assert letter.deleted_at
        assert 1 <= bench.queue.copies[one] <= 1 + letter.ambiguous
    assert died or step > 12
