"""Any history of a redrive world, as a Hypothesis state machine: messages die, are captured and asked for by
several operators, workers come and die at any call, answers are lost, time passes; then everything is drained."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from store.clock import DAY_MS, MINUTE_MS, SECOND_MS
from tests.operations.bench import Killed
from tests.operations.fake_calls import Fault
from tests.operations.redrive_invariants import check, check_end
from tests.operations.redrive_world import World

SEND_FAULTS = st.lists(st.sampled_from([
    Fault.NONE, Fault.NONE, Fault.NOT_CONNECTED, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.ERROR, Fault.ERROR_AFTER,
    Fault.THROTTLE, Fault.TRUNCATED, Fault.MISSING_ID, Fault.WRONG_MD5, Fault.SENDER_FAULT, Fault.SERVICE_FAULT,
    Fault.KMS, Fault.STALL, Fault.DENIED, Fault.GONE]), max_size=4)
TABLE_FAULTS: st.SearchStrategy[list[Fault]] = st.one_of(st.just([]), st.lists(st.sampled_from([
    Fault.NONE, Fault.NONE, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.ERROR_AFTER, Fault.THROTTLE, Fault.CONFLICT,
    Fault.STALL]), max_size=16))
JOBS = st.integers(1, 5)
PICKS = st.integers(0, 2**12 - 1)
MOMENTS = st.tuples(st.sampled_from(["before", "after"]),
                    st.sampled_from(["SendMessageBatch", "Invoke", "TransactWriteItems", "UpdateItem",
                                                        "PutItem", "DeleteMessageBatch", ""]), st.integers(0, 8))
"""Before or after the n-th call of a name, counted from 0; "" is any call."""
PASSING = st.sampled_from([SECOND_MS, 31 * SECOND_MS, 61 * SECOND_MS, 6 * MINUTE_MS, 31 * MINUTE_MS])
ROUNDS = 60
"""Of a drain: three tries a letter, one a minute, and capture after each."""


class RedriveHistories(RuleBasedStateMachine):
    """Subclasses say which kind of world."""

    fifo = False
    invoke = False
    watched = False

    @initialize(seed=st.integers(0, 2**16), zombies=st.booleans(), count=st.integers(1, 14))
    def begin(self, seed: int, zombies: bool, count: int) -> None:
        self.world = World(seed, fifo=self.fifo, invoke=self.invoke, watched=self.watched)
        self.world.dead.samples = 0.2
        self.world.dead.comes_again = 0.2 if zombies else 0.0
        self.world.die(count)
        self.world.capture()

    @rule(count=st.integers(0, 3), full=st.booleans(), same=st.booleans(), foreign=st.booleans(),
          faults=TABLE_FAULTS)
    def messages_die(self, count: int, full: bool, same: bool, foreign: bool, faults: list[Fault]) -> None:
        self.world.die(count, full=full, body="the same body" if same else None, foreign=foreign and not self.invoke)
        self.world.calls.plan("dynamodb", faults)
        self.world.capture()
        self.world.calls.calm()

    @rule(picks=PICKS, job=JOBS, rate=st.sampled_from([None, None, 1, 3]), stale=st.booleans())
    def somebody_asks(self, picks: int, job: int, rate: int | None, stale: bool) -> None:
        """`stale`: the index does not show the other operator's job yet."""
        known = sorted(letter.message_id for letter in self.world.letters())
        chosen = [one for number, one in enumerate(known) if not picks or picks >> number % 12 & 1]
        self.world.dynamo.lagging = stale
        self.world.ask(chosen, f"job-{job}", rate)
        self.world.dynamo.catch_up()

    @rule(job=JOBS)
    def somebody_cancels(self, job: int) -> None:
        self.world.cancel(f"job-{job}")

    @rule(send=SEND_FAULTS, table=TABLE_FAULTS, batches=st.integers(0, 4))
    def a_worker_runs(self, send: list[Fault], table: list[Fault], batches: int) -> None:
        """Its time ends after some batches; 0 is all the time it needs."""
        left = [600_000] * (8 * batches)
        self._plan(send, table)
        self.world.work(left_ms=lambda: (left.pop() if left else 0) if batches else 600_000)
        self.world.calls.calm()

    @rule(moment=MOMENTS, send=SEND_FAULTS)
    def a_worker_dies(self, moment: tuple[str, str, int], send: list[Fault]) -> None:
        def die() -> None:
            raise Killed

        self._at(moment, die, send)

    @rule(moment=MOMENTS, send=SEND_FAULTS, stall=st.sampled_from([0, 61 * SECOND_MS]), job=JOBS,
          what=st.sampled_from(["work", "work", "cancel", "capture"]))
    def a_worker_is_overtaken(self, moment: tuple[str, str, int], send: list[Fault], stall: int, job: int,
                              what: str) -> None:
        """In the middle of its run it stalls, and somebody else acts."""
        acts: dict[str, Callable[[], object]] = {"work": self.world.work, "capture": self.world.capture,
                                                 "cancel": lambda: self.world.cancel(f"job-{job}")}

        def stall_and_act() -> None:
            self.world.clock.advance(stall)
            acts[what]()

        self._at(moment, stall_and_act, send)

    @rule(verdicts=st.lists(st.booleans(), max_size=6))
    def the_function_works(self, verdicts: list[bool]) -> None:
        self.world.consume(verdicts)
        self.world.capture()

    @rule(ms=PASSING)
    def time_passes(self, ms: int) -> None:
        self.world.clock.advance(ms)

    @rule()
    def retention_passes(self) -> None:
        """What is in the dead-letter queue and nobody captured is gone, and no promise was made for it."""
        self.world.let_expire(14 * DAY_MS)

    @invariant()
    def the_promises_hold(self) -> None:
        if hasattr(self, "world"):
            check(self.world)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            drain(self.world)
            check_end(self.world)

    def _plan(self, send: list[Fault], table: list[Fault]) -> None:
        self.world.calls.plan("lambda:Invoke" if self.invoke else "sqs:SendMessageBatch", send)
        self.world.calls.plan("dynamodb", table)
        self.world.calls.plan("sqs:DeleteMessageBatch", send[:2])

    def _at(self, moment: tuple[str, str, int], act: Callable[[], None], send: list[Fault]) -> None:
        """A worker's run in which something happens at this moment, once."""
        side, operation, left = moment
        wanted = f"{side} {operation}"

        def between(step: str) -> None:
            nonlocal left
            if step.startswith(wanted):
                left -= 1
                if left == -1:
                    act()

        self._plan(send, [])
        self.world.calls.between = between
        try:
            self.world.work()
        finally:
            self.world.calls.between = lambda _: None
            self.world.calls.calm()


def drain(world: World) -> None:
    """No more faults; workers and consumers come until nothing moves."""
    world.calls.calm()
    world.dynamo.catch_up()
    for _ in range(ROUNDS):
        world.capture()
        world.work()
        world.consume()
        sending = any(job.state.sending for job in world.jobs())
        world.clock.advance(MINUTE_MS if sending or world.source.messages else 31 * MINUTE_MS)
        at_rest = world.watched or not world.dead.messages
        if at_rest and not world.source.messages and not any(job.state.open for job in world.jobs()):
            return
