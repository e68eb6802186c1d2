"""A FIFO queue takes a deduplication id again within five minutes and delivers nothing. A redrive must never delete, or
write down as sent, what was only accepted that way; in either custody."""

from __future__ import annotations

import pytest

from operations.leased import LEASE_MS
from store.clock import MINUTE_MS
from tests.operations.fake_calls import Fault
from tests.operations.redrive_histories import drain
from tests.operations.redrive_invariants import check, check_end
from tests.operations.redrive_stories import a_world, capture_all
from tests.operations.redrive_world import World, marker

KINDS = ("fifo", "watched fifo")


def sent(world: World) -> list[tuple[str | None, str | None, bool]]:
    """What the destination took from us: which letter, under which id, and whether it was delivered."""
    return [(marker(one), one.deduplication, one.delivered) for one in world.returns]


@pytest.mark.parametrize("kind", KINDS)
def test_a_try_again_has_the_same_id_and_arrives_once(kind: str):
    """The first answer was lost: the message had arrived, and the second is taken for the same."""
    world = a_world(kind, 1)
    world.calls.plan("sqs:SendMessageBatch", [Fault.DROP_AFTER])
    world.work()
    world.clock.advance(LEASE_MS + 1)
    world.work()
    (first, second) = sent(world)
    assert first[:2] == second[:2]
    assert [first[2], second[2]] == [True, False]
    (letter,) = world.letters()
    assert (letter.ambiguous, sum(world.copies().values())) == (1, 1)
    check(world)


@pytest.mark.parametrize("kind", KINDS)
def test_what_fails_again_at_once_is_delivered_again_within_the_five_minutes(kind: str):
    """The body is the same, and so is what a queue would make of it by content: the next life has an id of its own."""
    world = a_world(kind, 2, body="the same body")
    began = world.clock()
    world.work()
    world.consume([False] * 2)
    capture_all(world)
    world.ask([letter.message_id for letter in world.letters() if letter.state.redrivable], "job-2")
    world.work()
    assert world.clock() - began < 5 * MINUTE_MS
    told = sent(world)
    assert len(told) == 4
    assert len({identity for _, identity, _ in told}) == len({name for name, _, _ in told}) == 4
    assert all(delivered for _, _, delivered in told)
    drain(world)
    check_end(world)


@pytest.mark.parametrize("kind", KINDS)
def test_the_id_a_message_died_with_is_not_used_again(kind: str):
    """The producer's own id is still remembered by the destination: sent under it, the message would be lost."""
    world = a_world(kind, 3)
    produced = {one.deduplication for one in world.source.arrivals}
    world.work()
    assert not produced & {identity for _, identity, _ in sent(world)}
    assert sum(world.copies().values()) == 3
    assert {one.group for one in world.returns} <= {group for _, _, group in world.originals.values()}
    drain(world)
    check_end(world)
