"""Every function as it is configured, at few calls, with what changed and what is gone."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import inventory
from collectors.queues import mapped, sources_of
from collectors.tally import STOP_MS, Tally
from store import functions
from store.clock import HOUR_MS, MINUTE_MS
from store.configured import Alias, AsyncHandling, Configuration, EventSource, Provisioned, PublishedVersion
from store.records import Change, Deploy, FunctionInfo
from tests.builders import NOW, PLACE, FakeClock
from tests.collectors.fake_functions import ARN, FakeFunctions
from tests.collectors.fakes import plenty
from tests.collectors.memory import Killed, MemoryTable

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:orders"
FAILURES = "arn:aws:sqs:eu-central-1:123456789012:failures"


class Account:
    """A fake of Lambda, the table, and a clock that goes on a minute each run."""

    def __init__(self, *names: str) -> None:
        self.clock = FakeClock(NOW)
        self.table = MemoryTable(self.clock)
        self.client = FakeFunctions(*names)
        self.tally = Tally.begin(PLACE, "queues", self.clock)

    def look(self, time_left: Any = plenty) -> list[tuple[str, FunctionInfo]]:
        client: Any = self.client
        self.clock.advance(MINUTE_MS)
        self.tally = Tally.begin(PLACE, "queues", self.clock)
        return inventory.take_in(self.table, client, self.tally, time_left, sources_of(mapped(client)))

    def info(self, name: str = "fulfil") -> FunctionInfo:
        found = functions.get(self.table, PLACE, name)
        assert found is not None
        return found

    def parts(self, name: str = "fulfil") -> Configuration:
        return functions.configuration(self.table, PLACE, name)

    def deploys(self, name: str = "fulfil") -> list[Deploy]:
        return list(functions.deploys(self.table, PLACE, name, 0, self.clock.now + 1))


def test_everything_lambda_tells_of_a_function_is_known():
    account = Account("fulfil", "notify", "thumbs")
    client = account.client
    client.wires["fulfil"] |= {
        "Layers": [{"Arn": "arn:aws:lambda:r:1:layer:powertools:7", "CodeSize": 9}],
        "VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["s"]}, "DeadLetterConfig": {"TargetArn": FAILURES},
        "SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}, "EphemeralStorage": {"Size": 2_048}}
    client.reserved["fulfil"] = 5
    client.aliases["fulfil"] = [{"Name": "live", "FunctionVersion": "3",
                                 "RoutingConfig": {"AdditionalVersionWeights": {"4": 0.1}}}]
    client.versions["fulfil"] = [{"Version": str(number), "CodeSha256": f"s{number}",
                                  "LastModified": "2026-11-01T10:00:00.000+0000"} for number in range(1, 5)]
    client.ready["fulfil"] = [{"FunctionArn": f"{ARN}fulfil:live", "RequestedProvisionedConcurrentExecutions": 10,
                               "Status": "READY"}]
    client.handling["fulfil"] = [{"FunctionArn": f"{ARN}fulfil:$LATEST", "MaximumRetryAttempts": 1,
                                  "MaximumEventAgeInSeconds": 60, "DestinationConfig": {
                                      "OnFailure": {"Destination": FAILURES}, "OnSuccess": {"Destination": QUEUE}}}]
    client.mappings = [{"UUID": "m-1", "EventSourceArn": QUEUE, "FunctionArn": f"{ARN}fulfil:live", "State": "Enabled",
                        "BatchSize": 10, "MaximumBatchingWindowInSeconds": 5,
                        "ScalingConfig": {"MaximumConcurrency": 2},
                        "FunctionResponseTypes": ["ReportBatchItemFailures"],
                        "FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}]
    found = dict(account.look())
    assert [info.name for info in found.values()] == ["fulfil", "notify", "thumbs"]
    info, parts = account.info(), account.parts()
    assert found[f"{ARN}fulfil"] == info
    assert (info.storage_mb, info.package_bytes, info.architecture, info.vpc_id) == (2_048, 2_048, "arm64", "vpc-1")
    assert (info.layers, info.snap_start) == (("arn:aws:lambda:r:1:layer:powertools:7",), "PublishedVersions")
    assert (info.log_format, info.application_log_level, info.system_log_level) == ("JSON", "INFO", "INFO")
    assert (info.reserved_concurrency, info.dead_letter_arn) == (5, FAILURES)
    assert (info.on_failure_arn, info.on_success_arn) == (FAILURES, QUEUE)
    assert parts.sources == (EventSource("m-1", QUEUE, "Enabled", 10, 5, True, None, 2, None, True, "live"),)
    assert parts.aliases == (Alias("live", "3", {"4": 0.1}),)
    assert parts.versions[-1] == PublishedVersion("4", "s4", 1_793_527_200_000)
    assert [one.version for one in parts.versions] == ["1", "2", "3", "4"]
    assert parts.provisioned == (Provisioned("live", 10, "READY"),)
    assert parts.asynchronous == (AsyncHandling("$LATEST", FAILURES, QUEUE, 1, 60),)
    assert account.parts("notify") == Configuration(PLACE, "notify")
    assert account.tally.problems == {}


def test_what_the_list_does_not_tell_is_asked_for_once_an_hour_and_counted():
    account = Account("fulfil", "notify")
    account.look()
    assert account.tally.calls == 2 * 4  # concurrency, destinations, aliases, versions; nothing is provisioned
    calls = []
    for _ in range(60):
        account.look()
        calls.append(account.tally.calls)
    assert calls == [0] * 59 + [2 * 3]  # unchanged, so its versions are not listed again
    assert account.client.calls["list_functions"] == 61


def test_after_a_change_a_function_is_looked_into_again_while_more_may_follow():
    account = Account("fulfil")
    account.look()
    account.client.wires["fulfil"] |= {"CodeSha256": "b", "LastModified": "2026-11-23T19:12:31.752+0000"}
    account.clock.now = 1_795_461_151_752
    looked = []
    for _ in range(20):
        account.look()
        looked.append(account.tally.calls > 0)
    assert looked == [True] * 14 + [False] * 6


def test_an_alias_that_names_a_version_not_seen_yet_has_the_versions_listed():
    account = Account("fulfil")
    account.look()
    account.client.versions["fulfil"] = [{"Version": "1"}]
    account.client.aliases["fulfil"] = [{"Name": "live", "FunctionVersion": "1"}]
    account.clock.advance(HOUR_MS)
    account.look()
    assert account.parts().versions == (PublishedVersion("1"),)
    (marker,) = account.deploys()
    assert (marker.code, marker.changes) == (False, (Change("alias live", "", "version 1"),))


def test_many_functions_are_looked_into_over_several_runs_and_each_once():
    account = Account(*(f"f{number:03d}" for number in range(120)))
    for looked_into in (50, 100, 120):
        account.look()
        known = list(functions.of_place(account.table, PLACE))
        assert len(known) == 120
        assert sum(info.details_at > 0 for info in known) == looked_into
    account.look()
    assert account.tally.calls == 0


def test_a_change_of_configuration_is_marked_once_with_before_and_after():
    account = Account("fulfil")
    account.client.mappings = [{"UUID": "m-1", "EventSourceArn": QUEUE, "FunctionArn": f"{ARN}fulfil",
                                "State": "Enabled", "BatchSize": 10}]
    account.look()
    account.client.wires["fulfil"] |= {"MemorySize": 1_024, "LastModified": "2026-11-02T10:00:00.000+0000"}
    account.look()
    account.client.mappings[0] |= {"State": "Disabling"}
    account.look()
    account.client.mappings[0] |= {"State": "Disabled"}
    account.look()
    account.look()
    memory, switched = account.deploys()
    assert (memory.at, memory.code, memory.version) == (1_793_613_600_000, False, "$LATEST")
    assert memory.changes == (Change("memory", "512 MB", "1,024 MB"),)
    assert switched.changes == (Change("event source orders", "on, batches of 10, window 0 s",
                                       "off, batches of 10, window 0 s"),)


def test_a_setting_that_is_not_read_is_marked_as_such_and_no_variable_is_kept():
    account = Account("fulfil")
    account.client.wires["fulfil"] |= {"Environment": {"Variables": {"TOKEN": "hush-hush"}}}
    account.look()
    account.client.wires["fulfil"] |= {"Environment": {"Variables": {"TOKEN": "hush-again"}},
                                       "LastModified": "2026-11-02T10:00:00.000+0000"}
    account.look()
    (marker,) = account.deploys()
    assert (marker.code, marker.changes[0].what) == (
        False, "a setting that is not read here, such as an environment variable")
    assert "hush" not in repr(account.table.items)


def test_a_look_killed_at_any_write_leaves_one_marker():
    for writes in range(4):
        account = Account("fulfil")
        account.look()
        account.client.reserved["fulfil"] = 3
        account.client.mappings = [{"UUID": "m-1", "EventSourceArn": QUEUE, "FunctionArn": f"{ARN}fulfil"}]
        account.table.writes_left = writes
        try:
            account.look()
        except Killed:
            account.table.writes_left = None
            account.look()
        assert len(account.deploys()) == 1, writes
        assert len(account.parts().sources) == 1


def test_a_deleted_function_stays_and_says_so_until_it_is_there_again():
    account = Account("fulfil", "notify")
    functions.put(account.table, FunctionInfo(PLACE, "by-its-logs", "/aws/lambda/by-its-logs"))
    account.look()
    wire = account.client.wires.pop("fulfil")
    for _ in range(2):
        account.look()
    assert account.info().deleted_at == NOW + 2 * MINUTE_MS
    assert (account.info("notify").deleted_at, account.info("by-its-logs").deleted_at) == (None, None)
    account.client.wires["fulfil"] = wire
    account.look()
    assert account.info().deleted_at is None


def test_when_the_list_breaks_off_nothing_is_taken_for_deleted():
    account = Account("a", "b", "c")
    account.look()
    real = account.client.list_functions

    def broken(Marker="0"):  # noqa: N803
        if Marker != "0":
            account.client.refuse("list_functions", "ThrottlingException")
        return real(Marker)

    account.client.list_functions = broken  # type: ignore[method-assign]
    with account.tally.going_on():
        account.look()
    assert [info.deleted_at for info in functions.of_place(account.table, PLACE)] == [None] * 3


def test_a_detail_that_is_denied_stays_as_it_was_known_and_the_others_are_read():
    account = Account("fulfil")
    account.client.reserved["fulfil"] = 5
    account.look()
    account.client.refuse("get_function_concurrency")
    account.client.aliases["fulfil"] = [{"Name": "live", "FunctionVersion": "$LATEST"}]
    account.clock.advance(HOUR_MS)
    account.look()
    assert (account.info().reserved_concurrency, account.parts().aliases) == (5, (Alias("live", "$LATEST"),))
    assert list(account.tally.problems) == [
        "reserved concurrency of functions: Not allowed: get_function_concurrency on fulfil. "
        "Give this role get_function_concurrency on fulfil."]


def test_a_configuration_that_is_not_there_is_no_problem():
    account = Account("fulfil")
    account.client.versions["fulfil"] = [{"Version": "1"}]
    account.client.refuse("list_provisioned_concurrency_configs", "ProvisionedConcurrencyConfigNotFoundException")
    account.client.refuse("list_function_event_invoke_configs", "ResourceNotFoundException")
    account.look()
    assert (account.tally.problems, account.parts().provisioned, account.parts().asynchronous) == ({}, (), ())


def test_without_time_the_list_alone_is_read():
    account = Account("fulfil")
    account.look(lambda: STOP_MS)
    assert (account.info().memory_mb, account.info().details_at, account.tally.calls) == (512, 0, 0)


@pytest.mark.parametrize("facts", [{}, {"LastModified": "yesterday", "Layers": None, "LoggingConfig": None}])
def test_a_function_told_in_few_words_is_known_with_what_there_is(facts):
    info = inventory.described(PLACE, {"FunctionName": "fulfil", **facts}, NOW)
    assert (info.log_group, info.memory_mb, info.layers, info.last_modified) == ("/aws/lambda/fulfil", None, (), None)


def test_event_source_mappings_that_cannot_be_listed_stay_as_they_were():
    account = Account("fulfil")
    account.client.mappings = [{"UUID": "m-1", "EventSourceArn": QUEUE, "FunctionArn": f"{ARN}fulfil"}]
    account.look()
    account.client.wires["fulfil"]["MemorySize"] = 1_024
    client: Any = account.client
    inventory.take_in(account.table, client, account.tally, plenty, None)
    assert (account.info().memory_mb, len(account.parts().sources)) == (1_024, 1)
    assert account.info().sources_hash != ""
