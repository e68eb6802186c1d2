"""The fleet is what the day is made of: its numbers must be the ones people know."""

import pytest

from demo.fleet import BAD_VERSION, FLEET, Spread
from demo.history_chatter import _SAID
from demo.history_text import RUNTIME_VERSIONS

BANDS = {
    "nodejs": ((150, 300), (500, 800)),
    "python": ((150, 300), (500, 800)),
    "provided": ((100, 200), (300, 500)),
    "java": ((1_000, 3_000), (3_000, 8_000)),
    "dotnet": ((400, 800), (1_000, 2_000)),
}


def test_a_spread_passes_through_its_median_and_its_99th_percentile():
    spread = Spread(220, 660)
    assert spread.at(0.5) == pytest.approx(220)
    assert spread.at(0.99) == pytest.approx(660)


@pytest.mark.parametrize("family", BANDS)
def test_every_function_starts_as_fast_as_its_runtime_does(family):
    (low50, high50), (low99, high99) = BANDS[family]
    of_family = [profile for profile in FLEET if profile.family == family and not profile.snap_start]
    assert of_family
    for profile in of_family:
        assert low50 <= profile.init.p50 <= high50, profile.name
        assert low99 <= profile.init.p99 <= high99, profile.name


def test_a_snapshot_restores_faster_than_java_starts():
    restoring = [profile for profile in FLEET if profile.snap_start]
    assert restoring
    assert all(profile.init.p99 < 1_000 for profile in restoring)


def test_the_fleet_spans_six_runtimes_and_both_log_formats():
    assert len(FLEET) == 12
    assert {profile.family for profile in FLEET} == {"nodejs", "python", "provided", "java", "dotnet", "ruby"}
    assert {profile.log_format for profile in FLEET} == {"JSON", "Text"}


def test_every_function_has_a_runtime_version_something_to_say_and_faults_that_leave_room_for_success():
    for profile in FLEET:
        assert profile.runtime in RUNTIME_VERSIONS
        assert profile.name in _SAID
        assert 0 < sum(fault.share for fault in profile.faults if not fault.at_init) < 0.1


def test_one_deploy_of_the_day_is_bad_and_is_rolled_back():
    deploys = [(profile.name, deploy) for profile in FLEET for deploy in profile.deploys]
    bad = [(name, deploy) for name, deploy in deploys if deploy.fault]
    assert [(name, deploy.version) for name, deploy in bad] == [("checkout-api", BAD_VERSION)]
    after = [deploy.version for name, deploy in deploys
             if name == "checkout-api" and deploy.minutes_ago < bad[0][1].minutes_ago]
    assert after == ["32"]
