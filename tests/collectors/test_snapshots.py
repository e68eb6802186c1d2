"""Looking into a queue: everything in it is in the table afterwards, and everything is in the queue as before."""

from __future__ import annotations

import pytest

from collectors.snapshots import VISIBILITY_S, look, look_round
from store import dead_letters, looks, queues
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS
from store.errors import Throttled
from store.looks import MAX_MESSAGES
from store.recovery import Custody, LetterState, MessageAttribute, Queue, Shape
from store.settings import Settings
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, FakeClock, a_letter
from tests.collectors.fakes import connection, plenty
from tests.collectors.memory import MemoryTable
from tests.operations.fake_calls import Fault, refusal
from tests.operations.fake_sqs import FakeSqs, redrive_policy

RETENTION_S = 14 * 86_400


class World:
    """One watched queue of a fake SQS, known to the table and listed in the settings."""

    def __init__(self, name: str = QUEUE, **attributes: str) -> None:
        self.clock = FakeClock(NOW)
        self.table = MemoryTable(self.clock)
        self.sqs = FakeSqs(self.clock, tries=4)
        self.queue = self.sqs.add(name, **{"MessageRetentionPeriod": str(RETENTION_S), **attributes})
        self.know()

    def know(self, **facts):
        defaults = {"is_dead_letter_queue": True, "sources": (SOURCE_ARN,)}
        queues.put(self.table, Queue(PLACE, self.queue.name, self.queue.arn, self.queue.url, **{**defaults, **facts}))

    def send(self, *bodies, **more):
        return [self.queue.take(body, more.get("attributes", {}), {"DeadLetterQueueSourceArn": SOURCE_ARN},
                                more.get("group"), None).id for body in bodies]

    def connection(self, **settings):
        chosen = Settings("memory", **{"watched_queues": (self.queue.arn,), **settings})
        return connection(self.table, chosen, self.clock, queues=self.sqs)

    def look(self, **how):
        return look(self.connection(), self.queue.name, plenty, **how)

    def letter(self, message_id):
        letter = dead_letters.get(self.table, PLACE, self.queue.name, message_id)
        assert letter is not None
        return letter

    def others_receive(self, count=1):
        return self.sqs.receive_message(self.queue.url, count, 300)["Messages"]


def test_a_look_writes_down_every_message_and_leaves_the_queue_as_it_was():
    world = World()
    said = {"tier": {"DataType": "Number.custom", "StringValue": "1e400"},
            "raw": {"DataType": "Binary.png", "BinaryValue": b"\x00\xff"}}
    ids = world.send(*(f'{{"n": {number}}}' for number in range(25)), attributes=said)
    seen = world.look()
    assert (seen.complete, seen.seen, seen.new, seen.gone, seen.watching, seen.about) == (True, 25, 25, 0, 25, 25)
    assert (sorted(world.queue.messages), world.queue.visible(), world.queue.in_flight()) == (sorted(ids), 25, 0)
    assert {one.receives for one in world.queue.messages.values()} == {1}
    letter = world.letter(ids[3])
    assert (letter.body, letter.custody, letter.state) == ('{"n": 3}', Custody.WATCHED, LetterState.DEAD)
    assert letter.attributes == {"tier": MessageAttribute("Number.custom", "1e400"),
                                 "raw": MessageAttribute("Binary.png", None, b"\x00\xff")}
    assert (letter.shape, letter.destination.arn) == (Shape.SQS_REDRIVE, SOURCE_ARN)
    assert letter.expires_at == NOW + RETENTION_S * 1_000


def test_looking_says_what_it_cost():
    world = World()
    world.send(*"abcdefghijkl")
    seen = world.look()
    # Attributes before and after, two receives with messages and three without, two give-backs.
    assert seen.requests == 2 + 5 + 2 == len([step for step in world.sqs.calls.said if step.startswith("before")])
    assert (seen.requests, seen.took_ms) == (looks.cost(12), 3_000)
    assert looks.get(world.table, PLACE, QUEUE) == seen


