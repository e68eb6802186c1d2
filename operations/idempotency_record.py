"""One idempotency record, and what it means at a given moment.

Powertools (Python, TypeScript, Java, .NET): `status` INPROGRESS | COMPLETED, `expiration` in epoch seconds,
`in_progress_expiration` in epoch milliseconds. COMPLETED keeps a stale in_progress_expiration: status is read first.
Classic: `status` IN_PROGRESS | COMPLETED | FAILED, `expiresAt` in epoch seconds, `result`; its reader never looks at
expiresAt, so a row counts until DynamoDB sweeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from store.clock import SECOND_MS, iso
from store.items import Item


class Schema(StrEnum):
    POWERTOOLS = "powertools"
    CLASSIC = "classic"


class RecordState(StrEnum):
    """What the next attempt with the same key meets."""

    COMPLETED = "completed"
    RUNNING = "running"
    TIMED_OUT = "timed out"
    STUCK = "stuck"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """A record as it was read. `expires_at` and `locked_until` are epoch ms, whatever the row's own unit;
    `result` is the stored response as text; `item` is the row itself, which a release is compared with."""

    table: str
    key: str
    address: Mapping[str, str]
    schema: Schema
    status: str
    expires_at: int | None = None
    locked_until: int | None = None
    result: str | None = None
    item: Item = field(default_factory=dict)

    def state(self, now: int) -> RecordState:
        """At `now`, epoch ms."""
        return _classic_state(self.status) if self.schema is Schema.CLASSIC else self._powertools_state(now)

    def explanation(self, now: int) -> str:
        """The state at `now` (epoch ms) in words: what happens to the next attempt, and until when."""
        until = iso(self.expires_at) if self.expires_at is not None else "it is removed"
        if self.schema is Schema.CLASSIC:
            return self._classic_explanation(now, until)
        return {
            RecordState.EXPIRED: f"It expired at {until} and counts no more; the next attempt runs.",
            RecordState.COMPLETED: f"It ran. Duplicates get the stored result until {until}.",
            RecordState.RUNNING: f"An invocation holds it and may run until {_time(self.locked_until)}; "
                                 "duplicates are refused until then.",
            RecordState.TIMED_OUT: f"Its invocation was cut off by {_time(self.locked_until)} (timeout, out of memory "
                                   "or crash). The next attempt runs by itself; there is nothing to release.",
            RecordState.STUCK: f"It is in progress without a time limit (no Lambda context was registered), so every "
                               f"attempt is refused until {until}.",
        }.get(self.state(now), f"Its status is {self.status or 'missing'}, which no known library writes.")

    def _powertools_state(self, now: int) -> RecordState:
        if self.expires_at is not None and now > self.expires_at:
            return RecordState.EXPIRED
        if self.status == "COMPLETED":
            return RecordState.COMPLETED
        if self.status != "INPROGRESS":
            return RecordState.UNKNOWN
        if self.locked_until is None:
            return RecordState.STUCK
        return RecordState.RUNNING if now <= self.locked_until else RecordState.TIMED_OUT

    def _classic_explanation(self, now: int, until: str) -> str:
        swept = f"until DynamoDB removes the row, which is due after {until} and can take two more days"
        late = " That time has passed; the row still counts." if (self.expires_at or now) < now else ""
        return {
            RecordState.COMPLETED: f"It ran. Duplicates get the stored result {swept}.{late}",
            RecordState.STUCK: f"It is in progress without a time limit, so every attempt is refused {swept}.{late}",
            RecordState.FAILED: "It failed and said so; the next attempt runs.",
        }.get(self.state(now), f"Its status is {self.status or 'missing'}, which this schema does not know.")


def decode(table: str, address: Mapping[str, str], item: Item) -> IdempotencyRecord:
    """The record a row holds. Never raises for what a row lacks: unknown stays unknown."""
    classic = "expiresAt" in item or "idempotencyKey" in address
    key = list(address.values())[-1]
    expires = item.get("expiresAt" if classic else "expiration")
    locked = None if classic else item.get("in_progress_expiration")
    return IdempotencyRecord(
        table, key, address, Schema.CLASSIC if classic else Schema.POWERTOOLS, str(item.get("status", "")),
        _whole(expires, SECOND_MS), _whole(locked, 1), _text(item.get("result" if classic else "data")), item,
    )


def _classic_state(status: str) -> RecordState:
    return {"COMPLETED": RecordState.COMPLETED, "IN_PROGRESS": RecordState.STUCK,
            "FAILED": RecordState.FAILED}.get(status, RecordState.UNKNOWN)


def _whole(value: object, scale: int) -> int | None:
    """A number attribute in ms; None when the row holds something else there."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value * scale)


def _text(value: object) -> str | None:
    """Python, Java and .NET store JSON text, TypeScript native types."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=repr)


def _time(ms: int | None) -> str:
    return iso(ms) if ms is not None else "an unknown time"
