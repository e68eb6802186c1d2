"""Which log events were taken in before: a bounded memory of event ids, a stream at a time."""

from __future__ import annotations

from collectors.events import Batch

MAX_SEEN = 10_000
"""Event ids remembered, twice over: a redelivered batch is at most 10,000 events; 2 MB each time."""


class Seen:
    """Remembers at least the last `MAX_SEEN` ids, and never more than twice as many and a batch."""

    def __init__(self) -> None:
        self._now: dict[str, set[str]] = {}
        self._before: dict[str, set[str]] = {}
        self._size = 0

    def again(self, stream: str, event_id: str) -> bool:
        """Whether this id came before in its stream; it is remembered. An empty id never did."""
        if not event_id:
            return False
        if event_id in self._before.get(stream, ()) or event_id in self._now.get(stream, ()):
            return True
        self._remember(stream, {event_id})
        return False

    def new_in(self, batch: Batch) -> Batch:
        """The batch without the events that came before; all of them are remembered.

        Whole sets are compared and united: 0.1 µs an event, where asking for each costs 0.3."""
        ids = set(batch.ids)
        before = self._before.get(batch.log_stream)
        now = self._now.get(batch.log_stream)
        repeated = before is not None and not before.isdisjoint(ids)
        repeated = repeated or (now is not None and not now.isdisjoint(ids))
        if repeated or len(ids) < len(batch.ids) or "" in ids:
            kept = [at for at, event_id in enumerate(batch.ids) if not self.again(batch.log_stream, event_id)]
            return Batch(batch.log_group, batch.log_stream, [batch.ids[at] for at in kept],
                         [batch.timestamps[at] for at in kept], [batch.messages[at] for at in kept])
        self._remember(batch.log_stream, ids)
        return batch

    def _remember(self, stream: str, ids: set[str]) -> None:
        if self._size >= MAX_SEEN:
            self._before, self._now, self._size = self._now, {}, 0
        known = self._now.get(stream)
        if known is None:
            self._now[stream] = ids
        else:
            known |= ids
        self._size += len(ids)