def test_a_second_look_writes_nothing_but_itself():
    world = World()
    world.send("a", "b")
    world.look()
    before = world.table.writes
    assert (world.look().new, world.table.writes - before) == (0, 1)


def test_a_deadline_follows_the_retention_and_is_unknown_where_the_send_is():
    world = World()
    (message_id,) = world.send("a")
    world.look()
    world.queue.attributes["MessageRetentionPeriod"] = str(4 * 86_400)
    world.look()
    assert world.letter(message_id).expires_at == NOW + 4 * DAY_MS
    world.queue.messages[message_id].system.pop("SentTimestamp")
    world.table.items.clear()
    world.know()
    world.look()
    assert world.letter(message_id).expires_at is None


def test_a_letter_that_a_complete_look_does_not_meet_is_gone_and_the_deadline_says_why():
    world = World()
    early, late = world.send("early", "late")
    world.look()
    world.queue.messages.pop(late)
    world.clock.advance(HOUR_MS)
    assert world.look().gone == 1
    letter = world.letter(late)
    assert (letter.state, letter.body) == (LetterState.GONE, "late")
    assert "somebody else" in (letter.evidence or "")
    world.clock.advance(RETENTION_S * 1_000)
    assert (world.look().gone, world.queue.expired) == (1, [early])
    assert "expired in its queue at" in (world.letter(early).evidence or "")
    assert dead_letters.dead_in_queue(world.table, PLACE, QUEUE) == []


@pytest.mark.parametrize("incomplete", ["held", "delayed", "bounded", "no time", "failed"])
def test_an_incomplete_look_marks_nothing_gone(incomplete):
    world = World()
    ids = world.send("a", "b", "c")
    world.look()
    left = plenty
    if incomplete == "held":
        world.others_receive()
    elif incomplete == "delayed":
        world.queue.take("later", {}, {}, None, None, delay_s=300)
    elif incomplete == "bounded":
        world.send(*map(str, range(MAX_MESSAGES)))
    elif incomplete == "no time":
        left = lambda: 1_000  # noqa: E731
    else:
        world.sqs.calls.plan("sqs:ReceiveMessage", [Fault.DENIED])
    world.queue.messages.pop(ids[2])
    seen = look(world.connection(), QUEUE, left)
    assert (seen.complete, seen.gone) == (False, 0)
    assert world.letter(ids[2]).state is LetterState.DEAD
    assert world.queue.in_flight() == (1 if incomplete == "held" else 0)


def test_a_letter_that_is_met_again_is_dead_again():
    world = World()
    (message_id,) = world.send("a")
    world.look()
    hidden = world.queue.messages.pop(message_id)
    world.look()
    assert world.letter(message_id).state is LetterState.GONE
    world.queue.messages[message_id] = hidden
    world.look()
    letter = world.letter(message_id)
    assert (letter.state, letter.evidence, letter.settled_at) == (LetterState.DEAD, None, None)


def refused_by(world, **how):
    seen = world.look(**how)
    assert (world.queue.receives, seen.seen) == (0, 0)
    return seen.refused or ""


def test_a_queue_with_a_redrive_policy_of_its_own_is_not_looked_into():
    world = World(RedrivePolicy=redrive_policy("arn:aws:sqs:eu-central-1:123456789012:grave", 5))
    world.send("a")
    assert "at 5 SQS would move a message on because somebody looked" in refused_by(world)


def test_a_queue_that_somebody_reads_is_not_looked_into():
    world = World()
    world.know(consumers=("repair", "lamplight-capture-dead-letters"))
    assert refused_by(world).startswith("repair reads orders-fulfil-dlq")


def test_a_queue_that_was_not_listed_is_not_looked_into():
    world = World()
    assert "WatchedQueueArns" in (look(world.connection(watched_queues=()), QUEUE, plenty).refused or "")
    assert "not known here" in (look(world.connection(), "no-such-dlq", plenty).refused or "")


