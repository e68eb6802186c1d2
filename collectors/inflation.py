"""base64 and gzip out of untrusted hands, with a limit on what may come out."""

from __future__ import annotations

import base64
import binascii
import zlib

MAX_BYTES = 64 * 1024 * 1024
"""A subscription payload is at most 1 MB of gzip over at most a few MB of events; 64 MB is a bomb."""
GZIP = b"\x1f\x8b"
_WITH_GZIP_HEADER = 31


class Undecodable(ValueError):
    """The data cannot be read; the message is the sentence shown."""


def inflated(data: bytes, limit: int = MAX_BYTES) -> bytes:
    """All gzip members of `data`, one after another. Raises Undecodable for what is cut, damaged or over `limit`."""
    out = bytearray()
    while data[:2] == GZIP:
        member = zlib.decompressobj(_WITH_GZIP_HEADER)
        try:
            out += member.decompress(data, limit + 1 - len(out))
        except zlib.error as damaged:
            raise Undecodable(f"gzip data that is damaged ({damaged})") from damaged
        if len(out) > limit:
            raise Undecodable(f"gzip data that grows beyond {limit // (1024 * 1024)} MB")
        if not member.eof:
            raise Undecodable("gzip data that is cut short")
        data = member.unused_data.lstrip(b"\0")
    return bytes(out)


def unpacked(data: str | bytes, limit: int = MAX_BYTES) -> bytes:
    """base64, with or without gzip inside. Raises Undecodable."""
    try:
        raw = base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError) as wrong:
        raise Undecodable(f"data that is not base64 ({wrong})") from wrong
    return inflated(raw, limit) if raw[:2] == GZIP else raw
