"""The same logs pushed, pulled, and both: one count, whatever was cut, repeated, shuffled or killed."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import joined
from collectors.events import LogEvent
from collectors.pushed import Push
from collectors.tally import Tally
from store import error_groups, functions, metrics, minutes, rollups
from store.clock import DAY_MS, MINUTE_MS, floor_to
from store.records import FunctionInfo, MetricSeries
from store.rollups import Span
from tests.builders import NOW, PLACE
from tests.collectors.fakes import World, plenty
from tests.collectors.memory import Killed, MemoryTable
from tests.collectors.stories import STREAM, end, fold, report, start

GROUP = "/aws/lambda/orders"
BEGAN = floor_to(NOW, MINUTE_MS) - 8 * MINUTE_MS
TROUBLE = "[ERROR] KeyError: 'sku'\nTraceback (most recent call last):\n  File \"/var/task/app.py\", line 3, in handler"


def request(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-000000000000"


def charge(at: int, amount: int) -> str:
    return (f'{{"_aws":{{"Timestamp":{at},"CloudWatchMetrics":[{{"Namespace":"shop","Dimensions":[["service"]],'
            f'"Metrics":[{{"Name":"charged","Unit":"Count"}}]}}]}},"service":"orders","charged":{amount}}}')


def life(kinds: list[int], stream: str) -> list[LogEvent]:
    """One stream's events: an invocation for each kind (0 ok, 1 cold, 2 failed, 3 with a metric), 9 s apart."""
    events: list[LogEvent] = []

    def say(at: int, text: str) -> None:
        events.append(LogEvent(f"{at}-{len(events):04d}-{len(stream)}", at, text, GROUP, stream))

    for number, kind in enumerate(kinds):
        at, who = BEGAN + number * 9_000, request(number + 100 * len(stream))
        if kind == 1:
            say(at, "INIT_START Runtime Version: python:3.12.v43\tRuntime Version ARN: arn:aws:lambda:::runtime:36ae")
        say(at + 1, start(who))
        if kind == 2:
            say(at + 2, TROUBLE)
        if kind == 3:
            say(at + 2, charge(at + 2, number + 1))
        say(at + 8_000, end(who))
        say(at + 8_000, report(who, 7_999.0, "Init Duration: 250.00 ms\t" if kind == 1 else ""))
    return events


@st.composite
def streams(draw):
    kinds = st.lists(st.integers(0, 3), min_size=1, max_size=8)
    return [life(draw(kinds), STREAM + "f" * number) for number in range(draw(st.integers(1, 2)))]


@st.composite
def deliveries(draw, of):
    """Slices of each stream, each delivered at least once, some again with other boundaries, in any order."""
    slices = []
    for events in of:
        for _ in range(draw(st.integers(1, 2))):
            cuts = sorted(draw(st.lists(st.integers(0, len(events)), max_size=5)))
            edges = [0, *cuts, len(events)]
            slices += [events[low:high] for low, high in zip(edges, edges[1:], strict=False) if low < high]
    return draw(st.permutations(slices))


def folded(table: MemoryTable) -> None:
    table.clock.now = NOW  # type: ignore[attr-defined]
    joined.fold_pushed(table, PLACE, Tally.begin(PLACE, "logs", table.clock), plenty)


def pushed(table: MemoryTable, slices: list[list[LogEvent]]) -> None:
    push = Push(table, table.clock)
    for slice_ in slices:
        push.take(PLACE, slice_)


def counted(table):
    found = {}
    for span, read in ((Span.MINUTE, minutes.between), (Span.HOUR, rollups.hours), (Span.DAY, rollups.days)):
        for one in read(table, PLACE, "orders", BEGAN - DAY_MS, BEGAN + DAY_MS):
            found[span, one.start] = (one.invocations, dict(one.by_status), one.cold_starts, dict(one.groups),
                                      dict(one.duration.counts), one.billed_ms)
    return found


def straight(of):
    """Each minute's statuses, counted by hand."""
    minutes: dict[int, Counter[str]] = {}
    for events in of:
        for one in fold(events).closed():
            minutes.setdefault(floor_to(one.ended_at or 0, MINUTE_MS), Counter())[str(one.status)] += 1
    return minutes


def assert_counted(table, of):
    found = {began: Counter(told[1]) for (span, began), told in counted(table).items() if span is Span.MINUTE}
    assert found == straight(of)
    series = MetricSeries("shop", "charged", "Count", {"service": "orders"})
    values = [metric.metric.values[0] for events in of for metric in fold(events).metrics()]
    points = list(metrics.points(table, PLACE, series, BEGAN - DAY_MS, BEGAN + DAY_MS))
    assert (sum(point.count for point in points), sum(point.total for point in points)) == (len(values), sum(values))


