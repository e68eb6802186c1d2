"""Text in columns for a terminal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

CELL_CHARS = 60
"""Wide enough for any name AWS allows in most cases; a longer one must not push the numbers out of sight."""
LEAST_TEXT = 20
"""Names are cut to fit a terminal, but not shorter than this: what then does not fit goes into a table below."""
GAP = 2


def width_of(terminal: bool) -> int | None:
    """The columns there are: the terminal's, or what COLUMNS says; None where a line may have any length."""
    return shutil.get_terminal_size((80, 24)).columns if terminal or "COLUMNS" in os.environ else None


def aligned(rows: Sequence[Sequence[str]], texts: int = 1, width: int | None = None) -> list[str]:
    """A header and its rows, the first `texts` columns to the left, numbers to the right; nothing for a header alone.

    A row of one cell runs free, below the row before it. What is wider than `width` has its texts cut in the middle;
    numbers that do not fit all the same stand in tables of their own below."""
    if len(rows) < 2:
        return []
    cells = [[plain(cell, CELL_CHARS) for cell in row] if len(row) > 1 else list(row) for row in rows]
    full = [row for row in cells if len(row) > 1]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    if width is None:
        return [_line(row, widths, texts) for row in cells]
    lines: list[str] = []
    lots = _lots(widths, texts, width)
    room = min(width - _taken(widths[begin:end]) for begin, end in lots)
    widths[:texts] = _cut(widths[:texts], room - GAP * (texts - 1))
    for begin, end in lots:
        if lines:
            lines.append("")
            cells = [row for row in cells if len(row) > 1 or not row[0].startswith(" ")]
        lines += [_line(row[:texts] + row[begin:end] if len(row) > 1 else [plain(row[0], width - GAP)],
                        widths[:texts] + widths[begin:end], texts) for row in cells]
    return lines


def _lots(widths: list[int], texts: int, width: int) -> list[tuple[int, int]]:
    """The columns of numbers, in as few lots of about as many columns as fit beside texts of the least width."""
    texts_take = sum(min(one, LEAST_TEXT) for one in widths[:texts]) + GAP * (texts - 1)
    numbers = len(widths) - texts
    for count in range(1, numbers + 1):
        each = -(-numbers // count)
        lots = [(at, min(at + each, len(widths))) for at in range(texts, len(widths), each)]
        if all(texts_take + _taken(widths[begin:end]) <= width for begin, end in lots):
            break
    return lots


def _taken(widths: list[int]) -> int:
    return sum(widths) + GAP * len(widths)


def _cut(widths: list[int], room: int) -> list[int]:
    """Widths of texts that take no more than `room`, if that can be: the widest give way first."""
    widths = list(widths)
    while sum(widths) > room and max(widths) > LEAST_TEXT:
        widths[widths.index(max(widths))] -= 1
    return widths


def _line(row: list[str], widths: list[int], texts: int) -> str:
    if len(row) == 1:
        return f"  {row[0]}"
    left = [_middle(cell, width).ljust(width) for cell, width in zip(row[:texts], widths, strict=False)]
    right = [cell.rjust(width) for cell, width in zip(row[texts:], widths[texts:], strict=True)]
    return (" " * GAP).join([*left, *right]).rstrip()


def _middle(text: str, width: int) -> str:
    """A name with its middle left out: the ends of names tell them apart."""
    if len(text) <= width:
        return text
    head = width // 2
    return text[:head] + "…" + text[len(text) - (width - head - 1) :]


def plain(text: str, limit: int) -> str:
    """A cell: one line of at most `limit` characters, no control characters, from text that may be hostile."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else " " if char in "\t\n" else "?" for char in cut)
