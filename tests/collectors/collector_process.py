"""A collector as a process of its own, for tests that kill it. For every line on standard input (where the table is
reached, where the logs are, the table, a prefix of log groups) it forks a collector that does one run, and says its
pid; for a line `wait`, how the oldest ended. A fork is ready in milliseconds, where a new interpreter takes most of a
second to load the SDK."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import cast

import boto3

from collectors import logs
from store.clients import COLLECTING, STORING, Clients, Connection
from store.clock import wall_clock
from store.settings import Settings
from store.table import Table
from tests.builders import PLACE

LEFT_MS = 120_000
SESSION = boto3.Session("test", "test", region_name=PLACE.region)
"""Its service models are read before the fork."""


def collect(table_at: str, logs_at: str, table: str, prefix: str) -> None:
    """Exactly what the deployed collector puts together."""
    made = SimpleNamespace(place=PLACE, logs=SESSION.client("logs", endpoint_url=logs_at, config=COLLECTING))
    dynamo = SESSION.client("dynamodb", endpoint_url=table_at, config=STORING)
    settings = Settings(table, log_group_prefixes=(prefix,))
    logs.collect(Connection(cast(Clients, made), Table(dynamo, table, wall_clock), wall_clock, settings),
                 lambda: LEFT_MS)


def main() -> None:
    for name in ("dynamodb", "logs"):
        SESSION.client(name, endpoint_url="http://127.0.0.1:9")
    running: list[int] = []
    for line in sys.stdin:
        if line.strip() == "wait":
            _, status = os.waitpid(running.pop(0), 0)
            say("killed" if os.WIFSIGNALED(status) else f"ended {os.WEXITSTATUS(status)}")
            continue
        pid = os.fork()
        if pid == 0:
            collect(*line.split())
            os._exit(0)
        running.append(pid)
        say(str(pid))


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
