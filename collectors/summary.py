"""The readable table of `parse --summary`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from collectors.columns import aligned, plain
from store.histogram import Histogram, bucket_of
from store.records import Status

MAX_COUNTED = 1_000
"""Functions, metrics, error types, reasons counted apart: hostile input could bring any number, others are `others`."""
SHOWN = 20
OTHERS = "others"
UNNAMED = "(function not named)"
SAMPLE_CHARS = 100
_FAILED = [status for status in Status if status.failed]


class FunctionCounts:
    """One function's invocations."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.cold = 0
        self.durations: Counter[int] = Counter()
        self.inits: Counter[int] = Counter()
        self.used_mb: int | None = None
        self.memory_mb: int | None = None

    def add(self, record: dict[str, Any]) -> None:
        """Count one invocation."""
        self.statuses[str(record["status"])] += 1
        self.cold += record["cold_start"] is True
        if record["duration_ms"] is not None:
            self.durations[bucket_of(record["duration_ms"])] += 1
        init = record["init_ms"] if record["init_ms"] is not None else record["restore_ms"]
        if init is not None:
            self.inits[bucket_of(init)] += 1
        if record["max_memory_mb"] is not None and record["max_memory_mb"] >= (self.used_mb or 0):
            self.used_mb, self.memory_mb = record["max_memory_mb"], record["memory_mb"]

    @property
    def total(self) -> int:
        return self.statuses.total()

    @property
    def failed(self) -> int:
        return sum(self.statuses[status] for status in _FAILED)

    def merge(self, other: FunctionCounts) -> None:
        """Add another function's counts."""
        self.statuses += other.statuses
        self.cold += other.cold
        self.durations += other.durations
        self.inits += other.inits
        if (other.used_mb or 0) > (self.used_mb or 0):
            self.used_mb, self.memory_mb = other.used_mb, other.memory_mb


class MetricCounts:
    """The values of one metric."""

    def __init__(self) -> None:
        self.n, self.sum, self.least, self.most = 0, 0.0, float("inf"), float("-inf")

    def add(self, values: list[float]) -> None:
        self.n += len(values)
        self.sum += sum(values)
        self.least, self.most = min(self.least, *values), max(self.most, *values)


