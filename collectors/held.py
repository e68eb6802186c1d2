"""What the usual lane keeps of a stream between two batches: events, and no more made of them than is certain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from collectors.drafts import Draft, EnvironmentDraft
from collectors.events import Batch

if TYPE_CHECKING:
    from collectors.usual_lines import Usual

MAX_EVENTS, MAX_CHARS = 64, 64_000
"""Of an invocation cut by the end of a batch: more are applied at once, so that memory stays bounded and a long
invocation in small batches is not read again and again from its START."""


class Held(NamedTuple):
    """A usual invocation up to the end of a batch: these events, from its START on, wait for what comes next."""

    batch: Batch
    environment: EnvironmentDraft | None
    whole: Usual | None
    """What was read, if its REPORT was there."""


class Settled(NamedTuple):
    """The usual invocation that ended last: should a late line speak of it, its draft is made after all."""

    request_id: str
    occurrence: int
    batch: Batch
    environment: EnvironmentDraft | None
    again: Callable[[Settled], Draft]

    def draft(self) -> Draft:
        return self.again(self)


def may_wait(messages: Sequence[str]) -> bool:
    """Whether so much may be held."""
    return len(messages) <= MAX_EVENTS and sum(map(len, messages)) <= MAX_CHARS
