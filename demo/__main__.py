"""`python -m demo up|down|status`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click

from demo import cloud, dashboard
from demo.detached import detach
from demo.down import down
from demo.errors import AlreadyRunning
from demo.home import DEFAULT, Home
from demo.status import lines, status
from demo.up import SEED, Options, up
from store.errors import LamplightError

Given = ParamSpec("Given")


def said_plainly(command: Callable[Given, None]) -> Callable[Given, None]:
    """Our errors end the command with one sentence and exit code 1, never with a stack trace."""

    @wraps(command)
    def plain(*args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except LamplightError as exc:
            raise click.ClickException(exc.sentence) from exc

    return plain


PORT = click.IntRange(1, 65535)
in_folder = click.option("--home", "folder", type=click.Path(path_type=Path, file_okay=False), default=DEFAULT,
                         help="Folder of this demo; several folders can run at once.  [default: .demo]")


@click.group()
def main() -> None:
    """Lamplight on this machine: an embedded cloud, a watched service, the dashboard."""
    cloud.isolate()


@main.command("up")
@in_folder
@click.option("--port", type=PORT, default=dashboard.FIRST_PORT, show_default=True,
              help="Of the dashboard; the next free one is taken when it is busy.")
@click.option("--cloud-port", type=PORT, default=cloud.FIRST_PORT, show_default=True,
              help="Of the embedded cloud; the next free one is taken when it is busy.")
@click.option("--dashboard/--no-dashboard", default=True, help="Start the dashboard.")
@click.option("--history/--no-history", default=True, help="Write a day of log events first.")
@click.option("--traffic/--no-traffic", default=True, help="Keep orders coming.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Same seed, same story.")
@click.option("--detach", "detached", is_flag=True, help="Return when the demo is ready, and leave it running.")
@said_plainly
def up_command(folder: Path, detached: bool, **chosen: Any) -> None:
    """Start everything; Ctrl-C stops it. A second `up` says where the first one is."""
    home = Home(folder)
    try:
        if detached:
            words = [word for word in sys.argv[1:] if word != "--detach"]
            detach(home, [*words, "--home", str(home.folder)])  # the child runs elsewhere: no relative path
        else:
            up(home, Options(**chosen))
    except AlreadyRunning as running:
        click.echo(running.sentence)


@main.command("down")
@in_folder
@said_plainly
def down_command(folder: Path) -> None:
    """Stop the demo, or clean up after one that was killed."""
    down(Home(folder))


@main.command("status")
@in_folder
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@said_plainly
def status_command(folder: Path, as_json: bool) -> None:
    """Endpoint, dashboard, table, queues and functions. Exit code 3 when the demo does not run."""
    known = status(Home(folder))
    print(json.dumps(asdict(known)) if as_json else "\n".join(lines(known, folder)))
    if not known.running:
        raise SystemExit(3)


if __name__ == "__main__":
    main(prog_name="python -m demo")
