"""The first look of the deployed collectors, asked for through the Lambda API; later ones come on their schedule."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from demo.errors import DemoError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

COLLECTORS = ("CollectLogsFunction", "CollectMetricsFunction", "CollectQueuesFunction")


class FirstCollection:
    """The three collectors of a Lamplight stack with these outputs, running at once in the embedded cloud.

    A day of history takes the log collector longer than people like to wait for a page, and pages fill up while
    it reads: wait for as long as you care to, and ask again later."""

    def __init__(self, functions: LambdaClient, lamplight: Mapping[str, str]) -> None:
        self._functions = functions
        self._read: list[int] = []
        self._problems: list[DemoError] = []
        self._threads = [threading.Thread(target=self._run, args=(lamplight[key],), daemon=True)
                         for key in COLLECTORS]  # daemons, so that a Ctrl-C has not to wait for them
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float) -> None:
        """Return when all three have ended, or after `seconds`."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def outcome(self) -> str:
        """What has been read so far, in words. Raises DemoError with a function's own words when one failed."""
        for problem in self._problems:
            raise problem
        if not self.done():
            return "still reading the day; pages fill up meanwhile"
        return f"{sum(self._read):,} events, metrics and queues read"

    def _run(self, name: str) -> None:
        try:
            self._read.append(run(self._functions, name).get("read", 0))
        except DemoError as problem:
            self._problems.append(problem)


def run(functions: LambdaClient, name: str) -> dict[str, Any]:
    """One run of a deployed function, awaited; its answer. Raises DemoError when it failed."""
    try:
        answer = functions.invoke(FunctionName=name, Payload=b"{}")
        payload = json.loads(answer["Payload"].read() or b"null")
    except (ClientError, BotoCoreError) as exc:
        raise DemoError(f"The function {name} could not be run: {exc}") from exc
    if answer.get("FunctionError"):
        raise DemoError(f"The function {name} failed: {payload.get('errorMessage', payload)}.")
    return payload or {}
