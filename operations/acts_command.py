"""`dead-letters discard|undo|release|edit|restore|export|import`: what people do to letters outside a redrive."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from operations import discard as discards
from operations import edit as edits
from operations import export as exports
from operations import imports, quarantine
from operations.edit_preview import EditChange, preview
from operations.letter_acts import ActReport
from operations.terminal import Terminal, options, printable

reason_option = click.option("--reason", required=True, help="Why; kept in the audit and with the letter.")
ids_option = click.option("--id", "message_ids", multiple=True, required=True, help="A message id; may be repeated.")


@click.command("discard")
@click.argument("queue")
@ids_option
@reason_option
@options
def discard_(queue: str, message_ids: tuple[str, ...], reason: str, as_json: bool, actor_name: str | None) -> None:
    """Put letters aside. They stay in the table, and `undo` brings them back."""
    _act(discards.discard, Terminal(as_json, actor_name), queue, message_ids, reason)


@click.command()
@click.argument("queue")
@ids_option
@reason_option
@options
def undo(queue: str, message_ids: tuple[str, ...], reason: str, as_json: bool, actor_name: str | None) -> None:
    """Give discarded letters the very state they had."""
    _act(discards.undo, Terminal(as_json, actor_name), queue, message_ids, reason)


@click.command()
@click.argument("queue")
@ids_option
@reason_option
@options
def release(queue: str, message_ids: tuple[str, ...], reason: str, as_json: bool, actor_name: str | None) -> None:
    """Release letters from quarantine: their lineage came back from three redrives."""
    _act(quarantine.release, Terminal(as_json, actor_name), queue, message_ids, reason)


@click.command()
@click.argument("queue")
@ids_option
@reason_option
@options
def restore(queue: str, message_ids: tuple[str, ...], reason: str, as_json: bool, actor_name: str | None) -> None:
    """Send the original of edited letters again."""
    _act(edits.restore, Terminal(as_json, actor_name), queue, message_ids, reason)


@click.command("edit")
@click.argument("queue")
@ids_option
@click.option("--patch", type=click.File("r", encoding="utf-8"), help="A JSON Patch (RFC 6902).")
@click.option("--text", type=click.File("r", encoding="utf-8"), help="A whole new text instead.")
@click.option("--digest", help="Do it: the digest that the preview printed.")
@click.option("--reason", help="Why; needed to do it.")
@options
def edit_(queue: str, message_ids: tuple[str, ...], patch: TextIO | None, text: TextIO | None,
          as_json: bool, actor_name: str | None, **agreed: str | None) -> None:
    """Change what letters will send. Without --digest it only shows the differences."""
    terminal = Terminal(as_json, actor_name)
    connection = terminal.connection
    change = EditChange(patch.read() if patch else None, text.read() if text else None)
    digest = agreed["digest"]
    if digest:
        _report(terminal, edits.edit(
            connection.table, connection.place, connection.clock, terminal.actor, terminal.writes, queue=queue,
            message_ids=message_ids, change=change, digest=digest, reason=agreed["reason"] or "",
            act_id=uuid.uuid4().hex))
        return
    shown = preview(connection.table, connection.place, queue, message_ids, change)
    letters = [{"message id": one.message_id, "problem": one.problem, "caution": one.caution, "of": one.of,
                "diff": one.diff} for one in shown.letters]
    if as_json:
        terminal.one({"digest": shown.digest, "letters": letters})
        return
    for one in shown.letters:
        lines = (f"{one.message_id}: {one.problem or f'{one.of} would be edited'}", *one.diff.splitlines())
        click.echo("\n".join(map(printable, lines)))
    click.echo(f"{len(shown.runnable):,} of {len(shown.letters):,} would be edited. Digest {shown.digest}")


@click.command("export")
@click.argument("queue")
@ids_option
@reason_option
@click.option("--out", type=click.Path(path_type=Path, allow_dash=True), default="-", help="A file [default: -].")
@click.option("--no-bodies", is_flag=True, help="For reading only: without bodies, attributes and error messages.")
@click.option("--actor", "actor_name", help="Who acts, for the audit [default: LAMPLIGHT_ACTOR].")
def export_(queue: str, message_ids: tuple[str, ...], reason: str, out: Path, no_bodies: bool,
            actor_name: str | None) -> None:
    """Write letters as lines of JSON, with their journals."""
    terminal = Terminal(False, actor_name)
    connection = terminal.connection
    asked = exports.export(connection.table, connection.place, connection.clock, terminal.actor, terminal.writes,
                           queue=queue, message_ids=message_ids, reason=reason, act_id=uuid.uuid4().hex,
                           bodies=not no_bodies)
    with click.open_file(str(out), "w", encoding="utf-8") as file:
        file.writelines(asked.lines())


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@reason_option
@options
def import_(path: Path, reason: str, as_json: bool, actor_name: str | None) -> None:
    """Restore the letters of an export (a file, or - for standard input) that are not in the table."""
    terminal = Terminal(as_json, actor_name)
    connection = terminal.connection
    with tempfile.TemporaryFile() as kept, click.open_file(str(path), "rb") as given:
        shutil.copyfileobj(given, kept)  # a pipe cannot be read twice, and a file can change in between

        def lines() -> Iterator[str]:
            kept.seek(0)
            yield from (line.decode("utf-8", "replace") for line in kept)  # what was replaced does not verify

        done = imports.import_letters(connection.table, connection.place, connection.clock, terminal.actor,
                                      terminal.writes, lines=lines, reason=reason, act_id=uuid.uuid4().hex)
    terminal.one({"queue": done.queue, "new": done.new, "standing": done.standing},
                 f"Letters restored to {done.queue}: {done.new:,}. There already: {done.standing:,}.")


def _act(act: Any, terminal: Terminal, queue: str, message_ids: tuple[str, ...], reason: str) -> None:
    connection = terminal.connection
    _report(terminal, act(connection.table, connection.place, connection.clock, terminal.actor, terminal.writes,
                          queue=queue, message_ids=message_ids, reason=reason, act_id=uuid.uuid4().hex))


def _report(terminal: Terminal, report: ActReport) -> None:
    terminal.rows([{"message id": one.message_id, "done": one.done, "why not": one.why} for one in report.results],
                  "Nothing was selected.")


COMMANDS = (discard_, undo, release, edit_, restore, export_, import_)
