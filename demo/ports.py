"""Which ports are free on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from demo.errors import DemoError

TRIES = 100  # a machine with a hundred busy ports in a row has another problem


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(first: int, taken: Iterable[int] = ()) -> int:
    """The first free port from `first` upwards that is not in `taken`. Raises DemoError when there is none."""
    spoken_for = set(taken)
    for port in range(first, min(first + TRIES, 65536)):
        if port not in spoken_for and is_free(port):
            return port
    raise DemoError(f"No free port from {first} to {min(first + TRIES, 65536) - 1}.", "Choose another with --port.")
