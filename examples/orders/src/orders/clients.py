"""AWS clients. Each function makes, while it starts, only those it always needs; the rest on first use.

A function handles one event at a time, so a pool of one connection is all it can use.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

CONFIG = Config(
    max_pool_connections=1,
    tcp_keepalive=True,
    connect_timeout=5,  # seconds: a connection that takes longer will not come, and the function's time runs
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
)


def table() -> Table:
    """The orders table; its name is in ORDERS_TABLE."""
    return boto3.resource("dynamodb", config=CONFIG).Table(os.environ["ORDERS_TABLE"])


def sqs() -> SQSClient:
    """Queues."""
    return boto3.client("sqs", config=CONFIG)


def s3() -> S3Client:
    """Pictures."""
    return boto3.client("s3", config=CONFIG)


@cache
def functions() -> LambdaClient:
    """Other functions; only orders that name an e-mail address need it, so it is made on first use."""
    return boto3.client("lambda", config=CONFIG)


@cache
def sns() -> SNSClient:
    """Alerts are rare: made on first use, so that a start without an alert does not pay for it."""
    return boto3.client("sns", config=CONFIG)


@cache
def cloudwatch() -> CloudWatchClient:
    """Only needed when METRICS_DIRECT is on."""
    return boto3.client("cloudwatch", config=CONFIG)
