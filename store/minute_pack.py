"""Sixty minute rollups in one binary attribute: compressed JSON, about 6 KB where the items would take 40."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence

from store.items import Item

MAX_BYTES = 8 * 1_048_576
"""Sixty minutes of full histograms are under 1 MiB; anything larger is not ours."""
_BINARY = ("duration", "init")


def pack(items: Sequence[Item]) -> bytes:
    """Rollup items as one value."""
    plain = [{**item, **{name: base64.b64encode(item[name]).decode() for name in _BINARY}} for item in items]
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 6)


def unpack(packed: bytes) -> list[Item]:
    """The items again. Raises ValueError on anything `pack` did not make."""
    inflater = zlib.decompressobj()
    plain = inflater.decompress(packed, MAX_BYTES)
    items: list[Item] = json.loads(plain)
    return [{**item, **{name: base64.b64decode(item[name]) for name in _BINARY}} for item in items]
