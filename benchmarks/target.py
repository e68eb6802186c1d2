"""One measured promise: what was measured, what it has to be, and whether it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A number and its bound. `at_least` tells on which side of the bound it must be."""

    what: str
    measured: float
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


@dataclass(frozen=True)
class Report:
    """What one benchmark found: a table to read, and the targets it is held to."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target]

    def text(self) -> str:
        """The table and the verdicts, aligned for a terminal."""
        table = [self.columns, *self.rows]
        widths = [max(len(row[at]) for row in table) for at in range(len(self.columns))]
        lines = [self.title, *("  " + "  ".join(map(_padded, row, widths, range(len(row)))).rstrip() for row in table)]
        for target in self.targets:
            sign, verdict = ("≥" if target.at_least else "≤"), ("met" if target.met else "MISSED")
            lines.append(f"  {verdict:<6}  {target.what}: {target.measured:.2f} {sign} {target.bound:.2f}")
        return "\n".join(lines)


def _padded(cell: str, width: int, at: int) -> str:
    return cell.ljust(width) if at == 0 else cell.rjust(width)
