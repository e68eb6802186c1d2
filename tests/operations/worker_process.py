"""A worker as a process of its own, for tests that kill it. For every line on standard input (where the cloud is
reached, the table, milliseconds its clock is ahead) it forks a worker that does one run, and says its pid, then how
it ended. A fork is ready in milliseconds, where a new interpreter takes most of a second to load the SDK."""

from __future__ import annotations

import os
import random
import sys
import time

import boto3

from operations import worker
from operations.backoff import exponential
from operations.function_sender import FunctionSender
from operations.queue_inbox import QueueInbox
from operations.queue_sender import QueueSender
from store.clients import READING, SENDING
from store.clock import wall_clock
from store.recovery import Way
from store.table import Table

LEFT_MS = 120_000
SESSION = boto3.Session("test", "test", region_name="eu-central-1")
"""Its service models are read before the fork."""


def work(endpoint: str, table: str, ahead_ms: str) -> None:
    """Exactly what the deployed worker puts together, but for the clock."""
    sending = SESSION.client("sqs", endpoint_url=endpoint, config=SENDING)

    def clock() -> int:
        return wall_clock() + int(ahead_ms)

    backoff = exponential(time.sleep, random.random)  # the process waits as the deployed one does
    worker.run(
        Table(SESSION.client("dynamodb", endpoint_url=endpoint, config=READING), table, clock), clock,
        {Way.SEND: QueueSender(sending, backoff),
         Way.INVOKE: FunctionSender(SESSION.client("lambda", endpoint_url=endpoint, config=SENDING), backoff)},
        f"process-{os.getpid()}", lambda: LEFT_MS, time.sleep,
        inbox=QueueInbox(SESSION.client("sqs", endpoint_url=endpoint, config=READING)))


def main() -> None:
    for name in ("sqs", "dynamodb", "lambda"):
        SESSION.client(name, endpoint_url="http://127.0.0.1:9")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            work(*line.split())
            os._exit(0)
        say(str(pid))
        _, status = os.waitpid(pid, 0)
        say("killed" if os.WIFSIGNALED(status) else f"ended {os.WEXITSTATUS(status)}")


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
