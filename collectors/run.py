"""One run of one collector, or of all: what the schedules do, by hand."""

from __future__ import annotations

import os

import click

from collectors import logs, metrics, queues
from collectors.rounds import everywhere
from collectors.tally import TimeLeft
from store.clients import Connection, connect
from store.clock import MINUTE_MS
from store.errors import LamplightError
from store.records import CollectorRun
from store.settings import Settings

COLLECTORS = {"queues": queues.collect, "logs": logs.collect, "metrics": metrics.collect}
"""In the order that `all` runs them: what queues and functions there are, then what they say."""
RUN_MS = 15 * MINUTE_MS
"""A run by hand may take as long as the longest Lambda invocation."""


def run(kind: str, connection: Connection, time_left_ms: TimeLeft) -> list[CollectorRun]:
    """Run one collector, or `all`, here and in every place of LAMPLIGHT_PLACES. Each is in the table as a run. Raises
    LamplightError when the table cannot be used, KeyError when there is no such collector."""
    chosen = list(COLLECTORS) if kind == "all" else [kind]
    return [run for name in chosen for run in everywhere(name, COLLECTORS[name], connection, time_left_ms)]


@click.command("run", short_help="Collect once.")
@click.argument("kind", type=click.Choice([*sorted(COLLECTORS), "all"]))
@click.option("--once", is_flag=True, required=True, help="One run, then stop: repeating is the scheduler's work.")
def command(kind: str, once: bool) -> None:
    """Read logs, metrics or queues once and say what came of it. Settings come from the environment."""
    try:
        connection = connect(Settings.from_env(os.environ))
        deadline = connection.clock() + RUN_MS
        runs = run(kind, connection, lambda: deadline - connection.clock())
    except LamplightError as error:
        raise click.ClickException(error.sentence) from error
    for one in runs:
        where = "" if one.place == runs[0].place else f" in {one.place.account}/{one.place.region}"
        click.echo(f"{one.collector}{where}: read {one.read:,}, wrote {one.wrote:,}, {one.unrecognised:,} not "
                   f"recognised, {one.took_ms:,} ms")
        for problem in one.problems:
            click.echo(f"  {problem}", err=True)
