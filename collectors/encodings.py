"""Bytes of any of the encodings logs are kept in → UTF-8, block by block.

PowerShell's `>` writes UTF-16 with a byte order mark, older Windows tools without; everything else here is UTF-8.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LONGEST_MARK = 3
GUESSED_BYTES = 400
"""Without a mark: English and JSON in UTF-16 have a zero in every other byte, from the first on."""


def in_utf8(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in UTF-8 without a byte order mark. Bytes that are not UTF-8 pass as they are."""
    blocks = iter(blocks)
    head = b""
    while len(head) <= _LONGEST_MARK:
        block = next(blocks, b"")
        if not block:
            break
        head += block
    encoding, head = _encoding(head)
    if encoding == "utf-8":
        if head:
            yield head
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(head).encode("utf-8", "replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _encoding(head: bytes) -> tuple[str, bytes]:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, head[len(mark) :]
    sample = head[:GUESSED_BYTES]
    for at, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = sample[at::2], sample[1 - at :: 2]
        if len(zeros) > 1 and zeros.count(0) * 10 >= len(zeros) * 9 and b"\0" not in others:
            return name, head
    return "utf-8", head
