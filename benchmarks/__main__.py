"""`python -m benchmarks [NAME…]`: run all benchmarks, or those named; exit 1 when a target is missed."""

from __future__ import annotations

import importlib
import sys

import click

NAMES = ("reading", "memory", "parse_memory", "imports", "redrive", "cost", "scale", "access")
"""One module each, with `run() -> Report`."""
LONG = ("faults",)
"""The same, run only when named."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice((*NAMES, *LONG)), metavar="[NAME…]")
def main(names: tuple[str, ...]) -> None:
    """Measure what is promised: reading, memory, imports, redrive. All of them, or those named."""
    met = True
    for name in names or NAMES:
        report = importlib.import_module(f"benchmarks.{name}").run()
        click.echo(report.text() + "\n")
        met = met and all(target.met for target in report.targets)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
