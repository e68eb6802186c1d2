"""Message bodies of up to 1 MiB in a table whose items hold 400 KB: compressed, and cut into parts when need be."""

from __future__ import annotations

import zlib

INLINE_BYTES = 300_000
"""What the letter's own item holds: leaves 100 KB for attributes and journal under DynamoDB's 400 KB."""
PART_BYTES = 380_000
MAX_BODY_BYTES = 4 * 1_048_576
"""SQS takes 1 MiB; anything that unpacks to more than four times that is not a body of ours."""


def pack(body: str) -> tuple[bytes, list[bytes]]:
    """(what stands in the item, further parts). Lone surrogates survive the trip."""
    packed = zlib.compress(body.encode("utf-8", "surrogatepass"), 6)
    if len(packed) <= INLINE_BYTES:
        return packed, []
    return b"", [packed[start:start + PART_BYTES] for start in range(0, len(packed), PART_BYTES)]


def unpack(inline: bytes, parts: list[bytes]) -> str:
    """The body again. Raises ValueError when the bytes are not a packed body."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(inline or b"".join(parts), MAX_BODY_BYTES)
    except zlib.error as error:
        raise ValueError("not a packed message body") from error
    if not inflater.eof:
        raise ValueError("a packed message body is cut short or too large")
    return plain.decode("utf-8", "surrogatepass")
