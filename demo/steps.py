"""What `up` says while it works: one line a step, with the time it took."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import click

TITLE_WIDTH = 36


class Steps:
    """Prints each step and its seconds. `say` writes text without a line end."""

    def __init__(self, say: Callable[[str], None] | None = None,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say or (lambda text: click.echo(text, nl=False))
        self._clock = clock
        self._began = clock()

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """Name the step, do it, then print its time and whatever was appended to the list it hands out."""
        began = self._clock()
        self._say(f"  {title:<{TITLE_WIDTH}}")
        notes: list[str] = []
        try:
            yield notes
        except BaseException:
            self._say("\n")
            raise
        self._say(f"{self._clock() - began:5.1f} s  {', '.join(notes)}".rstrip() + "\n")

    def seconds(self) -> float:
        """Since the first step began to be thought of."""
        return self._clock() - self._began
