"""Subscription filters: which log groups are pushed, made and removed for chosen ones.

Nothing depends on a filter: a group whose filter is refused, disabled or gone is pulled. So every step may fail or be
repeated, and a filter that stands is left alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from collectors.inventory import listed
from collectors.log_groups import discovered
from store import functions, pushing
from store.clients import Connection
from store.errors import OperationRefused, TableMissing
from store.faults import translated
from store.pushing import SILENT_MS, PushedGroup

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

RECEIVER = "lambda/receive_logs.handler"
STANDARD = "STANDARD"
"""The only log class that has subscription filters."""
MAX_FILTERS = 2
"""Subscription filters of one log group; AWS raises it for nobody."""
NEEDS = "Deploy the stack with IngestMode direct or kinesis."


class Outcome(StrEnum):
    """What came of one log group."""

    ADDED = "added"
    STANDS = "stands"
    REMOVED = "removed"
    ABSENT = "absent"
    REFUSED = "refused"
    PUSHED = "pushed"
    PULLED = "pulled"


@dataclass(frozen=True, slots=True)
class Told:
    """One log group and what came of it. `heard_at` (epoch ms) is the time of the last event that was pushed."""

    group: str
    outcome: Outcome
    why: str = ""
    heard_at: int | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where filters send: a function, or a stream with the role CloudWatch Logs takes on to write to it.
    `own_group` is where the receiver logs."""

    arn: str
    role: str | None
    own_group: str


