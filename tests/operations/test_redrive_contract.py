"""One redrive, three implementations of the cloud: the fake, moto and MiniStack agree on what an operator sees."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from store.clients import SENDING
from store.clock import MINUTE_MS
from store.recovery import JobState, LetterState
from tests.builders import FakeClock
from tests.operations.fake_calls import Calls
from tests.operations.fake_dynamo import FakeDynamo
from tests.operations.fake_sqs import FakeSqs
from tests.operations.redrive_stage import Stage, assert_nothing_lost_and_every_duplicate_listed

Making = Callable[..., Stage]
ATTRIBUTES = {"tier": {"DataType": "String", "StringValue": "gold"},
              "n": {"DataType": "Number.int", "StringValue": "3"},
              "raw": {"DataType": "Binary.png", "BinaryValue": b"\x00\xff\x10"}}

NOISE = string.ascii_letters + string.digits + string.punctuation


@pytest.fixture(params=["fake", "moto", pytest.param("ministack", marks=pytest.mark.cloud)])
def stage(request: pytest.FixtureRequest, session: boto3.Session, clock: FakeClock) -> Iterator[Making]:
    made: list[Any] = []

    def making(**facts: Any) -> Stage:
        if request.param == "fake":
            calls = Calls(clock)
            return Stage(FakeSqs(clock, calls), FakeDynamo(calls), clock, **facts)
        where: dict[str, Any] = {}
        if request.param == "ministack":
            where["endpoint_url"] = request.getfixturevalue("ministack_endpoint")
        else:
            request.getfixturevalue("aws")
        made.extend(session.client(name, config=SENDING, **where) for name in ("sqs", "dynamodb"))
        return Stage(made[-2], made[-1], clock, **facts)

    yield making
    for client in made:
        client.close()


@pytest.mark.parametrize("watched", [False, True], ids=["captured", "watched"])
def test_a_message_goes_back_as_it_was_and_out_of_its_queue(stage: Making, watched: bool, clock: FakeClock):
    on = stage(watched=watched)
    body = ' {"name": "grüße \u202e 💡"}\r\n'
    ids = on.die(body, MessageAttributes=ATTRIBUTES)
    if watched:
        on.look()
    else:
        on.capture()
    on.ask(ids)
    assert on.work().counts == {"sent": 1}
    (message,) = on.arrived()
    marker = message["MessageAttributes"].pop("lamplight-redrive")
    assert marker["StringValue"] == f"{on.dead_name}/{ids[0]}"
    assert (message["Body"], message["MessageAttributes"]) == (body, ATTRIBUTES)
    assert on.still_dead() == 0
    clock.advance(31 * MINUTE_MS)
    job = on.work()
    assert (job.state, job.counts) == (JobState.DONE, {"presumed": 1})


@pytest.mark.parametrize("watched", [False, True], ids=["captured", "watched"])
def test_many_go_back_in_batches_and_what_was_not_selected_stays(stage: Making, watched: bool):
    on = stage(watched=watched)
    bodies = [f"message {number}" for number in range(33)]
    ids = on.die(*bodies)
    if watched:
        on.look()
    else:
        on.capture()
    on.ask(ids[:23])
    assert on.work().counts == {"sent": 23}
    assert sorted(message["Body"] for message in on.arrived()) == sorted(bodies[:23])
    assert on.still_dead() == (10 if watched else 0)
    states = {message_id: letter.state for message_id, letter in on.letters().items()}
    assert states == {**dict.fromkeys(ids[:23], LetterState.SENT), **dict.fromkeys(ids[23:], LetterState.DEAD)}


@pytest.mark.parametrize("watched", [False, True], ids=["captured", "watched"])
def test_fifo_groups_keep_their_order(stage: Making, watched: bool):
    on = stage(fifo=True, watched=watched)
    bodies = [f"message {number}" for number in range(8)]
    ids = on.die(*bodies)
    if watched:
        on.look()
    else:
        on.capture()
    on.ask(ids)
    assert on.work().counts == {"sent": 8}
    arrived = on.arrived()
    numbered = {letter.body: int(letter.system["SequenceNumber"]) for letter in on.letters().values()}
    for group in ("g-0", "g-1"):
        mine = [message["Body"] for message in arrived if message["Attributes"]["MessageGroupId"] == group]
        # moto's sequence numbers are random: the order of a captured queue is the one they say
        assert mine == (bodies[int(group[-1])::2] if watched else sorted(mine, key=lambda body: numbered[body]))
        assert len(mine) == 4
    assert on.still_dead() == 0


SIZES = (99_000, 100_000, 255_000, 299_000, 300_000, 301_000, 1_048_576)
"""Bytes, around what an item holds: 300 KB of body, 60 KB of attributes, and 400 KB in all."""


def test_messages_of_every_size_go_back_whole_through_every_step_of_the_journal(stage: Making, clock: FakeClock):
    on = stage()
    noise = random.Random(11)  # noqa: S311
    bodies = ["".join(noise.choices(NOISE, k=size)) for size in SIZES]
    binary = {f"raw-{number}": {"DataType": "Binary", "BinaryValue": noise.randbytes(30_000)} for number in range(2)}
    ids = [*on.die(*bodies[:-1], MessageAttributes=binary), *on.die(bodies[-1])]
    on.capture()
    on.ask(ids)
    assert on.work().counts == {"sent": len(SIZES)}
    arrived = {message["Body"]: message.get("MessageAttributes", {}) for message in on.arrived()}
    assert set(arrived) == set(bodies)
    for body, attributes in arrived.items():
        attributes.pop("lamplight-redrive", None)
        assert attributes == ({} if body == bodies[-1] else binary)
    clock.advance(31 * MINUTE_MS)
    assert on.work().counts == {"presumed": len(SIZES)}
    assert {letter.body for letter in on.letters().values()} == set(bodies)


def test_what_the_destination_refuses_waits_for_a_person(stage: Making):
    """Whether SQS refuses the entry or the batch, nothing of it is said to be sent."""
    on = stage(MaximumMessageSize="1024")
    bodies = ["small", "x" * 3_000, "small too"]
    ids = on.die(*bodies)
    on.capture()
    on.ask(ids)
    job = on.work()
    arrived = on.arrived()
    assert sum(job.counts.values()) == 3
    assert_nothing_lost_and_every_duplicate_listed(on, bodies, arrived)
    assert on.letters()[ids[1]].state in (LetterState.NEEDS_OPERATOR, LetterState.SENT)


def test_what_comes_back_is_a_new_life_of_the_same_message(stage: Making, clock: FakeClock):
    on = stage()
    ids = on.die("order 1")
    on.capture()
    on.ask(ids)
    on.work()
    (message,) = on.arrived()
    again = on.sqs.send_message(QueueUrl=on.dead_url, MessageBody=message["Body"],
                                MessageAttributes=message["MessageAttributes"])["MessageId"]
    on.capture()
    letters = on.letters()
    assert letters[ids[0]].state is LetterState.RETURNED
    assert (letters[again].life, letters[again].previous) == (2, letters[ids[0]].key)
    clock.advance(MINUTE_MS)
    job = on.work()
    assert (job.state, job.counts) == (JobState.DONE, {"returned": 1})
