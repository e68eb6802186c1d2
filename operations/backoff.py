"""Waiting before another try: longer each time, and never two workers at the same moment."""

from __future__ import annotations

from collections.abc import Callable

from operations.senders import Backoff

FIRST_S = 0.2
LONGEST_S = 5.0
"""Well under half a lease for three tries."""


def exponential(pause: Callable[[float], None], chance: Callable[[], float]) -> Backoff:
    """A backoff with full jitter: before try n it pauses up to 0.2 × 2^(n−1) seconds, at most 5. `pause` waits
    seconds, `chance` returns 0 to 1."""
    return lambda number: pause(min(LONGEST_S, FIRST_S * 2 ** (number - 1)) * chance())