@dataclass
class Subscriptions:
    """The subscription filters of one account and region, as one installation wants them. With `dry`, says what it
    would do and changes nothing."""

    connection: Connection
    dry: bool = False
    entered: dict[str, PushedGroup] = field(init=False)

    def __post_init__(self) -> None:
        self.entered = {one.group: one for one in pushing.of_place(self.connection.table, self.connection.place)}

    @property
    def filter_name(self) -> str:
        """One name for all groups, so that adding again changes what stands."""
        return f"lamplight-{self.connection.settings.table}"

    def named(self, names: tuple[str, ...]) -> list[str]:
        """Log groups of these names: a group's, a function's, or a pattern of either (`prod-*`), each once. Raises
        OperationRefused for a name that means nothing, so that a misspelt one is not passed over in silence."""
        connection = self.connection
        known = {one.name: one.log_group for one in functions.of_place(connection.table, connection.place)}
        groups = set(known.values())
        if any("*" in name for name in names):
            groups |= set(discovered(connection.clients.logs, connection.settings.log_group_prefixes))
        found: list[str] = []
        for name in names:
            mine = [known[one] for one in sorted(known) if fnmatchcase(one, name)]
            mine += [one for one in sorted(groups) if fnmatchcase(one, name)]
            mine += [one for one in (name, f"/aws/lambda/{name}") if not mine and self._class_of(one)]
            if not mine:
                raise OperationRefused(f"{name} is no function and no log group here.")
            found += mine
        return list(dict.fromkeys(found))

    def every(self) -> list[str]:
        """Every log group that is read."""
        return discovered(self.connection.clients.logs, self.connection.settings.log_group_prefixes)

    def add(self, group: str, destination: Destination) -> Told:
        """Have a log group pushed. Raises StoreError when AWS does not answer."""
        group_class = self._class_of(group)
        if not group_class:
            return Told(group, Outcome.REFUSED, "There is no such log group.")
        if group == destination.own_group:
            return Told(group, Outcome.REFUSED, "The receiver writes to it: each push would cause the next one.")
        if group_class != STANDARD:
            return Told(group, Outcome.REFUSED, f"Its log class {group_class} has no subscription filters; "
                        "it stays pulled.")
        standing = self._filters(group)
        mine = next((one for one in standing if one["filterName"] == self.filter_name), None)
        if mine is None and len(standing) >= MAX_FILTERS:
            others = " and ".join(one["filterName"] for one in standing)
            return Told(group, Outcome.REFUSED, f"It has as many filters as a log group may have ({others}); "
                        "it stays pulled.")
        stands = mine is not None and (mine["destinationArn"], mine.get("roleArn") or None,
                                       mine.get("filterPattern", "")) == (destination.arn, destination.role, "")
        if stands and group in self.entered and self.entered[group].filter_name:
            return Told(group, Outcome.STANDS)
        return self._put(group, destination, stands)

    def remove(self, group: str) -> Told:
        """Have a log group pulled again. Raises StoreError when AWS does not answer."""
        connection = self.connection
        mine = any(one["filterName"] == self.filter_name for one in self._filters(group))
        if not mine and group not in self.entered:
            return Told(group, Outcome.ABSENT)
        if not self.dry:
            with suppress(TableMissing), translated(group):  # gone already: the group, or the filter
                connection.clients.logs.delete_subscription_filter(logGroupName=group, filterName=self.filter_name)
            pushing.forget(connection.table, connection.place, group)
        return Told(group, Outcome.REMOVED, "It is pulled from here on.")

    def look(self, group: str) -> Told:
        """How a log group's events come. Raises StoreError when AWS does not answer."""
        entered, now = self.entered.get(group), self.connection.clock()
        group_class = self._class_of(group)
        if entered is None:
            why = "" if group_class == STANDARD else f"Its log class {group_class} has no subscription filters."
            return Told(group, Outcome.PULLED, why if group_class else "There is no such log group.")
        if entered.filter_name and not any(one["filterName"] == entered.filter_name for one in self._filters(group)):
            return Told(group, Outcome.PULLED, "Its filter is gone: add it again, or remove it.", entered.heard_at)
        if entered.heard_at < now - SILENT_MS:
            return Told(group, Outcome.PULLED, "It is silent, or its filter is disabled: it is pulled as well.",
                        entered.heard_at or None)
        return Told(group, Outcome.PUSHED, "" if entered.filter_name else "Somebody else's filter pushes it.",
                    entered.heard_at)

    def _put(self, group: str, destination: Destination, stands: bool) -> Told:
        connection = self.connection
        told = Told(group, Outcome.STANDS if stands else Outcome.ADDED)
        if self.dry:
            return told
        if not stands:
            role: dict[str, Any] = {"roleArn": destination.role} if destination.role else {}
            with translated(group):  # CloudWatch tries the destination before it takes the filter
                connection.clients.logs.put_subscription_filter(
                    logGroupName=group, filterName=self.filter_name, filterPattern="",
                    destinationArn=destination.arn, **role)
        # Only what is logged from now on is pushed for certain; up to here it is pulled.
        pushing.enter(connection.table, PushedGroup(connection.place, group, self.filter_name, destination.arn,
                                                    connection.clock()))
        return told

    def _class_of(self, group: str) -> str | None:
        """The log class of a group; None when there is no such group. Older implementations know one class."""
        with translated(group):
            found = self.connection.clients.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        return next((str(one.get("logGroupClass", STANDARD)) for one in found if one["logGroupName"] == group), None)

    def _filters(self, group: str) -> list[Any]:
        try:
            with translated(group):
                answer = self.connection.clients.logs.describe_subscription_filters(logGroupName=group)
        except TableMissing:  # what is missing is the group
            return []
        return list(answer["subscriptionFilters"])


def destination(lambdas: LambdaClient, table: str) -> Destination:
    """Where the receiver of this table has filters send. Raises OperationRefused when there is none, StoreError when
    AWS does not answer."""
    for one in listed(lambdas):
        given = one.get("Environment", {}).get("Variables", {})
        if one.get("Handler") == RECEIVER and given.get("LAMPLIGHT_TABLE") == table:
            logs_to = one.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{one['FunctionName']}"
            return Destination(given.get("LAMPLIGHT_LOG_STREAM") or one["FunctionArn"],
                               given.get("LAMPLIGHT_LOG_STREAM_ROLE") or None, logs_to)
    raise OperationRefused(f"Nothing here receives pushed logs for the table {table}.", NEEDS)
