"""Rollups as short rows of JSON: what several of them kept in one item look like. About 90 bytes each, compressed,
where an item of its own takes 600."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from store.histogram import Histogram
from store.items import Item

MAX_PLAIN = 8 * 1_048_576
"""Sixty minutes of full histograms are under 1 MiB; anything larger is not ours."""
FIELDS = ("start", "invocations", "cold_starts", "restores", "billed_ms", "gb_ms", "memory_mb", "max_memory_mb",
          "weight", "by_status", "groups", "versions", "duration", "init")
_HISTOGRAMS = ("duration", "init")
GAP = 4
"""Empty buckets written out between two full ones: shorter than beginning a new run."""


def row(item: Item) -> list[Any]:
    """The facts of a rollup's item that its place, function and span do not say."""
    return [_runs(Histogram.unpack(item[name]).counts) if name in _HISTOGRAMS else item.get(name) for name in FIELDS]


def item_of(found: Sequence[Any]) -> Item:
    """The facts of a row, by name."""
    item = dict(zip(FIELDS, found, strict=True))
    return {name: value for name, value in {**item, **{name: _histogram(item[name]) for name in _HISTOGRAMS}}.items()
            if value is not None}


def pack(items: Sequence[Item]) -> bytes:
    return zlib.compress(json.dumps([row(item) for item in items], separators=(",", ":")).encode(), 9)


def unpack(packed: bytes) -> list[Item]:
    """The items again. Raises ValueError on anything `pack` did not make."""
    return [item_of(found) for found in json.loads(zlib.decompressobj().decompress(packed, MAX_PLAIN))]


def unpack_first(packed: bytes) -> list[Item]:
    """Minutes of an hour as 0.1 wrote them: whole items as JSON, their histograms in base64."""
    items: list[Item] = json.loads(zlib.decompressobj().decompress(packed, MAX_PLAIN))
    return [{**item, **{name: base64.b64decode(item[name]) for name in _HISTOGRAMS}} for item in items]


def _runs(counts: Any) -> list[list[int]]:
    """Counts per bucket as runs of neighbours: the first bucket, then the counts."""
    buckets = sorted(counts)
    if not buckets:
        return []
    runs = [[buckets[0], counts[buckets[0]]]]
    for before, bucket in pairwise(buckets):
        if bucket - before > GAP:
            runs.append([bucket, counts[bucket]])
        else:
            runs[-1] += [0] * (bucket - before - 1) + [counts[bucket]]
    return runs


def _histogram(runs: Sequence[Sequence[int]]) -> bytes:
    return Histogram({first + step: count for first, *counted in runs
                      for step, count in enumerate(counted) if count}).pack()
