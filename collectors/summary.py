"""The readable table of `parse --summary`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from store.histogram import Histogram, bucket_of

MAX_REASONS = 1_000
"""Different reasons and error types counted apart: hostile input could bring any number."""
SHOWN = 10
_PERCENTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


class Summary:
    """Counts over records, in constant memory."""

    def __init__(self) -> None:
        self.events = 0
        self.ignored: dict[str, int] = {}
        self._kinds: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._cold = 0
        self._durations: Counter[int] = Counter()

    @property
    def unrecognised(self) -> int:
        """How many lines and payloads could not be read."""
        return self._kinds["unrecognised"]

    def add(self, record: dict[str, Any]) -> None:
        """Count one printed record."""
        kind = record["kind"]
        self._kinds[kind] += 1
        if kind == "invocation":
            self._invocation(record)
        elif kind == "unrecognised":
            _count(self._reasons, record["reason"])

    def _invocation(self, record: dict[str, Any]) -> None:
        status = record["status"]
        self._statuses[str(status)] += 1
        self._cold += record["cold_start"] is True
        if record["duration_ms"] is not None:
            self._durations[bucket_of(record["duration_ms"])] += 1
        if status not in ("ok", "open"):
            _count(self._errors, record["error_type"] or str(status))

    def table(self) -> str:
        """All of it, aligned, sections only where there is something to say."""
        durations = Histogram(self._durations)
        percentiles = [(name, _ms(durations.percentile(q))) for name, q in _PERCENTILES]
        sections: list[tuple[str, list[tuple[str, Any]]]] = [
            ("read", [("events", self.events), *sorted(self._kinds.items())]),
            ("invocations", [*sorted(self._statuses.items()), ("cold starts", self._cold)]),
            ("duration", [*percentiles]),
            ("errors", self._errors.most_common(SHOWN)),
            ("not recognised", self._reasons.most_common(SHOWN)),
            ("passed over", Counter(self.ignored).most_common(SHOWN)),
        ]
        return "\n".join(_section(title, rows) for title, rows in sections if rows)


def _count(counter: Counter[str], key: str) -> None:
    counter[key if key in counter or len(counter) < MAX_REASONS else "others"] += 1


def _ms(value: float | None) -> str:
    return "too few" if value is None else f"{value:,.1f} ms"


def _section(title: str, rows: list[tuple[str, Any]]) -> str:
    body = [f"  {_plain(name):<48} {value if isinstance(value, str) else f'{value:,}':>14}" for name, value in rows]
    return "\n".join([title, *body])


def _plain(text: str) -> str:
    """A cell for a terminal: one line, no control characters, from text that may be hostile."""
    return "".join(char if char.isprintable() else "?" for char in text[:48])
