"""The one place AWS clients are made. Entry points call `connect` once and hand the parts down."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials

from store.clock import Clock, wall_clock
from store.errors import PermissionDenied
from store.faults import translated
from store.members import Member
from store.records import Place
from store.settings import Settings
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

_TIMEOUTS = {"connect_timeout": 3, "read_timeout": 20}
READING = Config(retries={"mode": "standard", "max_attempts": 4}, **_TIMEOUTS)  # type: ignore[arg-type]
COLLECTING = READING.merge(Config(retries={"mode": "adaptive", "max_attempts": 4}))
"""A service that throttles is asked more slowly from then on: the quota belongs to the whole account and region."""
STORING = READING.merge(Config(parameter_validation=False))
"""For our own table, whose items `store.items` makes: checking them again takes a third of a write's time here."""
SENDING = Config(retries={"total_max_attempts": 1}, **_TIMEOUTS)  # type: ignore[arg-type]
"""One try a call: a lost answer must come back as ambiguous, not be sent again behind our back."""


@dataclass(frozen=True)
class Clients:
    """AWS clients of one process, each made on first use."""

    session: boto3.Session
    _place: Place | None = None
    _members: dict[Member, Clients] = field(default_factory=dict, compare=False)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self.session.client("dynamodb", config=STORING)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self.session.client("logs", config=COLLECTING)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self.session.client("cloudwatch", config=COLLECTING)

    @cached_property
    def functions(self) -> LambdaClient:
        return self.session.client("lambda", config=COLLECTING)

    @cached_property
    def queues(self) -> SQSClient:
        return self.session.client("sqs", config=READING)

    @cached_property
    def sending_queues(self) -> SQSClient:
        return self.session.client("sqs", config=SENDING)

    @cached_property
    def sending_functions(self) -> LambdaClient:
        return self.session.client("lambda", config=SENDING)

    def topics(self, region: str) -> SNSClient:
        """SNS in a topic's own region, which alone takes its ARN. One try a call: every try is counted."""
        return self.session.client("sns", region_name=region, config=SENDING)

    @cached_property
    def identities(self) -> STSClient:
        return self.session.client("sts", config=READING)

    @cached_property
    def place(self) -> Place:
        """This account and region. Asks STS once, if it must."""
        if self._place:
            return self._place
        with translated("the caller's identity"):
            account = self.identities.get_caller_identity()["Account"]
            return Place(account, self.identities.meta.region_name)

    def of(self, member: Member) -> Clients:
        """Clients of another account or region, the same ones each time. Makes no call."""
        if member not in self._members:
            inner = botocore.session.get_session()
            inner._credentials = (  # type: ignore[attr-defined]  # as boto3 itself does: there is no public way
                _assumed(self.identities, member) if member.role_arn else self.session.get_credentials())
            session = boto3.Session(botocore_session=inner, region_name=member.region)
            self._members[member] = Clients(session, Place(member.account or self.place.account, member.region))
        return self._members[member]

    def enter(self) -> None:
        """Take on the role now if there is one, so that a denial is told once and not by every call.
        Raises PermissionDenied, EndpointUnreachable, CredentialsMissing."""
        held = self.session.get_credentials()
        if held:
            held.get_frozen_credentials()


@dataclass(frozen=True)
class Connection:
    """What an entry point hands down: clients, the table, the clock and the checked settings."""

    clients: Clients
    table: Table
    clock: Clock
    settings: Settings
    looked_at: Place | None = None

    @property
    def place(self) -> Place:
        return self.looked_at or self.clients.place

    def of(self, member: Member) -> Connection:
        """The same table, with clients of another account or region. Makes no call."""
        return replace(self, clients=self.clients.of(member))

    def at(self, place: Place) -> Connection:
        """The same table and clients, for what the table knows of another place."""
        return replace(self, looked_at=place)


def connect(settings: Settings, clock: Clock = wall_clock, session: boto3.Session | None = None) -> Connection:
    """Everything an entry point needs. Raises SettingsError or CredentialsMissing; makes no call by itself."""
    with translated("AWS"):
        # boto3 alone reads only AWS_DEFAULT_REGION; every other AWS tool reads AWS_REGION first.
        clients = Clients(session or boto3.Session(region_name=os.environ.get("AWS_REGION") or None))
        return Connection(clients, Table(clients.dynamodb, settings.table, clock), clock, settings)


def _assumed(sts: STSClient, member: Member) -> DeferredRefreshableCredentials:
    """Credentials of a member's role: asked for at first use, and again before they end (an hour, which is the most
    for a role taken on from a role)."""
    arn = member.role_arn or ""
    given_id: Any = {"ExternalId": member.external_id} if member.external_id else {}

    def refresh() -> dict[str, str]:
        """As botocore wants credentials that end."""
        with translated(arn):
            try:
                given = sts.assume_role(RoleArn=arn, RoleSessionName="lamplight", **given_id)["Credentials"]
            except sts.exceptions.ClientError as error:
                if error.response.get("Error", {}).get("Code") != "AccessDenied":
                    raise
                raise _closed(arn) from error
        return {"access_key": given["AccessKeyId"], "secret_key": given["SecretAccessKey"],
                "token": given["SessionToken"], "expiry_time": given["Expiration"].isoformat()}

    return DeferredRefreshableCredentials(refresh, "assume-role")


def _closed(arn: str) -> PermissionDenied:
    return PermissionDenied(
        f"Not allowed: sts:AssumeRole on {arn}.",
        "Check that the role exists, that it trusts this role with the external id in LAMPLIGHT_EXTERNAL_ID, and that "
        "MemberRoleArns of this stack names it.", "sts:AssumeRole")
