"""`python -m collectors …`: the reading half of Lamplight on the command line."""

from __future__ import annotations

from typing import Any

import click

from collectors.parked_command import group as parked
from collectors.parse import parse
from collectors.run import command as run
from collectors.subscriptions_command import group as subscriptions
from store.errors import LamplightError


class Commands(click.Group):
    """Turns every error raised on purpose into a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Raises ClickException in place of a LamplightError."""
        try:
            return super().invoke(ctx)
        except LamplightError as error:
            raise click.ClickException(error.sentence) from error


@click.group(cls=Commands)
def main() -> None:
    """Read what Lambda functions and the platform write."""


for command in (parse, run, subscriptions, parked):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m collectors")
