"""What CloudWatch Logs Insights and the console export: GetQueryResults, JSON rows, CSV. Newest first, as a rule.

Fields are `@timestamp`, `@message`, `@logStream`, `@log` (`account:group`); the console's own CSV has a header of
`timestamp,message`. A row without its message cannot be read as a log event.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]
MAX_ROWS = 100_000
"""Insights gives at most 100,000 rows: only so many are turned round."""
MAX_FIELD = 4 * 1024 * 1024
"""A message of 1 MB, every quote of it doubled."""
_CONSOLE = {"timestamp": "@timestamp", "message": "@message", "logStreamName": "@logStream"}


def rows_in(document: Mapping[str, Any]) -> list[Row] | None:
    """The rows of a GetQueryResults answer, or None when it is none. Fields of a row are `{field, value}` pairs."""
    results = document.get("results")
    if not isinstance(results, list) or not results or not all(isinstance(row, list) for row in results):
        return None
    return [_row(pairs) for pairs in results]


def rows_of(results: list[Any]) -> list[Row] | None:
    """The rows of an answer's `results` alone (`--query results`), or None when they are something else."""
    if not results or not all(isinstance(row, list) and row and isinstance(row[0], dict) for row in results):
        return None
    rows = [_row(pairs) for pairs in results]
    return rows if all("@message" in row for row in rows) else None


def _row(pairs: list[Any]) -> Row:
    fields = [pair for pair in pairs if isinstance(pair, dict) and isinstance(pair.get("field"), str)]
    return {pair["field"]: pair.get("value") for pair in fields}


def is_header(line: str) -> bool:
    """Whether a first line is the header of an exported CSV."""
    names = [name.strip().strip('"') for name in line[:1_000].rstrip("\r\n").split(",")]
    return "@message" in names or ("message" in names and "timestamp" in names)


def csv_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of an exported CSV, its header first. Raises csv.Error for what is no CSV from there on."""
    csv.field_size_limit(MAX_FIELD)
    reader = csv.DictReader(lines)
    for row in reader:
        yield {_CONSOLE.get(name, name): value for name, value in row.items() if isinstance(name, str)}


def in_order(rows: Iterable[Row]) -> Iterator[Row]:
    """Oldest first, if newest first is how they come; of one time, the one written first. Rows that come oldest first
    are not held."""
    rows = iter(rows)
    held: list[Row] = []
    for row in rows:
        held.append(row)
        if len(held) == MAX_ROWS or _time(row) > _time(held[0]):
            break
    if held and _time(held[0]) > _time(held[-1]):
        held.reverse()
    yield from held
    yield from rows


def _time(row: Row) -> str:
    """ISO and digits alike compare as text."""
    time = row.get("@timestamp")
    return time if isinstance(time, str) else str(time) if isinstance(time, int | float) else ""
