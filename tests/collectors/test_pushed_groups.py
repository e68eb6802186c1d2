"""Which groups are left to push: heard of, without a silence, and not needed by dead letters."""

from __future__ import annotations

from collectors.deliveries import deliver
from collectors.events import LogEvent
from collectors.pushed import Push
from collectors.pushed_groups import fold_all
from collectors.tally import Tally
from store import dead_letters, parked, pushing, queues, readings, rollups
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS
from store.errors import Throttled
from store.pushing import SILENT_MS, PushedGroup
from store.records import Place
from store.recovery import LetterState, Queue
from tests.builders import NOW, PLACE, a_letter
from tests.collectors.fakes import GROUP, PRINTED, STREAM, World, connection, position_of, run_of
from tests.collectors.payload_stories import direct, document, payload
from tests.collectors.test_pushed import life

ARN = "arn:aws:sqs:eu-central-1:123456789012:"


class Pushing(World):
    """A world in which one group's lines are pushed as they are logged, and can be pulled as well."""

    def __init__(self) -> None:
        super().__init__()
        self.push = Push(self.table, self.clock)
        self.number = 0

    def logs_a_run(self, failing: bool = False, pushed: bool = True) -> None:
        self.number += 1
        now = self.clock()
        self.logs.put(GROUP, STREAM, *run_of(self.number, now - 900, *([(now - 850, PRINTED)] if failing else [])))
        if pushed:
            self.push.take(PLACE, [LogEvent(one["eventId"], one["timestamp"], one["message"], GROUP, STREAM)
                                   for one in self.logs.groups[GROUP][-4 if failing else -3:]])

    def minutes(self, count: int, pushed: bool = True) -> None:
        for _ in range(count):
            self.clock.advance(MINUTE_MS)
            self.logs_a_run(pushed=pushed)
            self.collect()

    def pulls(self) -> bool:
        """Whether the group is pulled in the next run."""
        self.logs.asked.clear()
        self.collect()
        return GROUP in self.logs.asked


def settled() -> Pushing:
    """A group that was pulled, and has then been pushed for half an hour."""
    world = Pushing()
    world.logs_a_run(pushed=False)
    world.collect()
    world.minutes(30)
    return world


def test_a_group_that_is_pushed_is_pulled_until_the_pull_has_passed_the_first_push_and_then_left():
    world = Pushing()
    world.logs_a_run(pushed=False)
    world.collect()
    world.clock.advance(20_000)
    world.logs_a_run(pushed=False)  # logged after the last pull and before the filter stood
    world.logs_a_run()
    assert world.pulls()
    world.minutes(13)
    assert not world.pulls()
    assert world.counted() == world.number == 16


def test_what_is_only_pushed_is_counted_by_the_same_run():
    world = settled()
    world.logs.groups[GROUP] = []
    world.clock.advance(MINUTE_MS)
    world.logs_a_run()
    assert not world.pulls()
    assert world.counted() == world.number


def test_a_new_group_is_pulled_a_day_back_even_if_it_is_pushed():
    world = Pushing()
    world.logs.put(GROUP, STREAM, *run_of(500, NOW - 20 * HOUR_MS))
    world.logs_a_run()
    assert world.pulls()
    assert world.counted() == 2


def test_a_group_whose_filter_was_disabled_is_pulled_and_nothing_is_missing():
    world = settled()
    assert not world.pulls()
    world.minutes(10, pushed=False)
    assert world.counted() == world.number


def test_what_a_filter_lost_before_it_came_back_is_pulled_too():
    world = settled()
    for _ in range(4):
        world.clock.advance(100_000)
        world.logs_a_run(pushed=False)  # the collector does not run meanwhile
    world.logs_a_run()
    world.collect()
    assert world.counted() == world.number
    world.minutes(12)
    assert not world.pulls()


def test_the_checkpoint_of_a_pushed_group_follows_so_that_a_pull_begins_shortly_before_the_silence():
    world = settled()
    world.minutes(120)
    position = position_of(world.table, GROUP) or 0
    assert world.clock() - HOUR_MS < position < world.clock() - 20 * MINUTE_MS


def test_the_lag_of_a_pushed_group_is_since_it_was_last_heard_of():
    world = settled()
    world.clock.advance(2 * MINUTE_MS)
    assert not world.pulls()
    (reading,) = readings.of_collector(world.table, PLACE, "logs")
    assert reading.problem is None
    assert 2 * MINUTE_MS <= (reading.lag_ms or 0) <= 5 * MINUTE_MS


def test_every_pushed_group_is_pulled_as_well_while_the_outcome_of_a_redrive_is_awaited():
    world = settled()
    dead_letters.capture(world.table, a_letter(state=LetterState.SENT, sent_message_id="m-2", redriven_at=NOW))
    assert world.pulls()


