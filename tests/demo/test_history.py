"""The day as log events: order, batches, and what ends up in the service."""

import time
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

import boto3
from moto import mock_aws

from demo import history
from demo.fleet import FLEET
from demo.history import EVENT_OVERHEAD_BYTES, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, backfill, batches, events
from store.clock import DAY_MS
from tests.demo.test_history_plan import NOW, SEED

SMALL = tuple(replace(profile, per_day=40) for profile in FLEET[:3])


def day(fleet=FLEET, now=NOW, seed=SEED):
    return list(events(fleet, now, seed))


def weight(batch):
    return sum(len(event["message"].encode()) + EVENT_OVERHEAD_BYTES for event in batch)


def test_two_runs_with_the_same_seed_and_now_are_identical():
    assert day() == day()


def test_streams_come_whole_one_after_another_and_in_order_of_time():
    streams = [((group, stream), [at for *_, at, _ in lines])
               for (group, stream), lines in groupby(day(), key=itemgetter(0, 1))]
    assert len(streams) == len({place for place, _ in streams})
    assert all(times == sorted(times) for _, times in streams)


def test_no_log_group_holds_more_than_one_page_of_ten_thousand_events():
    groups = [group for group, *_ in day()]
    assert max(groups.count(group) for group in set(groups)) < 10_000


def test_an_ordinary_stream_is_one_batch():
    assert [len(batch) for batch in batches((at, "line") for at in range(500))] == [500]


def test_a_batch_holds_at_most_ten_thousand_events():
    assert [len(batch) for batch in batches((at, "x") for at in range(MAX_BATCH_EVENTS + 1))] == [MAX_BATCH_EVENTS, 1]


def test_a_batch_weighs_at_most_a_megabyte_counting_bytes_and_overhead():
    cut = list(batches((at, "ä" * 1_000) for at in range(2_000)))
    assert len(cut) > 1
    assert all(weight(batch) <= MAX_BATCH_BYTES for batch in cut)
    assert weight(cut[0]) + weight(cut[1][:1]) > MAX_BATCH_BYTES


def test_a_batch_spans_less_than_a_day():
    cut = list(batches([(0, "a"), (DAY_MS - 1, "b"), (DAY_MS, "c")]))
    assert [[event["message"] for event in batch] for batch in cut] == [["a", "b"], ["c"]]


def test_nothing_to_write_is_no_batch():
    assert list(batches([])) == []


@mock_aws
def test_a_backfill_writes_every_event_and_a_second_one_nothing(monkeypatch):
    monkeypatch.setattr(history, "FLEET", SMALL)
    now = time.time_ns() // 1_000_000  # the service refuses events older than 14 days: the day must be a real one
    logs = boto3.client("logs", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    expected = day(SMALL, now)
    assert backfill(logs, now, SEED) == len(expected)
    assert backfill(logs, now, SEED) == 0
    groups = {group["logGroupName"]: group["retentionInDays"] for group in logs.describe_log_groups()["logGroups"]}
    assert groups == {profile.log_group: history.RETENTION_DAYS for profile in SMALL}
    for profile in SMALL:
        wanted = sorted(message for group, _, _, message in expected if group == profile.log_group)
        assert sorted(stored(logs, profile.log_group)) == wanted


def stored(logs, group):
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]
