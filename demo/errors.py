"""What can go wrong with the demo, said in a sentence and an advice."""

from __future__ import annotations

from store.errors import LamplightError


class DemoError(LamplightError):
    """The demo cannot start or go on."""


class AlreadyRunning(DemoError):
    """Another `up` holds this demo; `url` is where its dashboard is, or is about to be."""

    def __init__(self, url: str | None) -> None:
        where = f" ({url})" if url else ""
        super().__init__(f"The demo is already running{where}.", "Stop it with `python -m demo down`.")
        self.url = url
