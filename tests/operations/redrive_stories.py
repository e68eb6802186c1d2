"""Short redrives with one thing going wrong at a place that is named or counted, to the end, every promise checked.
Each story runs for one kind of world and returns it as it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from operations.leased import LEASE_MS
from store.clock import MINUTE_MS
from tests.operations.fake_calls import Fault
from tests.operations.redrive_histories import drain
from tests.operations.redrive_invariants import check, check_end
from tests.operations.redrive_world import World

MOST_STEPS = 400
"""Of a run of three messages; more means that the story never ends."""


def a_world(kind: str, messages: int = 3, **facts: object) -> World:
    """Messages that died, captured, and asked for in one job."""
    world = empty(kind)
    world.die(messages, **facts)  # type: ignore[arg-type]
    assert world.ask(capture_all(world), "job-1")
    return world


def empty(kind: str) -> World:
    return World(1, fifo="fifo" in kind, invoke=kind == "invoke", watched="watched" in kind)


def capture_all(world: World) -> list[str]:
    """The ids of all there is; of a watched FIFO queue a look shows the first ten."""
    known = -1
    while len(world.letters()) > known:
        known = len(world.letters())
        world.capture()
    return [letter.message_id for letter in world.letters()]


def ended(world: World) -> World:
    world.clock.advance(LEASE_MS + 1)
    check(world)
    drain(world)
    check_end(world)
    return world


def killed_at_every_call(kind: str) -> Iterator[World]:
    """A worker dies once, at each of its steps in turn; another one finishes."""
    for step in range(MOST_STEPS):
        world = a_world(kind)
        survived = world.work(steps_left=step)
        check(world)
        yield ended(world)
        if survived:
            return
    raise AssertionError("the worker never came to its end")


def killed_twice(kind: str) -> Iterator[World]:
    """So does the one that takes over, at its own first, middle and last steps."""
    for first in range(0, 60, 5):
        for second in range(0, 60, 7):
            world = a_world(kind)
            world.work(steps_left=first)
            world.clock.advance(LEASE_MS + 1)
            world.work(steps_left=second)
            yield ended(world)


def capture_killed_at_every_call(kind: str) -> Iterator[World]:
    for step in range(MOST_STEPS):
        world = empty(kind)
        world.die(3)
        world.calls.steps_left = step
        world.capture()
        survived = world.calls.steps_left is not None and world.calls.steps_left >= 0
        world.calls.steps_left = None
        check(world)
        yield ended(world)
        if survived:
            return
    raise AssertionError("the capture never came to its end")


def one_fault_in_every_send(kind: str) -> Iterator[World]:
    where = "lambda:Invoke" if kind == "invoke" else "sqs:SendMessageBatch"
    for fault in (one for one in Fault if one is not Fault.CONFLICT):
        for times in (1, 3, 12):
            world = a_world(kind)
            world.calls.plan(where, [fault] * times)
            world.work()
            yield ended(world)


def one_fault_in_every_write(kind: str) -> Iterator[World]:
    """Once, and as often as the SDK asks again."""
    for operation, most in (("UpdateItem", 6), ("TransactWriteItems", 4), ("PutItem", 6), ("DeleteMessageBatch", 2)):
        for fault in (Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.THROTTLE, Fault.STALL):
            for at in range(most):
                for times in (1, 4):
                    world = a_world(kind)
                    service = "sqs" if operation == "DeleteMessageBatch" else "dynamodb"
                    world.calls.plan(f"{service}:{operation}", [*[Fault.NONE] * at, *[fault] * times])
                    world.work()
                    yield ended(world)


def a_rate_is_asked_for(kind: str) -> Iterator[World]:
    world = empty(kind)
    world.die(30)
    assert world.ask(capture_all(world), "job-1", rate=2)
    yield ended(world)


def cancelled_after_the_first_send(kind: str) -> Iterator[World]:
    world = a_world(kind, 45)
    after_the(world, "SendMessageBatch", lambda: world.cancel("job-1"))
    world.work()
    yield ended(world)


def a_group_whose_first_is_not_taken(kind: str) -> Iterator[World]:
    """The first message meets a fault, those behind it in its group do not."""
    for fault in (Fault.SERVICE_FAULT, Fault.DROP_BEFORE, Fault.THROTTLE, Fault.MISSING_ID, Fault.ERROR):
        world = a_world(kind, 8)
        world.calls.plan("sqs:SendMessageBatch", [fault] * 3)
        world.work()
        yield ended(world)


def back_within_five_minutes(kind: str) -> Iterator[World]:
    """What fails again at once is asked for again at once, with the same body."""
    world = a_world(kind, 2, body="the same body")
    for life in (2, 3):
        world.work()
        world.consume([False] * 2)
        world.capture()
        dead = [letter.message_id for letter in world.letters() if letter.state.redrivable]
        world.ask(dead, f"job-{life}")
    yield ended(world)


def back_from_every_redrive(kind: str) -> Iterator[World]:
    world = a_world(kind, 2)
    for life in range(2, 6):
        world.work()
        world.consume([False] * 2)
        world.clock.advance(6 * MINUTE_MS)
        capture_all(world)
        check(world)
        world.ask([letter.message_id for letter in world.letters() if letter.next is None], f"job-{life}")
    yield ended(world)


def two_operators_choose_the_same(kind: str) -> Iterator[World]:
    """The second one's page does not show the first one's job yet."""
    world = empty(kind)
    world.die(6)
    ids = capture_all(world)
    world.dynamo.lagging = True
    assert world.ask(ids[:4], "job-1")
    assert world.ask(ids[2:], "job-2")
    world.dynamo.catch_up()
    world.work()
    yield ended(world)


def a_stranger_in_the_queue(kind: str) -> Iterator[World]:
    """One message came from a queue that is not known to send its failures here."""
    world = empty(kind)
    world.die(2)
    world.die(1, foreign=kind != "invoke")
    assert world.ask(capture_all(world), "job-1")
    world.work()
    yield ended(world)


def the_table_is_away_while_messages_die(kind: str) -> Iterator[World]:
    world = empty(kind)
    world.die(3)
    world.calls.plan("dynamodb", [Fault.DROP_BEFORE] * 60)
    world.capture()
    world.calls.calm()
    check(world)
    yield ended(world)


def overtaken_in_the_middle_of_a_send(kind: str) -> Iterator[World]:
    for stall in (0, LEASE_MS + 1):
        world = a_world(kind)

        def stall_and_work(world: World = world, stall: int = stall) -> None:
            world.clock.advance(stall)
            world.work()

        after_the(world, "Invoke" if kind == "invoke" else "SendMessageBatch", stall_and_work)
        world.work()
        yield ended(world)


def expired_before_the_next_minute(kind: str) -> Iterator[World]:
    world = a_world(kind)
    world.work(steps_left=20)
    world.let_expire(30 * 24 * 60 * MINUTE_MS)
    yield ended(world)


def after_the(world: World, operation: str, act: Callable[[], object]) -> None:
    """Once, right after the first call of this name was applied."""
    acts = [act]

    def between(step: str) -> None:
        if step == f"after {operation}" and acts:
            acts.pop()()

    world.calls.between = between


STORIES: dict[str, Callable[[str], Iterator[World]]] = {
    story.__name__: story for story in (
        killed_at_every_call, killed_twice, capture_killed_at_every_call, one_fault_in_every_send,
        one_fault_in_every_write, a_rate_is_asked_for, cancelled_after_the_first_send,
        a_group_whose_first_is_not_taken, back_within_five_minutes, back_from_every_redrive,
        two_operators_choose_the_same, a_stranger_in_the_queue, the_table_is_away_while_messages_die,
        overtaken_in_the_middle_of_a_send, expired_before_the_next_minute)
}
