# ruff: noqa: E501 - the table of promises has long rows
"""What is counted depends on what happened, and on nothing else.

| promise | is kept by | tested in |
|---|---|---|
| I1 any batches whose union is E give the rollup of E | facts named by their event, folded | `test_whatever_happens_to_collectors_and_deliveries_the_count_is_straight` here; `test_any_order_repetition_and_batching_at_any_time_gives_the_straight_count` in test_fold |
| I2 order, repetition and boundaries do not matter | the same; a heavier rollup wins | `test_slices_in_any_order_cut_anywhere_and_repeated_give_the_straight_count` in test_pushed; `test_overlapping_and_repeated_deltas_are_one_set` in store/test_rollups |
| I3 a late event changes only its own minute, hour and day | | `test_a_late_event_changes_only_its_own_minute_hour_and_day` in test_fold |
| I4 a checkpoint never passes an event that is not counted | counted first, then moved, with fencing | `test_killed_at_any_write_of_a_run_nothing_is_passed_by` here; `test_late_arrivals_overlaps_and_kills_leave_the_straight_count` in test_logs; `test_of_two_runs_the_first_to_move_a_position_is_believed` in store/test_readings |
| I5 minutes = hours = days = fleet | | `test_whatever_happens_to_collectors_and_deliveries_the_count_is_straight` here checks every level |
| I6 n is the sum of the buckets; percentiles grow | | `test_percentiles_grow_with_their_rank_and_count_every_value` in store/test_histogram |
| I7 a quantile is within 2 % | | `test_every_quantile_of_any_shape_is_within_two_percent_of_the_exact_one` in store/test_histogram |
| I8 drift against CloudWatch is found and healed, or shown | reconciliation | `test_lines_that_came_after_everybody_had_read_are_read_again_and_the_hour_heals` and `test_what_three_readings_do_not_bring_is_shown_with_the_likeliest_reason` in test_reconcile |
| I9 what cannot be read is counted, sampled, kept | | `test_unreadable_lines_are_counted_sampled_and_kept_once` in test_logs; `test_what_cannot_be_read_is_parked_whole_with_its_reason_and_the_shard_goes_on` in test_deliveries; `test_after_a_fix_it_is_read_and_parked_no_longer` in test_parked_command |
| I10 a rollup of less never wins | condition on the weight | `test_a_rollup_of_fewer_events_never_replaces_one_of_more` in store/test_rollups |
| I11 what has expired never shows | checked at reading | `test_expired_items_never_come_out` in store/test_table |
| I12 what DynamoDB left undone is done, or told | | `test_what_was_not_written_is_written_again` and `test_what_is_never_done_is_told_as_throttling` in store/test_unprocessed |

On other implementations of DynamoDB and behind a proxy that breaks calls: test_once_only_contract."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import logs
from collectors.pushed import Push
from store import readings
from tests.builders import PLACE, FakeClock
from tests.collectors.fakes import plenty
from tests.collectors.log_histories import History
from tests.collectors.memory import Killed, MemoryTable

ROOT = Path(__file__).parents[1]


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_whatever_happens_to_collectors_and_deliveries_the_count_is_straight(seed: int, steps: int):
    """Lines late, cut, repeated and shuffled; pushed, pulled and both; filters disabled; the table throttled, its
    answers lost; collectors killed between any two writes, and two of them at once."""
    clock = FakeClock()
    History(random.Random(seed), MemoryTable(clock), clock, faulty=True).all_of(steps).assert_counted()


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_write_of_a_run_nothing_is_passed_by(seed: int):
    def logged() -> History:
        clock = FakeClock()
        history = History(random.Random(seed), MemoryTable(clock), clock, faulty=False)
        for _ in range(3):
            for act in (history.begin, history.begin, history.finish, history.deliver, history.finish, history.wait):
                act()
        return history

    killed_after = 0
    while True:
        history = logged()
        assert isinstance(history.table, MemoryTable)
        history.table.writes_left = killed_after
        try:
            logs.collect(history.connection, plenty)
        except Killed:
            told = readings.of_collector(history.table, PLACE, "logs")
            history.table.writes_left = None
            assert all((one.reached_at or 0) <= history.clock() for one in told)
            history.push = Push(history.table, history.clock)
            history.rest()
            history.assert_counted()
            killed_after += 1
            continue
        break
    assert killed_after >= 3, "these are not all the writes of a run"


def test_every_promise_names_tests_that_there_are():
    rows = [line for line in (__doc__ or "").splitlines() if line.startswith("| I")]
    assert [re.match(r"\| (I\d+)", row).group(1) for row in rows] == [  # type: ignore[union-attr]
        f"I{number}" for number in range(1, 13)]
    for row in rows:
        for names, file in re.findall(r"((?:`test_\w+`(?: and )?)+) (?:in )?(here|(?:store/)?test_\w+)", row):
            name = "collectors/test_once_only" if file == "here" else file if "/" in file else f"collectors/{file}"
            text = (ROOT / f"{name}.py").read_text()
            assert [one for one in re.findall(r"`(test_\w+)`", names) if f"def {one}(" not in text] == [], row
        assert re.findall(r"`test_\w+`", row)
