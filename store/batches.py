"""What one pushed batch of log events told: deltas, with what the batch cut and what it measured beside the facts.

It all goes in one item where it can, because a write costs by the item and by the kilobyte."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from store import deltas
from store.clock import MINUTE_MS, floor_to
from store.fact_pack import Fact
from store.items import Item
from store.records import MetricPoint, MetricSeries, Place
from store.table import Table

MAX_BYTES = 150_000
"""Of cuts and of samples, each, compressed: an item has 400 KB. An invocation that says more in one batch is left to
reconciliation; samples go on in another item."""
MAX_PLAIN = 64 * 1_048_576
SAMPLES_PER_ITEM = 2_000


LoggedEvent = tuple[str, int, str]
"""Event id, epoch ms, message."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The log events at the edges of a batch, where neighbouring batches may hold the rest of the story. Each piece is
    a run of neighbouring events, in stream order."""

    log_group: str
    log_stream: str
    pieces: tuple[tuple[LoggedEvent, ...], ...]

    @property
    def until(self) -> int:
        """When the last of the events was logged, epoch ms."""
        return max(piece[-1][1] for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Sample:
    """What one log event said of one series. `point.at` is the minute it speaks of; `said_by` names the event and
    the metric in it, and is the sample's identity."""

    said_by: str
    series: MetricSeries
    point: MetricPoint


class Told(NamedTuple):
    """What batches told of some minutes, each fact and sample once."""

    facts: dict[str, Fact]
    cuts: list[Cut]
    samples: dict[str, Sample]


def put(table: Table, place: Place, function: str, facts: Iterable[Fact], cut: Cut | None,
        samples: Sequence[Sample]) -> list[int]:
    """Write what a batch told, each thing under the minute it speaks of. Returns those minutes (epoch ms)."""
    items = list(deltas.unnamed(facts))
    for minute in sorted({sample.point.at for sample in samples}):
        mine = [sample for sample in samples if sample.point.at == minute]
        for start in range(0, len(mine), SAMPLES_PER_ITEM):
            rows = [_sample_row(one) for one in mine[start:start + SAMPLES_PER_ITEM]]
            _beside(items, minute, "samples", _packed(rows))
    if cut is not None and cut.pieces:
        rest = _packed([cut.log_group, cut.log_stream, cut.pieces])
        if len(rest) <= MAX_BYTES:
            _beside(items, floor_to(cut.until, MINUTE_MS), "cut", rest)
    table.put_many(deltas.named(place, function, item) for item in items)
    return [item["minute"] for item in items]


def told(table: Table, place: Place, function: str, first: int, last: int) -> Told:
    """What batches told of the minutes `first` to `last` (their starts, epoch ms), read consistently."""
    raw = deltas.told(table, place, function, first, last)
    samples = {one.said_by: one for packed in raw.samples for one in map(_sample, _unpacked(packed))}
    return Told(raw.facts, [_cut(_unpacked(packed)) for packed in raw.cuts], samples)


def _beside(items: list[Item], minute: int, name: str, packed: bytes) -> None:
    """Put bytes into an item of their minute that has none of the kind yet."""
    for item in items:
        if item["minute"] == minute and name not in item and len(item["facts"]) + len(packed) <= MAX_BYTES:
            item[name] = packed
            return
    items.append(deltas.empty(minute) | {name: packed})


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def _unpacked(packed: bytes) -> Any:
    return json.loads(zlib.decompressobj().decompress(packed, MAX_PLAIN))


def _cut(row: Any) -> Cut:
    group, stream, pieces = row
    return Cut(group, stream, tuple(tuple((name, at, message) for name, at, message in piece) for piece in pieces))


def _sample_row(sample: Sample) -> list[Any]:
    series, point = sample.series, sample.point
    return [sample.said_by, series.namespace, series.name, series.unit, dict(series.dimensions),
            point.at, point.count, point.total, point.minimum, point.maximum]


def _sample(row: Any) -> Sample:
    said_by, namespace, name, unit, dimensions, *numbers = row
    return Sample(said_by, MetricSeries(namespace, name, unit, dimensions), MetricPoint(*numbers))
