"""Counting: the same set of invocations gives the same rollups, however it arrives and whoever dies meanwhile."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import facts, ledger
from collectors.tally import Tally
from store import error_groups, invocations, live, minutes, rollups
from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, floor_to
from store.histogram import Histogram
from store.records import Invocation, Status
from store.rollups import Span
from tests.builders import PLACE, FakeClock, an_invocation
from tests.collectors.fakes import plenty
from tests.collectors.memory import Killed, MemoryTable

FUNCTION = "orders-fulfil"
EVENING = 1_795_478_280_000
"""2026-11-23 23:58 UTC: minutes around it cross an hour and a day."""


def one(number: int, minute: int, status: Status = Status.OK, cold: bool = False) -> Invocation:
    at = EVENING + minute * MINUTE_MS + number % 60_000
    failed = status.failed
    return an_invocation(
        event_id=f"event-{number}", request_id=f"request-{number}", ended_at=at, started_at=at - 100, status=status,
        error_type="KeyError" if failed else None, error_message="'sku'" if failed else None,
        duration_ms=20.0 + number, cold_start=cold, init_ms=150.0 if cold else None, version=str(number % 2),
    )


events = st.lists(
    st.builds(one, st.integers(0, 10_000), st.integers(-3, 4), st.sampled_from(list(Status)[:5]), st.booleans()),
    min_size=1, max_size=12, unique_by=lambda invocation: invocation.event_id,
)


@st.composite
def deliveries(draw):
    """A set of invocations, and batches that hold each at least once, some again, in any order."""
    wanted = draw(events)
    order = draw(st.permutations(wanted + draw(st.lists(st.sampled_from(wanted), max_size=8))))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=4)))
    edges = [0, *cuts, len(order)]
    return wanted, [order[low:high] for low, high in zip(edges, edges[1:], strict=False)]


def straight_count(wanted, span_ms):
    counted: dict[int, list[Invocation]] = {}
    for invocation in wanted:
        counted.setdefault(floor_to(invocation.ended_at, span_ms), []).append(invocation)
    return counted


def stored(table, span):
    readers = {Span.MINUTE: minutes.between, Span.HOUR: rollups.hours, Span.DAY: rollups.days}
    found = readers[span](table, PLACE, FUNCTION, EVENING - DAY_MS, EVENING + DAY_MS)
    return {rollup.start: rollup for rollup in found}


def assert_counted(table, wanted):
    for span in Span:
        counted, found = straight_count(wanted, span.ms), stored(table, span)
        assert found.keys() == counted.keys()
        for start, members in counted.items():
            rollup = found[start]
            assert rollup.invocations == len(members) == rollup.duration.n
            assert dict(rollup.by_status) == dict(Counter(str(invocation.status) for invocation in members))
            assert rollup.cold_starts == sum(bool(invocation.cold_start) for invocation in members)
            assert rollup.duration.counts == Histogram.of(m.duration_ms for m in members).counts
            assert rollup.billed_ms == 121 * len(members)
            assert dict(rollup.versions) == dict(Counter(invocation.version for invocation in members))
            assert sum(rollup.groups.values()) == rollup.failures
    fleet = {one.start: one for one in rollups.fleet(table, PLACE, EVENING - HOUR_MS, EVENING + 2 * HOUR_MS)}
    assert fleet == stored(table, Span.HOUR)


def set_clock(table: MemoryTable, now: int) -> None:
    table.clock = FakeClock(now)


def settled(table) -> None:
    """What a run does first: write what is over."""
    one_run = ledger.Ledger.open(table, PLACE)
    tally = Tally.begin(PLACE, "logs", table.clock)
    ledger.settle(one_run, tally, plenty)
    one_run.close()
    assert tally.problems == {}


hours_of_day = st.sampled_from([-2 * MINUTE_MS, 0, 3 * MINUTE_MS, 9 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, DAY_MS])
"""When it is looked at, after the evening: while its hour runs, as it ends, long after."""


@settings(max_examples=150, deadline=None)
@given(deliveries(), st.lists(hours_of_day, min_size=6, max_size=6), st.booleans())
def test_any_order_repetition_and_batching_at_any_time_gives_the_straight_count(delivered, times, backwards):
    wanted, batches = delivered
    table = MemoryTable()
    for batch, after in zip(batches, times if backwards else sorted(times), strict=False):
        set_clock(table, EVENING + after)
        settled(table)
        ledger.enter(table, PLACE, FUNCTION, batch)
    assert_counted(table, wanted)


@settings(max_examples=60, deadline=None)
@given(deliveries())
def test_what_nobody_touches_again_is_written_when_it_is_over(delivered):
    wanted, batches = delivered
    table = MemoryTable()
    set_clock(table, EVENING)
    for batch in batches:
        ledger.enter(table, PLACE, FUNCTION, batch)
    assert live.of_place(table, PLACE).hours
    for minute in range(0, 140, 7):
        set_clock(table, EVENING + minute * MINUTE_MS)
        settled(table)
        assert_counted(table, wanted)
    assert not live.of_place(table, PLACE).hours
    set_clock(table, table.clock() + 2 * DAY_MS)  # now only what was packed is read
    assert_counted(table, wanted)
    writes = table.writes
    settled(table)
    assert table.writes == writes


def test_two_runs_at_once_leave_no_function_behind():
    table = MemoryTable()
    set_clock(table, EVENING)
    one_run, other = (ledger.Ledger.open(table, PLACE) for _ in range(2))
    one_run.enter("cart", [one(1, -1)])
    other.enter(FUNCTION, [one(2, -1), one(3, 0)])
    one_run.enter(FUNCTION, [one(2, -1)])
    other.close()
    one_run.close()
    assert {(found.function, found.invocations) for found in rollups.fleet(table, PLACE, EVENING, EVENING + 1)} == {
        ("cart", 1), (FUNCTION, 2)}


def test_a_group_that_goes_on_failing_is_written_once_an_hour_and_known_to_the_minute():
    table = MemoryTable()
    set_clock(table, EVENING)
    ledger.enter(table, PLACE, FUNCTION, [one(0, -60, Status.ERROR)])
    told = table.snapshot("EG")
    for minute in range(-59, 0):
        set_clock(table, EVENING + minute * MINUTE_MS)
        ledger.enter(table, PLACE, FUNCTION, [one(200 + 2 * minute, minute, Status.ERROR)])
    assert table.snapshot("EG") == told
    (group,) = error_groups.of_place(table, PLACE)
    assert group.last_seen == one(198, -1).ended_at
    set_clock(table, EVENING + HOUR_MS)
    settled(table)
    assert live.of_place(table, PLACE).seen == {}
    assert error_groups.get(table, PLACE, group.fingerprint) == group


@settings(max_examples=150, deadline=None)
@given(deliveries(), st.integers(0, 60), hours_of_day)
def test_killed_between_any_two_writes_and_replayed_it_gives_the_straight_count(delivered, killed_after, after):
    wanted, batches = delivered
    table = MemoryTable()
    set_clock(table, EVENING + after)
    table.writes_left = killed_after
    try:
        for batch in batches:
            ledger.enter(table, PLACE, FUNCTION, batch)
    except Killed:
        table.writes_left = None
    table.writes_left = None
    for batch in batches:
        ledger.enter(table, PLACE, FUNCTION, batch)
    assert_counted(table, wanted)
    failed = {invocation.event_id for invocation in wanted if invocation.status.failed}
    kept = {one.invocation.event_id for one in
            invocations.of_function(table, PLACE, FUNCTION, EVENING - DAY_MS, EVENING + DAY_MS)}
    assert kept >= failed or len(kept & failed) >= facts.KEPT_FAILURES
    assert {group.error_type for group in error_groups.of_place(table, PLACE)} == ({"KeyError"} if failed else set())


@settings(max_examples=60, deadline=None)
@given(deliveries(), hours_of_day)
def test_replaying_what_is_known_writes_nothing(delivered, after):
    _, batches = delivered
    table = MemoryTable()
    set_clock(table, EVENING + after)
    for batch in batches:
        ledger.enter(table, PLACE, FUNCTION, batch)
    before, writes = dict(table.items), table.writes
    for batch in batches:
        assert ledger.enter(table, PLACE, FUNCTION, batch) == 0
    assert (table.items, table.writes) == (before, writes)


def test_a_late_event_changes_only_its_own_minute_hour_and_day():
    table = MemoryTable()
    ledger.enter(table, PLACE, FUNCTION, [one(1, 0), one(2, 4)])
    before = {span: stored(table, span) for span in Span}
    ledger.enter(table, PLACE, FUNCTION, [one(3, 1)])
    changed = [(span, start) for span in Span for start, rollup in stored(table, span).items()
               if before[span].get(start) != rollup]
    late = EVENING + MINUTE_MS
    assert changed == [(span, floor_to(late, span.ms)) for span in Span]


def seen_by(events_seen: int, whole: Invocation) -> Invocation:
    """What a reader tells who saw only so many of the five events: not the error among them."""
    if events_seen == 5:
        return replace(whole, events=5)
    return replace(whole, events=events_seen, status=Status.OK, error_type=None, error_message=None, cold_start=False,
                   init_ms=None)


@settings(max_examples=150, deadline=None)
@given(deliveries(), st.data(), st.none() | st.integers(0, 40), hours_of_day)
def test_whoever_saw_more_of_an_invocation_is_believed_whatever_comes_first(delivered, data, killed_after, after):
    wanted, batches = delivered
    table = MemoryTable()
    set_clock(table, EVENING + after)
    told = [[seen_by(data.draw(st.integers(1, 5)), one) for one in batch] for batch in batches]
    told.insert(data.draw(st.integers(0, len(told))), [seen_by(5, one) for one in wanted])
    table.writes_left = killed_after
    try:
        for batch in told:
            ledger.enter(table, PLACE, FUNCTION, batch)
    except Killed:
        pass
    table.writes_left = None
    for batch in told:
        ledger.enter(table, PLACE, FUNCTION, batch)
    assert_counted(table, wanted)


def test_a_line_that_comes_late_changes_the_status_that_was_counted():
    table = MemoryTable()
    whole = one(1, 0, Status.ERROR)
    ledger.enter(table, PLACE, FUNCTION, [seen_by(3, whole)])
    assert [hour.failures for hour in stored(table, Span.HOUR).values()] == [0]
    ledger.enter(table, PLACE, FUNCTION, [seen_by(5, whole)])
    assert_counted(table, [whole])
    (group,) = error_groups.of_place(table, PLACE)
    assert group.error_type == "KeyError"


def test_a_storm_of_one_error_is_counted_whole_and_kept_as_a_sample():
    table = MemoryTable()
    storm = [one(number, 0, Status.ERROR) for number in range(500)]
    ledger.enter(table, PLACE, FUNCTION, storm)
    (hour,) = stored(table, Span.HOUR).values()
    assert hour.failures == 500
    (group,) = error_groups.of_place(table, PLACE)
    kept = invocations.of_group(table, PLACE, group.fingerprint, limit=100)
    assert 5 <= len(kept) < 60, "about 5 × (1 + ln 100)"
    assert (group.first_seen, group.last_seen) == (storm[0].ended_at, storm[-1].ended_at)


def test_cold_and_slow_invocations_are_kept_and_ordinary_ones_only_counted():
    table = MemoryTable()
    slow = replace(one(9_000, 0), duration_ms=2_400.0)
    ledger.enter(table, PLACE, FUNCTION, [one(1, 0), one(2, 0, cold=True), slow], timeout_s=3)
    kept = invocations.of_function(table, PLACE, FUNCTION, EVENING, EVENING + HOUR_MS)
    assert {found.invocation.event_id for found in kept} == {"event-2", "event-9000"}
    assert sum(minute.invocations for minute in stored(table, Span.MINUTE).values()) == 3


def test_an_open_invocation_is_not_counted():
    table = MemoryTable()
    assert ledger.enter(table, PLACE, FUNCTION, [one(1, 0, Status.OPEN), replace(one(2, 0), event_id=None)]) == 0
    assert table.items == {}
