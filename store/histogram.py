"""A log-bucket histogram: durations in, percentiles out, relative error at most 2 %.

Bucket `k` holds values in (γ^(k-1), γ^k] with γ = (1+α)/(1-α); its estimate is 2γ^k/(γ+1), which is
within α of every value in it. Merging is addition, so percentiles of any window, shard or fleet are taken
after merging and never averaged. α and the range are frozen: `SCHEME` is kept in every rollup, and a
histogram of another scheme is refused, never misread. The same buckets as DDSketch's logarithmic mapping.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from store.errors import StoreError

ALPHA = 0.02
GAMMA = (1 + ALPHA) / (1 - ALPHA)
_LOG_GAMMA = math.log(GAMMA)
SCHEME = "log-2%-v1"
MAX_VALUE = 86_400_000.0
"""Values above a day in ms are clamped: no Lambda duration reaches it."""
MIN_SAMPLES = 20
"""Below 20 values a percentile is noise: `n = 12` is shown instead."""
ZERO_BUCKET = -10_000
"""Holds values ≤ 0.01 ms, which have no useful logarithm."""

MAX_VARINT = 10
"""Bytes of 70 bits: no count is larger."""
DAMAGED = "A histogram in the table is damaged."


def bucket_of(value: float) -> int:
    """The bucket index of one value (ms, MB, …). Values ≤ 0.01 go to `ZERO_BUCKET`."""
    if value <= 0.01:
        return ZERO_BUCKET
    return math.ceil(math.log(min(value, MAX_VALUE)) / _LOG_GAMMA - 1e-9)


LAST_BUCKET = bucket_of(MAX_VALUE)


def value_of(bucket: int) -> float:
    """The estimate for a bucket, within 2 % of every value in it."""
    if bucket == ZERO_BUCKET:
        return 0.0
    return float(2 * GAMMA**bucket / (GAMMA + 1))


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts per bucket. Immutable; `merge` adds."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Iterable[float]) -> Histogram:
        counts: dict[int, int] = {}
        for value in values:
            bucket = bucket_of(value)
            counts[bucket] = counts.get(bucket, 0) + 1
        return cls(counts)

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    def merge(self, other: Histogram) -> Histogram:
        merged = dict(self.counts)
        for bucket, count in other.counts.items():
            merged[bucket] = merged.get(bucket, 0) + count
        return Histogram(merged)

    def quantile(self, q: float) -> float | None:
        """The q-quantile (0 ≤ q ≤ 1, nearest rank), or None when empty."""
        total = self.n
        if total == 0:
            return None
        rank = max(1, math.ceil(q * total))
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                return value_of(bucket)
        raise AssertionError("a rank within the total always falls into a bucket")

    def percentile(self, q: float) -> float | None:
        """Like `quantile`, but None below `MIN_SAMPLES` values: too few to be honest about."""
        return self.quantile(q) if self.n >= MIN_SAMPLES else None

    def pack(self) -> bytes:
        """Sorted (bucket, count) pairs as signed-delta varints: 0.3–1 KB for a full day."""
        out = bytearray()
        previous = 0
        for bucket in sorted(self.counts):
            delta = bucket - previous
            _write_varint(out, (delta << 1) ^ (delta >> 63))
            _write_varint(out, self.counts[bucket])
            previous = bucket
        return bytes(out)

    @classmethod
    def unpack(cls, packed: bytes) -> Histogram:
        """What `pack` made. Raises StoreError for any other bytes: a number that was never counted must not show."""
        counts: dict[int, int] = {}
        position, previous = 0, 0
        while position < len(packed):
            zigzag, position = _read_varint(packed, position)
            bucket = previous + ((zigzag >> 1) ^ -(zigzag & 1))
            count, position = _read_varint(packed, position)
            if count == 0 or bucket > LAST_BUCKET or bucket < ZERO_BUCKET or (counts and bucket <= previous):
                raise StoreError(DAMAGED)
            counts[bucket], previous = count, bucket
        return cls(counts)


def _write_varint(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append((number & 0x7F) | 0x80)
        number >>= 7
    out.append(number)


def _read_varint(packed: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    for at in range(position, min(len(packed), position + MAX_VARINT)):
        number |= (packed[at] & 0x7F) << shift
        if packed[at] < 0x80 and (packed[at] or at == position):
            return number, at + 1
        shift += 7
    raise StoreError(DAMAGED)
