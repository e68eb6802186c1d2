"""`python -m collectors subscriptions …`: which log groups are pushed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict

import click

from collectors import subscriptions
from collectors.subscriptions import Outcome, Subscriptions, Told
from store.clients import connect
from store.clock import iso
from store.errors import LamplightError
from store.settings import Settings

AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON with every fact.")
DRY = click.option("--dry-run", "dry", is_flag=True, help="Say what would be done, and do nothing.")
NAMES = click.argument("names", nargs=-1, metavar="NAME…")


@click.group("subscriptions")
def group() -> None:
    """Log groups that are pushed. NAME is a function, a log group, or a pattern of either, such as 'prod-*'."""


@group.command("list", short_help="Which log groups are pushed, and whether they are heard of.")
@NAMES
@click.option("--all", "every", is_flag=True, help="Every log group that is read, not only pushed ones.")
@AS_JSON
def list_(names: tuple[str, ...], every: bool, as_json: bool) -> None:
    """How the events of each log group come: pushed, or pulled and why."""
    chosen = _subscriptions(dry=True)
    groups = chosen.named(names) if names else chosen.every() if every else sorted(chosen.entered)
    _say(_each(groups, chosen.look), as_json, "No log group is pushed; all are pulled.")


@group.command(short_help="Have log groups pushed.")
@NAMES
@DRY
@AS_JSON
def add(names: tuple[str, ...], dry: bool, as_json: bool) -> None:
    """Make the subscription filter of each log group. What cannot have one stays pulled."""
    if not names:
        raise click.UsageError("Name at least one function or log group.")
    chosen = _subscriptions(dry)
    connection = chosen.connection
    to = subscriptions.destination(connection.clients.functions, connection.settings.table)
    _say(_each(chosen.named(names), lambda name: chosen.add(name, to)), as_json, "")


@group.command(short_help="Have log groups pulled again.")
@NAMES
@click.option("--all", "every", is_flag=True, help="Every log group that was added.")
@DRY
@AS_JSON
def remove(names: tuple[str, ...], every: bool, dry: bool, as_json: bool) -> None:
    """Remove the subscription filter that `add` made. Filters of others are left alone."""
    if bool(names) == every:
        raise click.UsageError("Name functions or log groups, or say --all.")
    chosen = _subscriptions(dry)
    groups = sorted(one for one in chosen.entered if chosen.entered[one].filter_name) if every else chosen.named(names)
    _say(_each(groups, chosen.remove), as_json, "No log group was added.")


def _subscriptions(dry: bool) -> Subscriptions:
    return Subscriptions(connect(Settings.from_env(os.environ)), dry)


def _each(groups: Iterable[str], do: Callable[[str], Told]) -> list[Told]:
    """What came of each; one that fails does not stop the others."""
    told = []
    for name in groups:
        try:
            told.append(do(name))
        except LamplightError as error:
            told.append(Told(name, Outcome.REFUSED, error.sentence))
    return told


def _say(told: list[Told], as_json: bool, nothing: str) -> None:
    if as_json:
        click.echo(json.dumps([asdict(one) for one in told], indent=2))
    elif not told:
        click.echo(nothing)
    else:
        wide = max(len(one.outcome) for one in told)
        for one in told:
            heard = f" Last event {iso(one.heard_at)}." if one.heard_at else ""
            click.echo(f"{one.outcome:<{wide}}  {one.group}  {one.why}{heard}".rstrip())
    if any(one.outcome is Outcome.REFUSED for one in told):
        raise SystemExit(1)