class Summary:
    """Counts over records, in constant memory."""

    def __init__(self) -> None:
        self.inputs = self.events = 0
        self.ignored: dict[str, int] = {}
        self._kinds: Counter[str] = Counter()
        self._functions: dict[str, FunctionCounts] = {}
        self._metrics: dict[tuple[str, str, str], MetricCounts] = {}
        self._inits: Counter[tuple[str, str]] = Counter()
        self._errors: Counter[tuple[str, str]] = Counter()
        self._reasons: Counter[str] = Counter()
        self._samples: dict[str, str] = {}
        self._first: int | None = None
        self._last: int | None = None

    @property
    def unrecognised(self) -> int:
        """How many lines and payloads could not be read."""
        return self._kinds["unrecognised"]

    @property
    def found(self) -> bool:
        """Whether anything was told at all."""
        return bool(self._kinds)

    def add(self, record: dict[str, Any], function: str = "") -> None:
        """Count one printed record of a function."""
        kind, function = record["kind"], function or UNNAMED
        self._kinds[kind] += 1
        if kind == "invocation":
            self._invocation(record, function)
        elif kind == "metric":
            key = (record["namespace"], record["name"], record["unit"])
            known = key in self._metrics or len(self._metrics) < MAX_COUNTED
            self._metrics.setdefault(key if known else (OTHERS, "", ""), MetricCounts()).add(record["values"])
        elif kind == "init":
            _count(self._inits, (function, record["error_type"] or record["status"]))
        else:
            _count(self._reasons, record["reason"])
            if record["reason"] in self._reasons:
                self._samples.setdefault(record["reason"], record["sample"])

    def _invocation(self, record: dict[str, Any], function: str) -> None:
        known = function in self._functions or len(self._functions) < MAX_COUNTED
        self._functions.setdefault(function if known else OTHERS, FunctionCounts()).add(record)
        if Status(record["status"]).failed:
            _count(self._errors, (function, record["error_type"] or str(record["status"])))
        for at in (record["started_at"], record["ended_at"]):
            if at is not None:
                self._first = at if self._first is None else min(at, self._first)
                self._last = at if self._last is None else max(at, self._last)

    def table(self, width: int | None = None) -> str:
        """All of it, aligned, no wider than `width`, sections only where there is something to say."""
        sections = [
            [self._read()],
            aligned(self._function_rows(), width=width) or ["No invocation was found."],
            aligned([("errors", "type", "invocations"), *_ranked(self._errors)], 2, width),
            aligned([("inits failed, or without invocation", "type", "inits"), *_ranked(self._inits)], 2, width),
            aligned(self._metric_rows(), 2, width),
            aligned([("not recognised", "times"), *_ranked(self._reasons, self._samples)], 1, width),
            aligned([("passed over", "times"), *_ranked(Counter(self.ignored))], 1, width),
        ]
        return "\n\n".join("\n".join(lines) for lines in sections if lines)

    def _read(self) -> str:
        events = "1 event" if self.events == 1 else f"{self.events:,} events"
        inputs = {0: "no input", 1: "1 input"}.get(self.inputs, f"{self.inputs:,} inputs")
        times = ""
        if self._first is not None and self._last is not None:
            times = f", {_time(self._first)} to {_time(self._last)} UTC"
        return f"{events} from {inputs}{times}"

    def _function_rows(self) -> list[tuple[str, ...]]:
        """Worst first; a column for each status there is."""
        total = FunctionCounts()
        for counts in self._functions.values():
            total.merge(counts)
        statuses = [status for status in Status if total.statuses[status] or status is Status.OK]
        ranked = sorted(self._functions.items(), key=lambda item: (-item[1].failed, -item[1].total, item[0]))
        rows = [_function_row(name, counts, statuses) for name, counts in ranked[:SHOWN]]
        if len(ranked) > SHOWN:
            rows.append((f"and {len(ranked) - SHOWN:,} more",))
        if len(ranked) > 1:
            rows.append(_function_row("all", total, statuses))
        header = ("function", "invocations", *(str(status) for status in statuses), "cold", "p50", "p95", "p99",
                  "init p50", "max memory")
        return [header, *rows]

    def _metric_rows(self) -> list[tuple[str, ...]]:
        rows = [
            (f"{namespace} {name}", "" if unit == "None" else unit, f"{counts.n:,}", *map(_number, (
                counts.least, counts.sum / counts.n, counts.most, counts.sum)))
            for (namespace, name, unit), counts in sorted(self._metrics.items())[:SHOWN]
        ]  # fmt: skip
        if len(self._metrics) > SHOWN:
            rows.append((f"and {len(self._metrics) - SHOWN:,} more",))
        return [("metrics", "unit", "values", "least", "mean", "most", "sum"), *rows]


def _function_row(name: str, counts: FunctionCounts, statuses: Iterable[str]) -> tuple[str, ...]:
    durations, inits = Histogram(counts.durations), Histogram(counts.inits)
    memory = "–"
    if counts.used_mb is not None:
        memory = f"{counts.used_mb:,} of {counts.memory_mb:,} MB" if counts.memory_mb else f"{counts.used_mb:,} MB"
    return (
        name, f"{counts.total:,}", *(f"{counts.statuses[status]:,}" for status in statuses), f"{counts.cold:,}",
        *(_ms(durations.percentile(q)) for q in (0.5, 0.95, 0.99)), _ms(inits.quantile(0.5)), memory,
    )  # fmt: skip


def _ranked(counter: Counter[Any], samples: dict[str, str] | None = None) -> list[tuple[str, ...]]:
    """The most frequent, each with its count, and below it an example."""
    rows: list[tuple[str, ...]] = []
    for key, count in counter.most_common(SHOWN):
        names = key if isinstance(key, tuple) else (key,)
        rows.append((*names, f"{count:,}"))
        if samples is not None and key in samples:
            rows.append((f"  e.g. {plain(samples[key], SAMPLE_CHARS)}",))
    if len(counter) > SHOWN:
        rows.append((f"and {len(counter) - SHOWN:,} more",))
    return rows


def _count(counter: Counter[Any], key: Any) -> None:
    others = OTHERS if isinstance(key, str) else (OTHERS, "")
    counter[key if key in counter or len(counter) < MAX_COUNTED else others] += 1


def _ms(value: float | None) -> str:
    """A duration with its unit, three digits or so of it; – when there were too few to say."""
    if value is None:
        return "–"
    if value >= 10_000:
        return f"{value / 1000:,.1f} s"
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.1f} ms"


def _number(value: float) -> str:
    if abs(value) >= 1e15:
        return f"{value:.3g}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
