"""`up --detach`: the same `up` in a session of its own, for scripts that go on once it is ready."""

from __future__ import annotations

from collections.abc import Sequence

import click

from demo.cloud import clean_environment
from demo.errors import AlreadyRunning, DemoError
from demo.home import ROOT, Home
from demo.processes import exited, is_ours, python, start, wait_until

READY_S = 180.0


def detach(home: Home, arguments: Sequence[str]) -> None:
    """Start `python -m demo` with these arguments and return when the demo is ready.

    Raises AlreadyRunning, or DemoError with the last words of the one that failed."""
    if home.is_held():
        raise AlreadyRunning(home.state().dashboard)
    home.folder.mkdir(parents=True, exist_ok=True)
    output = home.folder / "up.log"
    output.unlink(missing_ok=True)
    child = start("demo", python("-m", "demo", *arguments), clean_environment(), ROOT, output)

    def is_ready() -> bool:
        state = home.state()
        return state.ready and state.supervisor is not None and state.supervisor.pid == child.pid

    wait_until(lambda: is_ready() or exited(child), READY_S)
    if not is_ready() or not is_ours(child):
        raise DemoError((output.read_text().strip().splitlines() or ["The demo ended at once."])[-1], f"See {output}.")
    click.echo(output.read_text().rstrip())
