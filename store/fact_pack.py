"""Facts packed and unpacked: how the deltas of every layout hold them.

Layout 3 keeps columns, compressed: neighbouring numbers of one kind are alike. Measured on 69 facts of one function's
minute: 11.3 bytes a fact, where rows of a fixed shape (layouts 1 and 2) took 26."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from store.histogram import value_of
from store.keys import FACT_BYTES
from store.records import Status

VERSION = 3
"""Layouts 1 and 2 are read; 1 had no evidence, so whatever is read again replaces its facts."""
MAX_PLAIN = 8 * 1_048_576
_ROWS = {1: struct.Struct(">8sHBhIHHB"), 2: struct.Struct(">8sHBhIHHBH")}
_NONE = -32_768
_STATUSES = (Status.OK, Status.ERROR, Status.TIMEOUT, Status.OOM, Status.CRASH)
_COLD, _RESTORED, _INIT, _GROUP = 0x10, 0x20, 0x40, 0x80


@dataclass(frozen=True, slots=True)
class Fact:
    """What counting needs of one closed invocation. `at` is its end, epoch ms; buckets are histogram buckets."""

    event_hash: str
    at: int
    status: Status
    cold: bool = False
    restored: bool = False
    duration_bucket: int | None = None
    init_bucket: int | None = None
    billed_ms: int = 0
    memory_mb: int | None = None
    max_memory_mb: int | None = None
    fingerprint: str | None = None
    version: str | None = None
    evidence: int = 0
    """Lines it rests on: an invocation cut by a batch, or read before its last line came, rests on fewer."""


def pack(facts: Iterable[Fact], since: int) -> bytes:
    """Facts that ended at or after `since` (epoch ms), as bytes: the same for the same set of them."""
    ordered = sorted(facts, key=lambda fact: (fact.at, fact.event_hash))
    versions = sorted({fact.version for fact in ordered if fact.version is not None})
    groups = sorted({fact.fingerprint for fact in ordered if fact.fingerprint is not None})
    ends = [since, *(fact.at for fact in ordered)]
    gaps = [after - before for before, after in zip(ends, ends[1:], strict=False)]
    head = "\0".join(versions).encode("utf-8", "surrogatepass"), bytes.fromhex("".join(groups))
    columns: list[Iterable[int]] = [
        (gap >> 8 for gap in gaps),
        (_flags(fact) for fact in ordered),
        (0 if fact.duration_bucket is None else _signless(fact.duration_bucket) + 1 for fact in ordered),
        (_signless(fact.init_bucket) for fact in ordered if fact.init_bucket is not None),
        (_signless(fact.billed_ms - _likely(fact.duration_bucket)) for fact in ordered),
        (fact.memory_mb or 0 for fact in ordered),
        (fact.max_memory_mb or 0 for fact in ordered),
        (0 if fact.version is None else 1 + versions.index(fact.version) for fact in ordered),
        (fact.evidence for fact in ordered),
        (groups.index(fact.fingerprint) for fact in ordered if fact.fingerprint is not None),
    ]
    plain = bytearray()
    for number in (len(ordered), len(head[0]), len(head[1])):
        _write(plain, number)
    plain += head[0] + head[1]
    for column in columns:
        for number in column:
            _write(plain, number)
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # Hashes and the low bytes of gaps are random: compressed they would be longer.
    random = b"".join(bytes.fromhex(fact.event_hash) for fact in ordered) + bytes(gap & 0xFF for gap in gaps)
    return len(random).to_bytes(4, "big") + random + squeezed.compress(plain) + squeezed.flush()


def unpack(packed: bytes, since: int) -> Iterator[Fact]:
    """The facts again."""
    size = int.from_bytes(packed[:4], "big")
    plain = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed[4 + size:], MAX_PLAIN)
    take = _numbers(plain)
    count, first, second = take(3)
    versions = plain[take.at:take.at + first].decode("utf-8", "surrogatepass").split("\0")
    groups = plain[take.at + first:take.at + first + second].hex()
    take.at += first + second
    gaps, flags, durations = take(count), take(count), take(count)
    inits = iter(take(sum(bool(flag & _INIT) for flag in flags)))
    billed, memory, peak, version, evidence = (take(count) for _ in range(5))
    named = iter(take(sum(bool(flag & _GROUP) for flag in flags)))
    at = since
    for number in range(count):
        at += (gaps[number] << 8) + packed[4 + count * FACT_BYTES + number]
        flag, place = flags[number], 4 + number * FACT_BYTES
        bucket = _signed(durations[number] - 1) if durations[number] else None
        yield Fact(
            packed[place:place + FACT_BYTES].hex(), at, _STATUSES[flag & 0x0F],
            cold=bool(flag & _COLD), restored=bool(flag & _RESTORED),
            duration_bucket=bucket,
            init_bucket=_signed(next(inits)) if flag & _INIT else None,
            billed_ms=_signed(billed[number]) + _likely(bucket),
            memory_mb=memory[number] or None, max_memory_mb=peak[number] or None,
            fingerprint=_group(groups, next(named)) if flag & _GROUP else None,
            version=versions[version[number] - 1] if version[number] else None, evidence=evidence[number],
        )


def unpack_rows(packed: bytes, minute: int, versions: Sequence[str], layout: int) -> Iterator[Fact]:
    """The facts of layouts 1 and 2. Their event hashes had 8 bytes; the first ones are what is compared now."""
    rows, position = _ROWS[layout], 0
    while position < len(packed):
        name, offset, flags, duration, billed, memory, peak, version, *told = rows.unpack_from(packed, position)
        position += rows.size
        init = group = None
        if flags & _INIT:
            (init,) = struct.unpack_from(">h", packed, position)
            position += 2
        if flags & _GROUP:
            group = packed[position:position + 8].hex()
            position += 8
        yield Fact(
            event_hash=name[:FACT_BYTES].hex(), at=minute + offset, status=_STATUSES[flags & 0x0F],
            cold=bool(flags & _COLD), restored=bool(flags & _RESTORED),
            duration_bucket=None if duration == _NONE else duration, init_bucket=init, billed_ms=billed,
            memory_mb=memory or None, max_memory_mb=peak or None, fingerprint=group,
            version=versions[version - 1] if version else None, evidence=told[0] if told else 0,
        )


def _flags(fact: Fact) -> int:
    return (_STATUSES.index(fact.status) | (_COLD if fact.cold else 0) | (_RESTORED if fact.restored else 0)
            | (_INIT if fact.init_bucket is not None else 0) | (_GROUP if fact.fingerprint is not None else 0))


def _likely(bucket: int | None) -> int:
    """What is billed is nearly the duration, but for an init: only the difference from its bucket is kept. Of no
    bucket in use is the estimate nearer than 0.0001 to a half, so it rounds alike on every machine."""
    return 0 if bucket is None else round(value_of(bucket))


def _group(groups: str, number: int) -> str:
    return groups[16 * number:16 * number + 16]


def _signless(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _signed(number: int) -> int:
    return -((number + 1) >> 1) if number & 1 else number >> 1


def _write(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append((number & 0x7F) | 0x80)
        number >>= 7
    out.append(number)


class _Numbers:
    """Takes so many varints from where the last ones ended."""

    def __init__(self, plain: bytes) -> None:
        self.plain, self.at = plain, 0

    def __call__(self, count: int) -> list[int]:
        plain, at = self.plain, self.at
        short = plain[at:at + count]
        if not count or max(short, default=0x80) < 0x80:
            self.at += count
            return list(short)
        found: list[int] = []
        for _ in range(count):
            number = shift = 0
            while True:
                byte = plain[at]
                at += 1
                number |= (byte & 0x7F) << shift
                if byte < 0x80:
                    break
                shift += 7
            found.append(number)
        self.at = at
        return found


def _numbers(plain: bytes) -> _Numbers:
    return _Numbers(plain)