@settings(max_examples=120, deadline=None)
@given(st.data(), streams())
def test_slices_in_any_order_cut_anywhere_and_repeated_give_the_straight_count(data, of):
    table = MemoryTable()
    pushed(table, data.draw(deliveries(of)))
    folded(table)
    assert_counted(table, of)


@settings(max_examples=80, deadline=None)
@given(st.data(), streams(), st.integers(0, 40))
def test_killed_between_any_two_writes_and_delivered_again_it_gives_the_straight_count(data, of, killed_after):
    table = MemoryTable()
    slices = data.draw(deliveries(of))
    table.writes_left = killed_after
    try:
        pushed(table, slices)
        folded(table)
    except Killed:
        pass
    table.writes_left = None
    pushed(table, slices)
    folded(table)
    assert_counted(table, of)


@settings(max_examples=60, deadline=None)
@given(st.data(), streams())
def test_the_same_hour_pushed_pulled_or_both_is_counted_alike(data, of):
    only_pulled, both = World(), World()
    for world in (only_pulled, both):
        world.logs.groups[GROUP] = [
            {"timestamp": event.timestamp, "message": event.message, "logStreamName": event.log_stream,
             "eventId": event.id} for events in of for event in events]
    only_pulled.collect()
    steps = [both.collect, lambda: pushed(both.table, data.draw(deliveries(of))), lambda: folded(both.table)]
    for step in data.draw(st.permutations(steps)):
        step()
    folded(both.table)
    assert_counted(both.table, of)
    assert counted(both.table) == counted(only_pulled.table)


def test_a_minute_told_of_late_is_joined_from_all_that_reaches_into_it():
    events = life([1, 1, 1, 0, 1, 1, 1], STREAM)
    table = MemoryTable()
    pushed(table, [events[0:12], events[12:27], events[0:5], events[5:26], events[26:27]])
    folded(table)
    assert sum(one.cold_starts for one in minutes.between(table, PLACE, "orders", BEGAN - DAY_MS, NOW)) == 6


def test_an_init_whose_invocation_is_still_to_come_makes_no_other_one_cold():
    events = life([0, 1, 0, 0, 0, 0], STREAM)
    table = MemoryTable()
    pushed(table, [events[0:4], events[10:]])  # the batch after the INIT_START was refused, and comes again later
    folded(table)
    pushed(table, [events[4:10]])
    folded(table)
    found = list(minutes.between(table, PLACE, "orders", BEGAN - DAY_MS, NOW))
    assert (sum(one.cold_starts for one in found), sum(one.invocations for one in found)) == (1, 6)


def test_folding_what_is_folded_writes_nothing():
    table = MemoryTable()
    pushed(table, [life([0, 1, 2, 3], STREAM)])
    folded(table)
    before = {key: item for key, item in table.items.items() if not key.pk.startswith("CKPT")}
    folded(table)
    assert {key: item for key, item in table.items.items() if not key.pk.startswith("CKPT")} == before


def test_a_failure_whose_error_came_in_the_batch_before_its_report_is_a_failure():
    table = MemoryTable()
    events = life([2], STREAM)
    pushed(table, [events[:2], events[2:]])
    folded(table)
    (group,) = error_groups.of_place(table, PLACE)
    assert (group.error_type, group.last_seen) == ("KeyError", events[-1].timestamp)
    assert_counted(table, [events])


def test_an_invocation_of_a_quarter_of_an_hour_finds_the_start_that_came_long_before():
    table = MemoryTable()
    who = request(1)
    early = [LogEvent("a", NOW - 14 * MINUTE_MS, start(who), GROUP, STREAM),
             LogEvent("b", NOW - 14 * MINUTE_MS, TROUBLE, GROUP, STREAM)]
    late = [LogEvent("c", NOW - 2_000, end(who), GROUP, STREAM),
            LogEvent("d", NOW - 1_000, report(who, 840_000.0), GROUP, STREAM)]
    table.clock.now = early[1].timestamp  # type: ignore[attr-defined]
    pushed(table, [early])
    folded(table)
    pushed(table, [late])
    folded(table)
    (minute,) = minutes.between(table, PLACE, "orders", NOW - 5 * MINUTE_MS, NOW + MINUTE_MS)
    assert dict(minute.by_status) == {"error": 1}


def test_what_is_told_hours_late_is_folded_all_the_same():
    table = MemoryTable()
    functions.put(table, FunctionInfo(PLACE, "orders", GROUP))
    folded(table)
    old = [LogEvent(f"{event.id}-old", event.timestamp - DAY_MS, event.message, GROUP, STREAM)
           for event in life([0, 2], STREAM)]
    pushed(table, [old])
    folded(table)
    assert sum(one.invocations for one in rollups.days(table, PLACE, "orders", NOW - 2 * DAY_MS, NOW)) == 2
