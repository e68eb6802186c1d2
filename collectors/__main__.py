"""`python -m collectors …`: the reading half of Lamplight on the command line."""

from __future__ import annotations

import click

from collectors.parse import parse
from collectors.run import command as run


@click.group()
def main() -> None:
    """Read what Lambda functions and the platform write."""


main.add_command(parse)
main.add_command(run)

if __name__ == "__main__":
    main(prog_name="python -m collectors")
