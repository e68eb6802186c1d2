"""`idempotency`: show, stuck, key, release."""

from __future__ import annotations

import sys
from typing import Any

import click

from operations import idempotency as records
from operations.errors import RecordNotFound, UnknownKeySchema
from operations.release import MAX_TIMEOUT_S, release
from operations.terminal import Terminal, options, when


@click.group()
def idempotency() -> None:
    """Look into idempotency tables; release what is stuck."""


@idempotency.command()
@click.argument("table")
@click.argument("key", required=False)
@click.option("--partition", help="The static partition key of a composite table, if it is not a usual one.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True)
@options
def show(table: str, key: str | None, partition: str | None, limit: int, as_json: bool,  # noqa: PLR0913
         actor_name: str | None) -> None:
    """The record of KEY in TABLE explained, or the newest records."""
    terminal = Terminal(as_json, actor_name)
    client, now = _client(terminal, table), terminal.connection.clock()
    if key is None:
        found = records.recent(client, table, limit)
        terminal.rows([_row(record, now) for record in found], f"{table} holds no records.")
        _say_if_partial(terminal, found)
        return
    record = records.look(client, table, key, partition)
    if record is None:
        raise RecordNotFound(table, key)
    terminal.one({**_row(record, now), "partition": next(iter(record.address.values())), "result": record.result},
                 record.explanation(now))


@idempotency.command()
@click.argument("table")
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True)
@options
def stuck(table: str, limit: int, as_json: bool, actor_name: str | None) -> None:
    """Records of TABLE that are in progress, and why each is."""
    terminal = Terminal(as_json, actor_name)
    client, now = _client(terminal, table), terminal.connection.clock()
    found = records.stuck(client, table, now, limit)
    terminal.rows([_row(record, now) for record in found], f"Nothing in {table} is in progress.")
    _say_if_partial(terminal, found)


@idempotency.command("key")
@click.argument("function")
@click.option("--language", type=click.Choice([str(one) for one in records.Language]), required=True)
@click.option("--payload", help="JSON text; default: standard input.")
@options
def key_(function: str, language: str, payload: str | None, as_json: bool, actor_name: str | None) -> None:
    """The key a library computes. FUNCTION is its prefix: name.module.qualname in Python, name in TypeScript,
    name.method in Java and .NET."""
    text = payload if payload is not None else sys.stdin.read()
    key = records.key_for(text, function, language)
    if as_json:
        Terminal(as_json, actor_name).one({"key": key, "language": language})
        return
    click.echo(key)


@idempotency.command("release")
@click.argument("table")
@click.argument("key")
@click.option("--reason", required=True, help="Why it is safe; kept in the audit.")
@click.option("--window", "window_s", type=click.IntRange(1), required=True,
              help="The function's idempotency window (expires_after_seconds), seconds.")
@click.option("--timeout", "timeout_s", type=click.IntRange(1, MAX_TIMEOUT_S), default=MAX_TIMEOUT_S, show_default=True,
              help="The function's timeout, seconds.")
@click.option("--partition", help="The static partition key of a composite table, if it is not a usual one.")
@options
def release_(table: str, key: str, reason: str, window_s: int, timeout_s: int, partition: str | None,  # noqa: PLR0913, PLR0917
             as_json: bool, actor_name: str | None) -> None:
    """Delete a stuck record, if it is still what this command reads and nothing can be running behind it."""
    terminal = Terminal(as_json, actor_name)
    connection, client = terminal.connection, _client(terminal, table)
    record = records.look(client, table, key, partition)
    if record is None:
        raise RecordNotFound(table, key)
    release(client, connection.table, connection.place, connection.clock, terminal.actor, terminal.writes,
            record=record, reason=reason, window_s=window_s, timeout_s=timeout_s)
    terminal.one({"released": record.key, "table": table}, "The next attempt with this key runs.")


def _client(terminal: Terminal, table: str) -> Any:
    """Raises UnknownKeySchema for a table that was not named in the settings."""
    allowed = terminal.connection.settings.idempotency_tables
    if table not in allowed:
        raise UnknownKeySchema(f"{table} is not among the idempotency tables of the settings.",
                               f"Set LAMPLIGHT_IDEMPOTENCY_TABLES; now: {', '.join(allowed) or 'none'}.")
    return terminal.connection.clients.dynamodb


def _row(record: records.IdempotencyRecord, now: int) -> dict[str, Any]:
    return {"key": record.key, "state": str(record.state(now)), "status": record.status, "schema": str(record.schema),
            "expires": when(record.expires_at), "locked until": when(record.locked_until),
            "explanation": record.explanation(now)}


def _say_if_partial(terminal: Terminal, found: records.Found) -> None:
    if not found.complete and not terminal.as_json:
        click.echo(f"The table is larger than the {found.scanned:,} rows that were read.")
