"""Which log groups are pushed: chosen, refused with the reason, repeated, removed."""

from __future__ import annotations

from typing import Any

import pytest

from collectors import subscriptions
from collectors.subscriptions import Destination, Outcome, Subscriptions
from store import functions, pushing
from store.clock import MINUTE_MS
from store.errors import OperationRefused
from store.pushing import PushedGroup
from store.records import FunctionInfo
from tests.builders import NOW, PLACE
from tests.collectors.fake_functions import FakeFunctions
from tests.collectors.fakes import FakeLogs, World, connection, refusal
from tests.collectors.test_pushed_groups import settled

TO = Destination("arn:aws:lambda:eu-central-1:123456789012:function:lamplight-receive-logs", None,
                 "/aws/lambda/lamplight-receive-logs")
ORDERS, CART, CUSTOM = "/aws/lambda/orders", "/aws/lambda/cart", "/shop/payments"
FILTER = "lamplight-memory"


class FilteredLogs(FakeLogs):
    """Log groups with classes and subscription filters, at most two each."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.groups.update({name: [] for name in names})
        self.classes: dict[str, str] = {}
        self.filters: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in names}
        self.puts = 0

    def describe_log_groups(self, logGroupNamePrefix: str, nextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        answer = super().describe_log_groups(logGroupNamePrefix, nextToken)
        for group in answer["logGroups"]:
            group["logGroupClass"] = self.classes.get(group["logGroupName"], "STANDARD")
        return answer

    def describe_subscription_filters(self, logGroupName: str) -> dict[str, Any]:  # noqa: N803
        if logGroupName not in self.filters:
            raise refusal("ResourceNotFoundException", "DescribeSubscriptionFilters")
        return {"subscriptionFilters": list(self.filters[logGroupName].values())}

    def put_subscription_filter(self, **asked: Any) -> None:
        if asked["logGroupName"] in self.refused:
            raise self.refused[asked["logGroupName"]]
        self.puts += 1
        self.filters[asked["logGroupName"]][asked["filterName"]] = asked

    def delete_subscription_filter(self, logGroupName: str, filterName: str) -> None:  # noqa: N803
        if filterName not in self.filters.get(logGroupName, {}):
            raise refusal("ResourceNotFoundException", "DeleteSubscriptionFilter")
        del self.filters[logGroupName][filterName]


class Account(World):
    def __init__(self) -> None:
        super().__init__()
        self.fake = self.logs = FilteredLogs(ORDERS, CART, CUSTOM)
        functions.put(self.table, FunctionInfo(PLACE, "orders", ORDERS))
        functions.put(self.table, FunctionInfo(PLACE, "payments", CUSTOM))

    def chosen(self, dry: bool = False) -> Subscriptions:
        return Subscriptions(connection(self.table, clock=self.clock, logs=self.fake), dry)

    def add(self, group: str, to: Destination = TO, dry: bool = False) -> tuple[Outcome, str]:
        told = self.chosen(dry).add(group, to)
        return told.outcome, told.why

    def look(self, group: str) -> tuple[Outcome, str]:
        told = self.chosen().look(group)
        return told.outcome, told.why

    def entered(self) -> list[PushedGroup]:
        return list(pushing.of_place(self.table, PLACE))


def test_a_group_that_is_added_has_a_filter_without_a_pattern_and_is_entered():
    account = Account()
    assert account.add(ORDERS) == (Outcome.ADDED, "")
    (made,) = account.fake.filters[ORDERS].values()
    assert made == {"logGroupName": ORDERS, "filterName": FILTER, "filterPattern": "", "destinationArn": TO.arn}
    assert account.entered() == [PushedGroup(PLACE, ORDERS, FILTER, TO.arn, since=NOW)]


def test_added_again_nothing_is_changed():
    account = Account()
    account.add(ORDERS)
    account.clock.advance(MINUTE_MS)
    assert account.add(ORDERS) == (Outcome.STANDS, "")
    assert account.fake.puts == 1
    assert account.entered()[0].since == NOW


def test_killed_between_the_filter_and_the_table_it_is_entered_when_added_again():
    account = Account()
    account.add(ORDERS)
    pushing.forget(account.table, PLACE, ORDERS)
    pushing.hear(account.table, PLACE, ORDERS, NOW)
    assert account.add(ORDERS) == (Outcome.STANDS, "")
    assert account.fake.puts == 1
    assert [(one.filter_name, one.heard_at) for one in account.entered()] == [(FILTER, NOW)]


def test_a_filter_that_sends_elsewhere_is_sent_here():
    account, stream = Account(), Destination("arn:aws:kinesis:x:1:stream/s", "arn:aws:iam::1:role/r", TO.own_group)
    account.add(ORDERS)
    assert account.add(ORDERS, stream)[0] is Outcome.ADDED
    (made,) = account.fake.filters[ORDERS].values()
    assert (made["destinationArn"], made["roleArn"]) == (stream.arn, stream.role)
    assert account.add(ORDERS, stream)[0] is Outcome.STANDS


def test_a_dry_run_changes_nothing():
    account = Account()
    assert account.add(ORDERS, dry=True) == (Outcome.ADDED, "")
    assert (account.fake.puts, account.entered()) == (0, [])
    account.add(ORDERS)
    assert account.chosen(dry=True).remove(ORDERS).outcome is Outcome.REMOVED
    assert account.fake.filters[ORDERS]
    assert account.entered()


@pytest.mark.parametrize("group_class", ["INFREQUENT_ACCESS", "DELIVERY"])
def test_a_class_without_filters_is_refused_and_stays_pulled(group_class):
    account = Account()
    account.fake.classes[ORDERS] = group_class
    outcome, why = account.add(ORDERS)
    assert outcome is Outcome.REFUSED
    assert f"{group_class} has no subscription filters; it stays pulled" in why
    assert account.entered() == []
    assert account.look(ORDERS) == (Outcome.PULLED, f"Its log class {group_class} has no subscription filters.")


def test_a_group_with_two_filters_of_others_is_refused_and_they_are_named():
    account = Account()
    for name in ("siem", "archive"):
        account.fake.put_subscription_filter(logGroupName=ORDERS, filterName=name, destinationArn="x")
    outcome, why = account.add(ORDERS)
    assert outcome is Outcome.REFUSED
    assert "siem and archive" in why
    assert set(account.fake.filters[ORDERS]) == {"siem", "archive"}


def test_one_filter_of_others_is_left_alone_when_ours_comes_and_goes():
    account = Account()
    account.fake.put_subscription_filter(logGroupName=ORDERS, filterName="siem", destinationArn="x")
    assert account.add(ORDERS)[0] is Outcome.ADDED
    assert account.chosen().remove(ORDERS).outcome is Outcome.REMOVED
    assert set(account.fake.filters[ORDERS]) == {"siem"}


def test_the_group_the_receiver_writes_to_is_refused():
    account = Account()
    account.fake.groups[TO.own_group] = []
    assert account.add(TO.own_group) == (
        Outcome.REFUSED, "The receiver writes to it: each push would cause the next one.")


def test_a_group_that_is_not_there_is_refused():
    assert Account().add("/aws/lambda/nobody") == (Outcome.REFUSED, "There is no such log group.")


def test_a_removed_group_is_forgotten_and_removing_again_says_so():
    account = Account()
    account.add(ORDERS)
    assert account.chosen().remove(ORDERS).outcome is Outcome.REMOVED
    assert (account.fake.filters[ORDERS], account.entered()) == ({}, [])
    assert account.chosen().remove(ORDERS).outcome is Outcome.ABSENT


def test_a_group_that_was_deleted_can_be_removed():
    account = Account()
    account.add(ORDERS)
    del account.fake.filters[ORDERS], account.fake.groups[ORDERS]
    assert account.chosen().remove(ORDERS).outcome is Outcome.REMOVED
    assert account.entered() == []


def test_a_look_tells_pushed_silent_gone_and_pulled_apart():
    account = Account()
    assert account.look(ORDERS) == (Outcome.PULLED, "")
    account.add(ORDERS)
    assert account.look(ORDERS)[1].startswith("It is silent")
    pushing.hear(account.table, PLACE, ORDERS, NOW)
    assert account.look(ORDERS) == (Outcome.PUSHED, "")
    account.fake.filters[ORDERS].clear()
    assert account.look(ORDERS) == (Outcome.PULLED, "Its filter is gone: add it again, or remove it.")
    pushing.hear(account.table, PLACE, CART, NOW)
    assert account.look(CART) == (Outcome.PUSHED, "Somebody else's filter pushes it.")


def test_names_are_functions_log_groups_or_patterns_and_a_misspelt_one_is_told():
    chosen = Account().chosen()
    assert chosen.named(("payments", "orders", CUSTOM)) == [CUSTOM, ORDERS]
    assert chosen.named(("cart",)) == [CART]  # not in the inventory yet
    assert chosen.named(("/aws/lambda/*",)) == [CART, ORDERS]
    assert chosen.named(("pay*",)) == [CUSTOM]
    with pytest.raises(OperationRefused, match="ordres is no function and no log group"):
        chosen.named(("ordres",))


def receiver(**given: str) -> Any:
    lambdas = FakeFunctions("cart", "orders", "lamplight-receive-logs")
    lambdas.wires["lamplight-receive-logs"] |= {
        "Handler": subscriptions.RECEIVER, "Environment": {"Variables": {"LAMPLIGHT_TABLE": "memory", **given}}}
    return lambdas


def test_the_destination_is_the_receiver_of_this_table_or_the_stream_it_reads():
    assert subscriptions.destination(receiver(), "memory") == TO
    through = receiver(LAMPLIGHT_LOG_STREAM="stream", LAMPLIGHT_LOG_STREAM_ROLE="role")
    assert subscriptions.destination(through, "memory") == Destination("stream", "role", TO.own_group)
    with pytest.raises(OperationRefused, match="Nothing here receives pushed logs for the table elsewhere") as told:
        subscriptions.destination(receiver(), "elsewhere")
    assert "IngestMode" in told.value.advice


def test_a_group_that_is_removed_while_pushed_is_pulled_on_and_nothing_is_missing():
    world = settled()
    assert not world.pulls()
    pushing.forget(world.table, PLACE, "/aws/lambda/orders-fulfil")
    world.minutes(3, pushed=False)
    assert world.pulls()
    assert world.counted() == world.number
