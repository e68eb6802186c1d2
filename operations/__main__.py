"""`python -m operations`: the operators' command line. Same engine, permissions and audit as the dashboard."""

from __future__ import annotations

from typing import Any

import click

from operations.acts_command import COMMANDS
from operations.idempotency_command import idempotency
from operations.letters_command import dead_letters
from store.errors import LamplightError


class Refusal(click.ClickException):
    """One sentence on standard error, exit code 2; never a stack trace."""

    exit_code = 2


class Commands(click.Group):
    """Turns every error raised on purpose into a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Raises Refusal in place of a LamplightError."""
        try:
            return super().invoke(ctx)
        except LamplightError as error:
            raise Refusal(error.sentence) from error


@click.group(cls=Commands)
def main() -> None:
    """Send dead letters back, and look into idempotency tables."""


for command in COMMANDS:
    dead_letters.add_command(command)
main.add_command(dead_letters)
main.add_command(idempotency)

if __name__ == "__main__":
    main(prog_name="python -m operations")
