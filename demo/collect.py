"""The first look of the deployed collectors, asked for through the Lambda API; later ones come on their schedule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from demo.errors import DemoError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

COLLECTORS = ("CollectLogsFunction", "CollectMetricsFunction", "CollectQueuesFunction")


def collect_once(functions: LambdaClient, lamplight: Mapping[str, str]) -> str:
    """Run the three collectors of a Lamplight stack with these outputs, at once, to their end; what they read.

    Raises DemoError with the function's own words when one fails."""
    pool = ThreadPoolExecutor(len(COLLECTORS))
    try:
        answers = list(pool.map(lambda key: run(functions, lamplight[key]), COLLECTORS))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return f"{sum(answer.get('read', 0) for answer in answers):,} read"


def run(functions: LambdaClient, name: str) -> dict[str, Any]:
    """One run of a deployed function, awaited; its answer. Raises DemoError when it failed."""
    answer = functions.invoke(FunctionName=name, Payload=b"{}")
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        raise DemoError(f"The function {name} failed: {payload.get('errorMessage', payload)}")
    return payload or {}
