"""What command lines share: who asks, the connection made on first use, and rows as a table or as JSON."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click

from operations.permissions import Actor
from store.clients import Connection, connect
from store.clock import iso
from store.settings import Settings

WIDEST = 60
"""Characters of a cell in a readable table; `--json` has all of it."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What could move the cursor, clear the screen or reorder a line."""


@dataclass
class Terminal:
    """One command's surroundings. `actor_name` overrules LAMPLIGHT_ACTOR; the role always comes from the settings."""

    as_json: bool = False
    actor_name: str | None = None

    @cached_property
    def connection(self) -> Connection:
        return connect(Settings.from_env(os.environ))

    @property
    def actor(self) -> Actor:
        settings = self.connection.settings
        return Actor(self.actor_name or settings.actor, settings.role)

    @property
    def writes(self) -> bool:
        return self.connection.settings.writes

    def rows(self, rows: Sequence[Mapping[str, Any]], nothing: str) -> None:
        """Several things of one kind; the sentence `nothing` when there is none."""
        if self.as_json:
            click.echo(_json(list(rows)))
        else:
            click.echo(table(rows) if rows else nothing)

    def one(self, facts: Mapping[str, Any], sentence: str = "") -> None:
        """One thing: its facts a line each, after a sentence."""
        if self.as_json:
            click.echo(_json(facts))
            return
        if sentence:
            click.echo(printable(sentence))
        wide = max(map(len, facts), default=0)
        for name, value in facts.items():
            click.echo(f"{name.ljust(wide)}  {_cell(value)}")


def options(command: Any) -> Any:
    """`--json` and `--actor`, after the subcommand as people write them; hands the command its Terminal."""
    command = click.option("--actor", "actor_name", help="Who acts, for the audit [default: LAMPLIGHT_ACTOR].")(command)
    return click.option("--json", "as_json", is_flag=True, help="JSON with every fact instead of a table.")(command)


def facts(record: Any) -> dict[str, Any]:
    """A record's fields by name; absent ones are None."""
    return dataclasses.asdict(record)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Columns as wide as their widest cell, a heading above."""
    names = list(rows[0])
    cells = [[name.upper() for name in names]]
    cells += [[_short(_cell(row[name])) for name in names] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
                     for line in cells)


def printable(text: str) -> str:
    """Text that cannot command a terminal."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def when(ms: int | None) -> str:
    return iso(ms) if ms is not None else "–"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, Mapping | list | tuple):
        return _json(value, None) if value else "–"
    return printable(str(value))


def _short(cell: str) -> str:
    return cell if len(cell) <= WIDEST else cell[:WIDEST - 1] + "…"


def _json(value: Any, indent: int | None = 2) -> str:
    return json.dumps(value, indent=indent, default=_bytes)


def _bytes(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
