"""The ledger of the day: distributions, environments, deploys, retries."""

from dataclasses import replace
from functools import cache

import pytest

from demo.fleet import BAD_DEPLOY_MINUTES_AGO, BAD_VERSION, FLEET, ROLLBACK_MINUTES_AGO
from demo.history_plan import CARRIAGE, FRAMED, QUIET_MS, RETRIES_MS, SPLIT, Call, plan
from store.clock import DAY_MS, MINUTE_MS
from store.records import Status
from tests.demo.test_fleet import BANDS

NOW = 1_795_461_090_000
SEED = 7


@cache
def day(seed=SEED, now=NOW):
    return tuple(plan(FLEET, now, seed))


def calls_of(environments):
    return [call for environment in environments for call in environment.calls]


def of(name, environments=None):
    return [one for one in environments or day() if one.profile.name == name]


def shape(environments):
    return [(one.profile.name, one.version, one.framing,
             tuple((call.began_at, call.duration_ms, call.status, call.init_ms) for call in one.calls))
            for one in environments]


@pytest.mark.parametrize("family", BANDS)
def test_cold_starts_follow_the_known_numbers_of_each_runtime(family):
    environments = [one for one in day() if one.profile.family == family]
    inits = sorted(call.init_ms for call in calls_of(environments) if call.init_ms)
    (low50, high50), (low99, high99) = BANDS[family]
    assert len(inits) >= 10
    assert low50 <= inits[len(inits) // 2] <= high50
    assert low99 <= inits[int(0.99 * len(inits))] <= high99


def test_the_same_seed_and_the_same_now_make_the_same_day():
    assert shape(day()) == shape(plan(FLEET, NOW, SEED))
    assert [one.stream for one in day()] == [one.stream for one in plan(FLEET, NOW, SEED)]


def test_a_later_day_of_the_same_seed_looks_alike_under_new_ids():
    later = tuple(plan(FLEET, NOW + MINUTE_MS, SEED))
    assert [len(one.calls) for one in later] == [len(one.calls) for one in day()]
    assert not {one.stream for one in later} & {one.stream for one in day()}
    assert not {call.request_id for call in calls_of(later)} & {call.request_id for call in calls_of(day())}


def test_another_seed_makes_another_day():
    assert shape(day(seed=8)) != shape(day())


def test_the_volume_is_a_day_of_a_small_company():
    assert 12_000 <= len(calls_of(day())) <= 25_000


def test_the_day_is_the_last_24_hours_until_two_minutes_ago():
    arrivals = [call.arrived_at for call in calls_of(day())]
    assert min(arrivals) >= NOW - DAY_MS
    assert NOW - 20 * MINUTE_MS < max(call.ended_at for call in calls_of(day())) <= NOW - QUIET_MS


def test_an_environment_serves_one_invocation_at_a_time_and_starts_cold_at_most_once():
    for environment in day():
        calls = environment.calls
        assert all(first.ended_at <= second.arrived_at for first, second in zip(calls, calls[1:], strict=False))
        assert not any(call.cold for call in calls[1:])


def test_a_process_that_died_serves_nobody_afterwards():
    fatal = (Status.TIMEOUT, Status.OOM, Status.CRASH)
    for environment in day():
        assert not any(call.status in fatal for call in environment.calls[:-1])


def test_the_bad_version_fails_two_of_five_invocations_and_lives_45_minutes():
    calls = calls_of(one for one in of("checkout-api") if one.version == BAD_VERSION)
    failed = [call for call in calls if call.fault and call.fault.error_type == "TypeError"]
    assert 0.3 < len(failed) / len(calls) < 0.5
    assert len(failed) >= 30
    assert min(call.arrived_at for call in calls) >= NOW - BAD_DEPLOY_MINUTES_AGO * MINUTE_MS
    assert max(call.arrived_at for call in calls) < NOW - ROLLBACK_MINUTES_AGO * MINUTE_MS


def test_outside_the_bad_deploy_errors_are_a_small_steady_background():
    calls = calls_of(one for one in day() if one.version != BAD_VERSION and not one.profile.nightly)
    assert 0.002 < sum(call.status.failed for call in calls) / len(calls) < 0.02


@pytest.mark.parametrize("version", [BAD_VERSION, "32"])
def test_a_deploy_starts_with_cold_environments(version):
    first = [one.calls[0] for one in of("checkout-api") if one.version == version]
    assert first
    assert all(call.cold for call in first)


def test_every_kind_of_ending_and_of_framing_occurs():
    assert {call.status for call in calls_of(day())} == {
        Status.OK, Status.ERROR, Status.TIMEOUT, Status.OOM, Status.CRASH}
    assert {one.framing for one in day()} == {FRAMED, CARRIAGE, SPLIT}


def test_a_timeout_lasts_as_long_as_the_function_may_or_a_little_longer_in_the_old_style():
    timeouts = [(one, call) for one in day() for call in one.calls if call.status is Status.TIMEOUT]
    for environment, call in timeouts:
        over = call.duration_ms - environment.profile.timeout_s * 1_000
        assert 1 <= over <= 9 if environment.old_style else over == 0
    assert {environment.old_style for environment, _ in timeouts} == {True, False}


def test_a_failed_asynchronous_invocation_comes_back_twice_under_its_request_id():
    calls: dict[str, list[Call]] = {}
    for call in calls_of(of("thumbnails-large")):
        calls.setdefault(call.request_id, []).append(call)
    retried = [group for group in calls.values() if len(group) > 1]
    assert retried
    for group in retried:
        first, second = sorted(group, key=lambda call: call.attempt)[:2]
        assert second.arrived_at - first.ended_at == RETRIES_MS[0]
        assert first.status.failed
    assert max(call.attempt for group in retried for call in group) == len(RETRIES_MS)


def test_publishing_a_snapshot_is_an_environment_that_serves_nobody():
    published = [one for one in of("recommendations") if one.published_in_ms is not None]
    assert [(one.version, one.calls) for one in published] == [("8", [])]


def test_a_fleet_without_traffic_has_no_day():
    assert list(plan([replace(FLEET[2], per_day=0)], NOW, SEED)) == []
