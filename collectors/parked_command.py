"""`python -m collectors parked …`: pushed payloads that could not be read, and another try at them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

import click

from collectors.deliveries import taken_in
from collectors.pushed import Push
from store import parked
from store.clients import Connection, connect
from store.clock import iso
from store.parked import Parked
from store.settings import Settings

AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON with every fact.")
NAMES = click.argument("names", nargs=-1, metavar="NAME…")
EVERY = click.option("--all", "every", is_flag=True, help="All that are parked.")


@click.group("parked")
def group() -> None:
    """Pushed payloads that could not be read. They are kept for 14 days, each under a NAME."""


@group.command("list", short_help="What is parked, and why.")
@AS_JSON
def list_(as_json: bool) -> None:
    """Every parked payload with the reason, newest last."""
    connection = _connection()
    found = sorted(parked.of_place(connection.table, connection.place), key=lambda one: one.at)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
        return
    for one in found:
        click.echo(f"{one.name}  {iso(one.at)}  {one.size:,} bytes  {one.reason}  {one.source}")
    if not found:
        click.echo("No payload is parked.")


@group.command(short_help="One payload, as it came.")
@click.argument("name")
def show(name: str) -> None:
    """Write the payload of NAME to standard output: base64 of gzip, mostly; `parse` reads it."""
    connection = _connection()
    data = parked.data(connection.table, connection.place, name)
    if data is None:
        raise click.ClickException(f"Nothing is parked under {name}.")
    click.echo(data, nl=False)


@group.command(short_help="Read payloads again, after a fix.")
@NAMES
@EVERY
def replay(names: tuple[str, ...], every: bool) -> None:
    """Count what can be read now. A payload that is read whole is parked no longer; one counted before counts once."""
    connection = _connection()
    push, failed = Push(connection.table, connection.clock), False
    for one in _chosen(connection, names, every):
        data = parked.data(connection.table, connection.place, one.name) if one.whole else None
        if data is None:
            reasons = ["only its beginning is kept; its log group can be pulled"]
        else:
            reasons = taken_in(connection, push, data)
        failed |= bool(reasons)
        if not reasons:
            parked.done(connection.table, connection.place, one)
        click.echo(f"{one.name}  {'; '.join(reasons) if reasons else 'read'}")
    if failed:
        raise SystemExit(1)


@group.command(short_help="Give payloads up.")
@NAMES
@EVERY
def forget(names: tuple[str, ...], every: bool) -> None:
    """Remove payloads that will never be read."""
    connection = _connection()
    for one in _chosen(connection, names, every):
        parked.done(connection.table, connection.place, one)
        click.echo(f"{one.name}  forgotten")


def _connection() -> Connection:
    return connect(Settings.from_env(os.environ))


def _chosen(connection: Connection, names: tuple[str, ...], every: bool) -> list[Parked]:
    if bool(names) == every:
        raise click.UsageError("Give names, or say --all.")
    found = {one.name: one for one in parked.of_place(connection.table, connection.place)}
    missing = [name for name in names if name not in found]
    if missing:
        raise click.ClickException(f"Nothing is parked under {', '.join(missing)}.")
    return [found[name] for name in names] if names else list(found.values())
