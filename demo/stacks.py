"""The two stacks of the demo and how they meet: what the orders service gives out is what Lamplight watches."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from demo.cloud import ACCOUNT, REGION, Clients
from demo.deploy import deploy, packaged, publish, read_template
from infra.package import LAMPLIGHT, ORDERS, RUNTIMES, Package, build, zipped

ORDERS_STACK = "orders"
LAMPLIGHT_STACK = "lamplight"
CAPTURED = ("FulfilmentDeadLettersUrl", "NotifyDeadLettersUrl")
"""Dead-letter queues Lamplight takes messages from; the service's other ones are watched."""
VISIBILITY_S = "5"
STREAM_RECORD_AGE_S = "60"  # the shortest CloudFormation allows; a poisoned record holds the stream that long
REDRIVEN = ("FulfilmentQueueUrl", "RefundsQueueUrl")
INVOKED = ("notify", "thumbnails")
WATCHED = ("ThumbnailsFailuresUrl", *CAPTURED)
"""Dead-letter queues that may be looked into: one nobody reads, and the captured ones, which may be switched off."""
PAUSED = ("fulfil", "refunds")
LOOK_MINUTES = "5"
ONCALL = "oncall@example.com"
"""Whom alerts would be mailed to: the embedded cloud keeps the subscription and mails nobody."""
METRICS_SCHEDULE = "rate(1 minute)"
"""Nobody pays here."""


def deploy_orders(clients: Clients, name: str = ORDERS_STACK, *, metrics: bool = True) -> dict[str, str]:
    """Deploy the watched service; returns its outputs. Its functions find Powertools in our site-packages.

    Messages die after three tries; a short visibility timeout makes that seconds instead of minutes.
    `metrics`: send custom metrics directly, as MiniStack does not read them out of logs; under IAM it cannot."""
    parameters = {"ServiceName": name, "MetricsDirect": "on" if metrics else "off",
                  "VisibilityTimeoutSeconds": VISIBILITY_S, "StreamRecordAgeSeconds": STREAM_RECORD_AGE_S}
    outputs = _deploy(clients, name, ORDERS, parameters, bare=True)
    _attach_dead_letters(clients, outputs)
    return outputs


def _attach_dead_letters(clients: Clients, orders: Mapping[str, str]) -> None:
    """What the template says and MiniStack's CloudFormation leaves out: the queue of asynchronous failures."""
    clients.functions.update_function_configuration(
        FunctionName=orders["NotifyFunctionName"],
        DeadLetterConfig={"TargetArn": queue_arn(orders["NotifyDeadLettersUrl"])},
    )


def deploy_lamplight(clients: Clients, orders: Mapping[str, str], name: str = LAMPLIGHT_STACK) -> dict[str, str]:
    """Deploy the production template beside the service with these outputs; returns Lamplight's outputs."""
    return _deploy(clients, name, LAMPLIGHT, lamplight_parameters(orders, name), bare=False)


def lamplight_parameters(orders: Mapping[str, str], table: str) -> dict[str, str]:
    """What an operator would type into `sam deploy --guided` for this service."""
    service = orders["IdempotencyTableName"].removesuffix("-idempotency")
    captured = {f"CapturedQueue{n}Arn": queue_arn(orders[key]) for n, key in enumerate(CAPTURED, 1)}
    return captured | {
        "TableName": table,
        "DeletionProtection": "false",
        "Runtime": local_runtime(),
        "MetricNamespaces": f"{service}/Lambda",
        "MetricsSchedule": METRICS_SCHEDULE,
        "WatchedQueueArns": ",".join(queue_arn(orders[key]) for key in WATCHED),
        "LookMinutes": LOOK_MINUTES,
        "AllowRetentionExtension": "yes",
        "PausableFunctionArns": ",".join(arn("lambda", f"function:{service}-{name}") for name in PAUSED),
        "RedriveQueueArns": ",".join(queue_arn(orders[key]) for key in REDRIVEN),
        "RedriveFunctionArns": ",".join(arn("lambda", f"function:{service}-{name}") for name in INVOKED),
        "IdempotencyTableArns": arn("dynamodb", f"table/{orders['IdempotencyTableName']}"),
        "AllowIdempotencyRelease": "yes",
        "AlertEmail": ONCALL,
    }


def queue_arn(url: str) -> str:
    return arn("sqs", url.rsplit("/", 1)[-1])


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def local_runtime() -> str:
    """The Lambda runtime of this interpreter; the newest we offer when it is newer still."""
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"python{ours if ours in RUNTIMES else RUNTIMES[-1]}"


def _deploy(clients: Clients, name: str, package: Package, parameters: Mapping[str, str], *,
            bare: bool) -> dict[str, str]:
    code = publish(clients.objects, package.name, zipped(build(package, local=True, bare=bare)))
    return deploy(clients.stacks, clients.objects, name, packaged(read_template(package.template), code), parameters)
