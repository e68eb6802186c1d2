"""Text in columns for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

CELL_CHARS = 60
"""Wide enough for any name AWS allows in most cases; a longer one must not push the numbers out of sight."""


def aligned(rows: Sequence[Sequence[str]], texts: int = 1) -> list[str]:
    """A header and its rows, the first `texts` columns to the left, numbers to the right; nothing for a header alone.

    A row of one cell runs free, below the row before it."""
    if len(rows) < 2:
        return []
    cells = [[plain(cell, CELL_CHARS) for cell in row] if len(row) > 1 else list(row) for row in rows]
    full = [row for row in cells if len(row) > 1]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    return [_line(row, widths, texts) for row in cells]


def _line(row: list[str], widths: list[int], texts: int) -> str:
    if len(row) == 1:
        return f"  {row[0]}"
    left = [cell.ljust(width) for cell, width in zip(row[:texts], widths, strict=False)]
    right = [cell.rjust(width) for cell, width in zip(row[texts:], widths[texts:], strict=True)]
    return "  ".join([*left, *right]).rstrip()


def plain(text: str, limit: int) -> str:
    """A cell: one line of at most `limit` characters, no control characters, from text that may be hostile."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else " " if char in "\t\n" else "?" for char in cut)
