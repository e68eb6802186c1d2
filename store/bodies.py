"""Messages of up to 1 MiB in a table whose items hold 400 KB: compressed, and cut into parts when need be. Attributes
count in SQS's limit, so either can be the large one."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping

from store.letters import MessageAttribute

INLINE_BYTES = 300_000
"""What the letter's own item holds: leaves 100 KB for attributes and journal under DynamoDB's 400 KB."""
PART_BYTES = 380_000
ATTRIBUTE_BYTES = 60_000
"""Attributes the letter's own item holds beside the body; larger ones go into parts."""
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


def pack_attributes(attributes: Mapping[str, MessageAttribute]) -> list[bytes]:
    """Parts for attributes that are too large to stand in the letter's item; none when they are not."""
    size = sum(len(name.encode()) + len(one.type.encode()) + len((one.string or "").encode("utf-8", "surrogatepass"))
               + len(one.binary or b"") for name, one in attributes.items())
    if size <= ATTRIBUTE_BYTES:
        return []
    wire = {name: [one.type, one.string, None if one.binary is None else base64.b64encode(one.binary).decode()]
            for name, one in attributes.items()}
    packed = zlib.compress(json.dumps(wire).encode(), 6)
    return [packed[start:start + PART_BYTES] for start in range(0, len(packed), PART_BYTES)]


def unpack_attributes(parts: list[bytes]) -> dict[str, MessageAttribute]:
    """The attributes again. Raises ValueError when the bytes are none."""
    wire = json.loads(unpack(b"", parts))
    return {name: MessageAttribute(kind, string, None if binary is None else base64.b64decode(binary))
            for name, (kind, string, binary) in wire.items()}