def test_a_queue_that_denies_us_or_whose_key_does_says_so():
    world = World()
    world.queue.refuses = refusal("AccessDenied", "GetQueueAttributes", 403)
    assert "Not allowed: GetQueueAttributes" in refused_by(world)
    world.queue.refuses = None
    world.send("a")
    def denied(**_):
        raise refusal("KMS.AccessDeniedException", "ReceiveMessage", 400, "The ciphertext refers to a key …")
    world.sqs.receive_message = denied  # type: ignore[method-assign, assignment]
    problem = world.look().problem or ""
    assert "KMS.AccessDeniedException" in problem
    assert problem.endswith("add its key to the stack's parameter QueueKeyArns.")


def test_a_fifo_queue_is_looked_into_only_when_asked_and_its_groups_are_free_at_once():
    world = World("orders-dlq.fifo")
    ids = world.send(*(str(number) for number in range(14)), group="g")
    assert "stops its group" in refused_by(world)
    seen = world.look(fifo=True)
    assert (seen.seen, seen.complete, seen.groups_locked_ms, world.queue.receives) == (10, False, 0, 1)
    assert [one["MessageId"] for one in world.others_receive(10)] == ids[:10]
    letter = world.letter(ids[0])
    assert (letter.system["MessageGroupId"], letter.expires_at) == ("g", NOW + RETENTION_S * 1_000)


def test_what_is_in_hand_goes_back_when_the_table_fails():
    world = World()
    world.send("a", "b")
    def throttled(*_, **__):
        raise Throttled("memory is throttled")
    world.table.get_many = throttled  # type: ignore[method-assign]
    assert "throttled" in (world.look().problem or "")
    assert (world.queue.in_flight(), world.queue.visible()) == (0, 2)


def test_messages_that_cannot_be_given_back_are_said_and_come_back_by_themselves():
    world = World()
    world.send("a", "b", "c")
    world.sqs.calls.plan("sqs:ChangeMessageVisibilityBatch", [Fault.SENDER_FAULT])
    seen = world.look()
    assert seen.problem == f"1 messages could not be given back; they are visible again within {VISIBILITY_S} seconds."
    world.clock.advance(VISIBILITY_S * 1_000)
    assert world.queue.visible() == 3


def test_a_letter_that_a_job_has_in_hand_is_left_to_it():
    world = World()
    (message_id,) = world.send("a")
    claimed = a_letter(message_id, state=LetterState.CLAIMED, job_id="job-1", custody=Custody.WATCHED)
    dead_letters.capture(world.table, claimed)
    world.look()
    world.queue.messages.clear()
    world.look()
    assert world.letter(message_id).version == 0


def test_a_round_looks_into_what_is_due_and_leaves_fifo_queues_captured_ones_and_a_spent_clock_alone():
    world = World()
    world.send("a")
    made = look_round(world.connection(), plenty)
    assert [one.queue for one in made] == [QUEUE]
    assert look_round(world.connection(), plenty) == []
    world.clock.advance(60 * MINUTE_MS)
    assert look_round(world.connection(look_minutes=0), plenty) == []
    assert look_round(world.connection(watched_queues=()), plenty) == []
    assert look_round(world.connection(), lambda: 30_000) == []
    world.know(custody=Custody.CAPTURED)
    # Captured by now, but the letter that was seen in it has not been met by the capture yet.
    assert len(look_round(world.connection(), plenty)) == 1
    world.queue.messages.clear()
    world.clock.advance(60 * MINUTE_MS)
    assert look_round(world.connection(), plenty)[0].watching == 0
    world.clock.advance(60 * MINUTE_MS)
    assert look_round(world.connection(), plenty) == []


def test_an_answer_that_was_lost_on_the_way_makes_a_look_incomplete():
    world = World()
    ids = world.send("a", "b", "c")
    world.look()
    world.queue.messages.pop(ids[0])
    world.sqs.calls.plan("sqs:ReceiveMessage", [Fault.DROP_AFTER])
    assert (world.look().complete, world.letter(ids[0]).state) == (False, LetterState.DEAD)


