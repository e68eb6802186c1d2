"""What compute costs, from a dated list. An estimate: no free tier, no discounts, no requests to other services.

Source: AWS Lambda pricing, us-east-1, first tier. Other regions differ by up to 40 %, so it is shown with `~`."""

from __future__ import annotations

from dataclasses import dataclass

from store.records import FunctionInfo
from store.rollups import Rollup

AS_OF = "2024-10"


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars per GB-second and per million requests."""

    gb_second: float
    million_requests: float


PRICES = {
    "x86_64": Price(0.0000166667, 0.20),
    "arm64": Price(0.0000133334, 0.20),
}


def cost(rollup: Rollup, architecture: str | None = None) -> float | None:
    """Dollars for what a rollup billed; None when nothing says how much memory was configured."""
    if not rollup.invocations or not rollup.gb_ms:
        return None
    price = PRICES.get(architecture or "x86_64", PRICES["x86_64"])
    return rollup.gb_ms / 1000 * price.gb_second + rollup.invocations / 1_000_000 * price.million_requests


def fleet_cost(parts: list[tuple[Rollup, FunctionInfo | None]]) -> float | None:
    """Dollars for several functions, each at its own architecture's price."""
    known = [cost(rollup, info.architecture if info else None) for rollup, info in parts]
    priced = [dollars for dollars in known if dollars is not None]
    return sum(priced) if priced else None
