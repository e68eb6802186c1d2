"""`python -m demo down`: ask the running demo to end, or clean up after one that cannot be asked."""

from __future__ import annotations

import contextlib
import os
import signal

import click

from demo.errors import DemoError
from demo.home import Home
from demo.processes import is_ours, wait_until

STOP_S = 20.0  # two rounds of grace for the children, and some


def down(home: Home) -> None:
    """Return when nothing of the demo in this folder runs. Raises DemoError when it does not end in time."""
    if not home.is_held():
        stopped = home.clean_up()
        click.echo(f"Cleaned up after a demo that was killed: {', '.join(child.name for child in stopped)}."
                   if stopped else "The demo is not running.")
        return
    supervisor = home.state().supervisor
    if supervisor is None or not is_ours(supervisor):
        raise DemoError("The demo has only just begun to start.", "Try again in a second.")
    with contextlib.suppress(ProcessLookupError):
        os.kill(supervisor.pid, signal.SIGTERM)
    if not wait_until(lambda: not home.is_held() and not is_ours(supervisor), STOP_S):
        raise DemoError(f"The demo (process {supervisor.pid}) does not end.", f"See {home.logs}.")
    click.echo("Stopped; nothing is left running.")
