"""What every entry point starts from: settings read and clients made once per execution environment."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import Protocol

from store.clients import Connection, connect
from store.settings import Settings


class Context(Protocol):
    """The part of the Lambda context that entry points use."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int: ...


@cache
def connection() -> Connection:
    """Raises SettingsError by name at the first use, which is at init: see the bottom of each entry point."""
    logging.getLogger().setLevel(logging.INFO)
    return connect(Settings.from_env(os.environ))
