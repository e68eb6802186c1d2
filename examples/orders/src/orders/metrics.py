"""Custom metrics, in namespace `<service>/Lambda`, written as embedded metric format lines in the log.

Where nothing reads metrics out of logs, METRICS_DIRECT=on also sends each with PutMetricData. On AWS that would
count everything twice.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from . import clients
from .logs import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cloudwatch.literals import StandardUnitType

metrics = Metrics()


class Measure(NamedTuple):
    """One value of one metric."""

    name: str
    unit: MetricUnit
    value: float


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Publish `<name>Duration` (ms) and `<name>Success`, or `<name>Error` when the block raises."""
    started = perf_counter()
    try:
        yield
    except Exception:
        publish(Measure(f"{name}Error", MetricUnit.Count, 1))
        raise
    publish(
        Measure(f"{name}Duration", MetricUnit.Milliseconds, (perf_counter() - started) * 1000),
        Measure(f"{name}Success", MetricUnit.Count, 1),
    )


def publish(*measures: Measure) -> None:
    """Add the measures to the invocation's metrics line; `metrics.log_metrics` writes it when the handler ends."""
    for measure in measures:
        metrics.add_metric(name=measure.name, unit=measure.unit, value=measure.value)
    if os.environ.get("METRICS_DIRECT") == "on":
        try:
            _put(measures)
        except (BotoCoreError, ClientError) as error:
            # Work that is done must not fail, and be done again, because nobody could count it.
            logger.warning("Metrics not sent", reason=str(error))


def _put(measures: tuple[Measure, ...]) -> None:
    service = os.environ["POWERTOOLS_SERVICE_NAME"]
    clients.cloudwatch().put_metric_data(
        Namespace=os.environ["POWERTOOLS_METRICS_NAMESPACE"],
        MetricData=[
            {
                "MetricName": measure.name,
                "Unit": _unit(measure.unit),
                "Value": measure.value,
                # The dimension Powertools gives the same metric in the log.
                "Dimensions": [{"Name": "service", "Value": service}],
            }
            for measure in measures
        ],
    )


def _unit(unit: MetricUnit) -> StandardUnitType:
    return "Milliseconds" if unit is MetricUnit.Milliseconds else "Count"