def test_a_function_that_fails_messages_of_a_known_queue_is_pulled_for_half_an_hour_because_letters_want_their_cause():
    world = settled()
    world.clock.advance(MINUTE_MS)
    world.logs_a_run(failing=True)
    assert not world.pulls()  # no queue is known that its messages would die in
    queues.put(world.table, Queue(PLACE, "orders", ARN + "orders", "", dead_letter_arn=ARN + "orders-dlq",
                                  consumers=("orders-fulfil",)))
    queues.put(world.table, Queue(PLACE, "orders-dlq", ARN + "orders-dlq", "", True))
    assert world.pulls()
    world.minutes(31)
    assert not world.pulls()
    assert world.counted() == world.number


def test_logs_pushed_from_another_account_are_folded_for_that_account():
    world, elsewhere = Pushing(), Place("210987654321", PLACE.region)
    events = life([0, 1, 2], STREAM)
    deliver(connection(world.table), world.push, direct(payload(document(events, owner=elsewhere.account))))
    world.collect()
    days = rollups.days(world.table, elsewhere, "orders", NOW - DAY_MS, NOW + DAY_MS)
    assert sum(one.invocations for one in days) == 3


def test_folding_leaves_half_of_the_time_to_pulling():
    world = Pushing()
    world.logs_a_run()
    left = iter([60_000])
    tally = Tally.begin(PLACE, "logs", world.clock)
    fold_all(world.table, PLACE, tally, lambda: next(left, 35_000))  # of 50 seconds that can be used, 25 are gone
    assert "fold every function" in next(iter(tally.problems))
    assert world.counted() == 0
    fold_all(world.table, PLACE, tally, lambda: 60_000)
    assert world.counted() == 1


def test_what_could_not_be_folded_is_folded_again_after_a_long_pause_too(monkeypatch):
    world = Pushing()
    world.logs_a_run()
    world.logs.groups[GROUP] = []
    world.collect()
    world.clock.advance(MINUTE_MS)
    first, *rest = run_of(9, world.clock() - 900, (world.clock() - 850, PRINTED))
    for part in ([first], rest):  # what joins them is written by the fold
        world.push.take(PLACE, [LogEvent(f"{at}-{len(text)}", at, text, GROUP, STREAM) for at, text in part])
    world.clock.advance(20 * MINUTE_MS)  # the collector does not run meanwhile

    def throttled(*asked: object) -> int:
        raise Throttled("memory is throttled.")

    with monkeypatch.context() as broken:
        broken.setattr("collectors.joined.fold_minutes", throttled)
        assert "throttled" in world.collect().problems[0]
    world.clock.advance(MINUTE_MS)
    world.collect()
    (day,) = rollups.days(world.table, PLACE, "orders-fulfil", NOW - DAY_MS, NOW + DAY_MS)
    assert dict(day.by_status) == {"ok": 1, "error": 1}


def test_payloads_that_could_not_be_read_are_a_problem_of_the_run():
    world = Pushing()
    world.logs_a_run()
    assert world.collect().problems == ()
    parked.put(world.table, PLACE, "subscription", "a payload without data", b"")
    assert world.collect().problems == (
        "1 pushed payload could not be read, the last: a payload without data. "
        "See `python -m collectors parked list`.",)
    world.clock.advance(1)
    parked.put(world.table, PLACE, "subscription", "a payload with damaged gzip", b"x")
    assert world.collect().problems == (
        "2 pushed payloads could not be read, the last: a payload with damaged gzip. "
        "See `python -m collectors parked list`.",)


def test_a_filter_that_is_entered_keeps_what_was_heard_and_is_pulled_past_its_beginning():
    world = settled()
    pushing.enter(world.table, PushedGroup(PLACE, GROUP, "lamplight-memory", "arn", since=world.clock()))
    (one,) = pushing.of_place(world.table, PLACE)
    assert (one.filter_name, one.heard_at > 0) == ("lamplight-memory", True)
    assert world.pulls()


def test_a_silence_begins_after_five_minutes():
    world = Pushing()
    for at in (NOW, NOW + SILENT_MS, NOW + 2 * SILENT_MS + 1):
        pushing.hear(world.table, PLACE, GROUP, at)
    (one,) = pushing.of_place(world.table, PLACE)
    assert (one.since, one.heard_at) == (NOW + 2 * SILENT_MS + 1, NOW + 2 * SILENT_MS + 1)
    pushing.hear(world.table, PLACE, GROUP, NOW)
    assert list(pushing.of_place(world.table, PLACE)) == [one]
