"""Logs pushed by subscription filters into the deployed receiver, directly and through Kinesis, with the rights of
its role only; counted by the deployed collector."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from collectors.__main__ import main
from collectors.events import LogEvent
from demo.cloud import ACCOUNT, REGION
from demo.collect import run
from demo.deploy import deploy, packaged, publish, read_template
from demo.processes import wait_until
from demo.stacks import local_runtime
from infra.package import LAMPLIGHT, build, zipped
from store import batches, minutes, parked, pushing
from store.clock import HOUR_MS, MINUTE_MS, wall_clock
from store.records import Place
from store.table import Table
from tests.cloud.conftest import Cloud
from tests.collectors.payload_stories import CONTROL, document, payload
from tests.collectors.stories import end, report, start

pytestmark = pytest.mark.cloud
HERE = Place(ACCOUNT, REGION)
NAME = "pushed"
GROUP = "/shop/orders"  # under no prefix that is pulled: an emulator names an event once when pushed, once when pulled
STREAM = "2026/11/23/orders[7]aaaabbbbccccddddeeeeffff0000{:04d}"
ARRIVES_S = 20


class Installation:
    """A stack of its own, in one mode after the other."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.logs = cloud.session.client("logs", endpoint_url=cloud.endpoint)
        self.streams = cloud.session.client("kinesis", endpoint_url=cloud.endpoint)
        self.table = Table(cloud.session.client("dynamodb", endpoint_url=cloud.endpoint), NAME, wall_clock)
        self.outputs: dict[str, str] = {}
        self.told = 0

    def deploy(self, mode: str) -> None:
        code = publish(self.cloud.clients.objects, LAMPLIGHT.name, zipped(build(LAMPLIGHT, local=True, bare=False)))
        clients, template = self.cloud.clients, packaged(read_template(LAMPLIGHT.template), code)
        self.outputs = deploy(clients.stacks, clients.objects, NAME, template, {
            "TableName": NAME, "DeletionProtection": "false", "Runtime": local_runtime(), "IngestMode": mode,
            "KinesisShards": "1", "LogGroupPrefix": "/pulled/by/nobody/"})

    def close(self) -> None:
        for client in (self.logs, self.streams, self.table.client):
            client.close()

    def life(self) -> list[LogEvent]:
        """The events of one more invocation, just now."""
        self.told += 1
        who, now = f"{self.told:08d}-0000-4000-8000-000000000000", wall_clock()
        return [LogEvent(f"{now}-{number}", now - 3 + number, text, GROUP, STREAM.format(self.told))
                for number, text in enumerate((start(who, "7"), end(who), report(who, 2.0)))]

    def has_come(self, invocations: int) -> bool:
        now = wall_clock()
        found = batches.told(self.table, HERE, "orders", now - 10 * MINUTE_MS, now)
        return len(found.facts) == invocations

    def collected(self) -> tuple[int, list[str]]:
        """Run the collector. How many invocations are counted then, and what stood in its way."""
        problems = run(self.cloud.clients.functions, self.outputs["CollectLogsFunction"])["problems"]
        now = wall_clock()
        found = minutes.between(self.table, HERE, "orders", now - HOUR_MS, now + HOUR_MS)
        return sum(one.invocations for one in found), problems


@pytest.fixture(scope="module")
def installed(cloud: Cloud) -> Iterator[Installation]:
    made = Installation(cloud)
    made.logs.create_log_group(logGroupName=GROUP)
    yield made
    made.close()


@pytest.fixture
def command(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    for name, value in {"AWS_ENDPOINT_URL": cloud.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
                        "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "demo", "LAMPLIGHT_TABLE": NAME}.items():
        monkeypatch.setenv(name, value)

    def run_(*words: str) -> Result:
        return CliRunner().invoke(main, ["subscriptions", *words])

    return run_


def test_a_filter_pushes_into_the_receiver_and_the_collector_counts_it(installed: Installation, command):
    installed.deploy("direct")
    assert command("add", GROUP).output == f"added  {GROUP}\n"
    events = installed.life()
    installed.logs.create_log_stream(logGroupName=GROUP, logStreamName=events[0].log_stream)
    installed.logs.put_log_events(logGroupName=GROUP, logStreamName=events[0].log_stream, logEvents=[
        {"timestamp": one.timestamp, "message": one.message} for one in events])
    assert wait_until(lambda: installed.has_come(1), ARRIVES_S)
    assert installed.collected() == (1, [])
    assert command("list").output.startswith(f"pushed  {GROUP}")
    assert command("remove", "--all").exit_code == 0
    assert list(pushing.of_place(installed.table, HERE)) == []


def test_the_same_stack_takes_them_through_kinesis_instead(installed: Installation, command):
    installed.deploy("kinesis")
    assert command("add", GROUP).output == f"added  {GROUP}\n"
    (made,) = installed.logs.describe_subscription_filters(logGroupName=GROUP)["subscriptionFilters"]
    assert made["destinationArn"] == installed.outputs["PushDestinationArn"]
    assert made["roleArn"] == installed.outputs["PushRoleArn"]
    events = installed.life()
    records = [payload(CONTROL), payload(document(events, owner=ACCOUNT)), payload({"messageType": "NEW"}),
               payload(document(events[2:], owner=ACCOUNT))]
    for one in records:
        installed.streams.put_record(StreamARN=made["destinationArn"], PartitionKey="a",
                                     Data=base64.b64decode(one))
    assert wait_until(lambda: installed.has_come(2), ARRIVES_S)
    assert wait_until(lambda: len(list(parked.of_place(installed.table, HERE))) == 1, ARRIVES_S)
    counted, (problem,) = installed.collected()
    assert counted == 2
    assert "1 pushed payload could not be read, the last: a payload that holds no CloudWatch document" in problem
